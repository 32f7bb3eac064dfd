"""The compiled kernel of a custom rule, called on nodes made by hand: which child it picks, and what it says of it."""

from __future__ import annotations

import ctypes
import math
import mmap
from typing import Any

import numpy as np
import pytest
from compiled_rules import compiled
from rule_nodes import node

from treewright.mcts.custom.names import NAMES
from treewright.mcts.fields import EXHAUSTED
from treewright.mcts.hashing import splitmix64

SIZES = [1, 2, 7, 8, 9, 15, 16, 17, 31, 70]
TABLE = np.array([0.5, 1.0, 0.25])


def puct(q, prior, visits, in_flight, parent_visits):
    return q + 1.25 * prior * math.sqrt(parent_visits) / (1 + visits + in_flight)


def by_table(index, q):
    return TABLE[index] * q


def logarithm(q, prior):
    return math.log(q - prior)


def rising(q, index):
    return q + 1e-9 * index


def every_name(
    q, visits, in_flight, started, prior, reward, raw, mean, best, variance, index, uniform, children,
    parent_visits, parent_in_flight, parent_started, parent_q, parent_raw, depth,
):  # fmt: skip
    # The reward says which of them is asked for.
    return (
        (reward == 0) * q
        + (reward == 1) * visits
        + (reward == 2) * in_flight
        + (reward == 3) * started
        + (reward == 4) * prior
        + (reward == 5) * reward
        + (reward == 6) * raw
        + (reward == 7) * mean
        + (reward == 8) * best
        + (reward == 9) * variance
        + (reward == 10) * index
        + (reward == 11) * uniform
        + (reward == 12) * children
        + (reward == 13) * parent_visits
        + (reward == 14) * parent_in_flight
        + (reward == 15) * parent_started
        + (reward == 16) * parent_q
        + (reward == 17) * parent_raw
        + (reward == 18) * depth
    )


@pytest.mark.parametrize("count", SIZES)
@pytest.mark.parametrize("shown", [False, True])
@pytest.mark.parametrize("skip", [0, 1])
@pytest.mark.parametrize("random_ties", [0, 1])
def test_the_child_of_the_highest_score_is_picked(count: int, shown: bool, skip: int, random_ties: int) -> None:
    for seed in range(4):
        made = node(count, seed, shown=shown, skip=skip, random_ties=random_ties)
        expected = made.expected(puct)
        assert made.pick(puct) == expected
        if expected < count:
            assert made.best() == made.scores(puct)[expected]


@pytest.mark.parametrize("count", [1, 5, 8, 13])
def test_without_an_eligible_child_the_answer_is_their_number(count: int) -> None:
    made = node(count, skip=1)
    made.places["flags"] = EXHAUSTED
    assert made.pick(puct) == count
    assert made.best() == -math.inf
    made.record["skip"] = 0
    assert made.pick(puct) < count


@pytest.mark.parametrize(("count", "wrong"), [(3, 2), (8, 0), (8, 7), (20, 5), (20, 17), (20, 19)])
def test_a_nan_is_reported_with_its_child(count: int, wrong: int) -> None:
    made = node(count)
    made.slots["q"], made.slots["prior"] = 1.0, 0.5
    made.slots["q"][wrong:] = 0.25  # from here on log(-0.25)
    assert made.pick(logarithm) == -1 - wrong
    made.places["flags"], made.record["skip"] = EXHAUSTED, 1
    made.places["flags"][0] = 0
    assert made.pick(logarithm) == (0 if wrong else -1)  # scores of exhausted children do not matter


def test_a_score_may_be_infinite() -> None:
    for count in (3, 8, 11):
        made = node(count)
        made.slots["q"], made.slots["prior"] = 1.0, 1.0  # log 0
        assert made.pick(logarithm) == 0
        assert made.best() == -math.inf
        made.record["skip"], made.places["flags"], made.places["flags"][0] = 1, 0, EXHAUSTED
        assert made.pick(logarithm) == 1
        made.record["random_ties"] = 1
        draws = [splitmix64(2**63 ^ child) for child in range(count)]
        assert made.pick(logarithm) == draws.index(max(draws[1:]))
        made.slots["q"][2] = np.inf
        assert made.pick(logarithm) == 2
        assert made.best() == math.inf


@pytest.mark.parametrize("count", [2, 5, 8])
def test_random_ties_are_spread_by_the_key(count: int) -> None:
    picks = []
    for key in range(40 * count):
        made = node(count, key=key, random_ties=1)
        made.slots["q"] = 0.5
        picks.append(made.pick(rising))
        assert picks[-1] == made.expected(rising)
    assert set(picks) == set(range(count))


@pytest.mark.parametrize("count", [5, 8])
def test_scores_are_compared_as_float32(count: int) -> None:
    # 1e-9 apart: the same float32, so the first of them wins; at 0 they are different numbers.
    made = node(count)
    made.slots["q"] = 0.5
    assert made.pick(rising) == 0
    made.slots["q"] = 0.0
    assert made.pick(rising) == count - 1


def test_a_rule_that_raises_has_no_score() -> None:
    # Children 3 and up are beyond the table.
    assert node(3).pick(by_table) >= 0
    assert node(4).pick(by_table) == -4
    assert node(16).pick(by_table) == -4


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("count", [3, 11])
@pytest.mark.parametrize("parent_raw", [np.nan, 0.125])
def test_every_name_is_what_it_says(name: str, count: int, parent_raw: float) -> None:
    made = node(count, 3, shown=True, skip=1, range_squared=0.25, parent_raw=parent_raw)
    made.slots["reward"] = compiled(every_name).names.index(name)
    for child in range(count):
        made.places["flags"] = EXHAUSTED
        made.places["flags"][child] = 0
        assert made.pick(every_name) == child
        assert made.best() == np.float32(made.given(child)[name]), (child, made.slots[child], made.returns[child])


def test_a_kernel_reads_nothing_beyond_the_last_child() -> None:
    # The last child ends where the memory that may be read ends.
    page = mmap.PAGESIZE
    for count in (1, 7, 8, 9, 16, 21):
        made = node(count, 1, shown=True)
        expected = made.expected(every_name)
        kept: list[Any] = []
        for name, column in (("children", made.slots), ("returns", made.returns), ("q", made.shown)):
            assert column is not None
            address, memory = guarded(column.tobytes(), page)
            made.record[name] = address
            kept.append(memory)
        assert made.pick(every_name) == expected


def guarded(content: bytes, page: int) -> tuple[int, Any]:
    """A copy that ends at a page which cannot be read: its address, and what keeps it there."""
    pages = -(-len(content) // page)
    memory = mmap.mmap(-1, (pages + 1) * page)
    begin = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    memory[pages * page - len(content) : pages * page] = content
    protect = ctypes.CDLL(None, use_errno=True).mprotect
    assert protect(ctypes.c_void_p(begin + pages * page), ctypes.c_size_t(page), 0) == 0
    return begin + pages * page - len(content), memory

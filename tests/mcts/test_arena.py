"""Moves, releases and views: what happens to memory, and that ids and tickets do not notice."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from treewright.mcts import Forest, InvalidInput, LimitExceeded, ReferenceForest, Snapshot, StaleTicket
from treewright.mcts.fields import MAX_SLOTS, PLACE, RETURNS, SLOT

REPOSITORY = Path(__file__).parents[2]


def grow(forest: Any, trees: Any, rounds: int, actions: int = 4) -> None:
    for number in range(rounds):
        leaves = forest.select_batch(trees)
        count = len(leaves.ticket)
        forest.expand_batch(leaves.ticket, [actions] * count, np.linspace(0.1, 1, actions * count))
        forest.backup_batch(leaves.ticket, (leaves.depth * 7 + leaves.tree * 3 + number) % 11 / 10)


def test_widening_moves_the_siblings_and_keeps_ids_and_tickets(kind: Any) -> None:
    forest = kind(capacity=2)
    tree = int(forest.new_trees(1)[0])
    root = forest.select_batch([tree])
    (first,) = forest.expand_batch(root.ticket, [1], [0.5])
    pending = forest.reserve_batch([first])
    below = forest.expand_batch(pending, [3], [0.1, 0.2, 0.3])
    deep = forest.reserve_batch(below[1:2])
    made = [first, *(int(forest.expand_batch(root.ticket, [1], [0.5])[0]) for _ in range(99))]
    assert forest.children(forest.root(tree)).tolist() == made
    assert forest.children(first).tolist() == below.tolist()
    forest.backup_batch(np.concatenate([deep, pending, root.ticket]), [1.0, 0.0, 0.5])
    shot = forest.snapshot(tree)
    assert shot.visits[:2].tolist() == [3, 2]
    assert shot.visits[-3:].tolist() == [0, 1, 0]
    assert shot.parent[-3:].tolist() == [first] * 3
    assert not shot.in_flight.any()


def test_a_parent_of_65535_children_is_full(kind: Any) -> None:
    forest = kind()
    tree = int(forest.new_trees(1)[0])
    root = forest.select_batch([tree])
    forest.expand_batch(root.ticket, [65_534], np.ones(65_534))
    twice = np.concatenate([root.ticket, forest.reserve_batch([forest.root(tree)])])
    with pytest.raises(LimitExceeded, match=r"counts\[1\].*65536 children, the limit is 65535"):
        forest.expand_batch(twice, [1, 1], [1.0, 1.0])
    forest.expand_batch(root.ticket, [1], [1.0])
    assert len(forest.root_stats(tree).node) == 65_535


def path(edges: int) -> Snapshot:
    """An unvisited tree without branches."""
    nodes = np.arange(edges + 1, dtype=np.int32)
    zeros, unknown = np.zeros(edges + 1, np.float32), np.full(edges + 1, np.nan, np.float32)
    none = np.zeros(edges + 1, np.int32)
    return Snapshot(
        node=nodes,
        parent=nodes - 1,
        depth=nodes,
        visits=none,
        in_flight=none,
        q=zeros,
        prior=zeros + 1,
        reward=zeros,
        raw=unknown,
        mean=unknown,
        max=unknown,
        m2=zeros,
        flags=none.astype(np.uint8),
        target=none - 1,
        hash=none.astype(np.uint64),
    )


def test_a_path_of_65535_edges_is_full() -> None:
    forest = Forest()
    with pytest.raises(InvalidInput, match="row 65536 has depth 65536"):
        forest.add_tree(path(70_000))
    tree = forest.add_tree(path(65_535))
    last = forest.select_batch([tree])
    assert last.depth.tolist() == [65_535]
    with pytest.raises(LimitExceeded, match="at depth 65535, the limit"):
        forest.expand_batch(last.ticket, [1], [1.0])
    forest.backup_batch(last.ticket, [1.0])
    assert forest.root_stats(tree).root_q == 1.0


def test_released_memory_and_ids_are_used_again() -> None:
    forest = Forest()
    oracle = ReferenceForest()
    for each in (forest, oracle):
        grow(each, each.new_trees(4), 30)
        each.release([2, 0])
    used = forest.slots_used
    for each in (forest, oracle):
        assert each.new_trees(2).tolist() == [0, 2]
        grow(each, [0, 2], 30)
    assert forest.slots_used == used
    for tree in range(4):
        np.testing.assert_array_equal(forest.snapshot(tree).visits, oracle.snapshot(tree).visits)
    forest.release([0, 1, 2, 3])
    assert (forest.slots()["node"] < 0).all()


def test_a_released_tree_takes_its_tickets_along(kind: Any) -> None:
    forest = kind()
    trees = forest.new_trees(2)
    leaves = forest.select_batch(trees)
    forest.release(trees[:1])
    with pytest.raises(StaleTicket, match=r"tickets\[1\]"):
        forest.backup_batch(leaves.ticket[::-1], [0.5, 0.5])
    assert forest.tickets_out == 1
    forest.backup_batch(leaves.ticket[1:], [0.5])


def test_views_show_the_columns() -> None:
    forest = Forest(capacity=1024)
    trees = forest.new_trees(3)
    grow(forest, trees, 10)
    slots, places, returns = forest.slots(), forest.places(), forest.returns()
    assert (slots.dtype, returns.dtype, places.dtype) == (SLOT, RETURNS, PLACE)
    assert len(slots) == len(returns) == len(places) == forest.slots_used
    shot = forest.snapshot(1)
    at = forest.slot_of()[shot.node]
    assert (places["tree"][at] == 1).all()
    np.testing.assert_array_equal(places["depth"][at], shot.depth)
    np.testing.assert_array_equal(places["capacity"][at] >= slots["count"][at], True)
    np.testing.assert_array_equal(slots["q"][at], shot.q)
    visited = shot.visits > 0
    np.testing.assert_array_equal(returns["raw"][at][visited], shot.raw[visited])
    assert not slots.flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        slots["q"] = 0.0
    before = slots["started"][at[0]]
    forest.select_batch([1])
    assert slots["started"][at[0]] == before + 1  # no copy


def test_views_outlive_growth_and_the_forest() -> None:
    forest = Forest(capacity=64)
    tree = forest.new_trees(1)
    grow(forest, tree, 5)
    slots = forest.slots()
    grow(forest, tree, 500)
    assert forest.slots_capacity > 64
    assert len(forest.slots()) > len(slots)
    last = slots.copy()
    assert 5 < last["started"][0] < 505  # up to the growth it followed the forest, and then no longer
    grow(forest, tree, 500)
    del forest
    gc.collect()
    alive = last["node"] >= 0
    np.testing.assert_array_equal(slots[alive], last[alive])


def test_a_slot_takes_at_most_64_bytes() -> None:
    assert SLOT.itemsize == 32
    forest = Forest(capacity=1_000_000)
    assert 64_000_000 <= forest.bytes <= 64_000_000 + (1 << 21)
    assert forest.slots().ctypes.data % 64 == 0


def test_more_slots_than_an_index_can_name_are_refused() -> None:
    with pytest.raises(LimitExceeded, match=str(MAX_SLOTS)):
        Forest(capacity=MAX_SLOTS + 1)
    with pytest.raises(LimitExceeded):
        Forest().new_trees(MAX_SLOTS)


def test_memory_that_cannot_be_had_is_a_memory_error_and_changes_nothing() -> None:
    program = """
import resource
from treewright.mcts import Forest
forest = Forest()
forest.new_trees(3)
resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
for call in (lambda: forest.new_trees(50_000_000), lambda: Forest(capacity=100_000_000)):
    try:
        call()
    except MemoryError as error:
        print(error)
print(forest.trees_open, forest.new_trees(1))
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(REPOSITORY / ".pkg")},
    )
    lines = done.stdout.splitlines()
    assert lines[0].startswith("out of memory for the tables of trees")
    assert lines[1].endswith("bytes for 100000000 slots")
    assert lines[2] == "3 [3]"


def test_a_tree_grows_alike_alone_and_among_others() -> None:
    def grown(batches: list[list[int]]) -> list[list[list[float]]]:
        forest = Forest(seed=3, ties="random")
        forest.new_trees(70)
        for trees in batches:
            for number in range(40):
                leaves = forest.select_batch(trees, 2)
                count = len(leaves.ticket)
                forest.expand_batch(leaves.ticket, [4] * count, [0.25] * 4 * count)
                forest.backup_batch(leaves.ticket, (leaves.tree * 5 + number * 7) % 11 / 10)
        shots = [forest.snapshot(tree) for tree in range(70)]
        return [[shot.visits.tolist(), shot.depth.tolist(), shot.q.tolist(), shot.m2.tolist()] for shot in shots]

    everyone = list(range(70))
    together = grown([everyone])
    assert together == grown([everyone[::-1]])
    assert together == grown([[tree] for tree in everyone])
    assert together[0] != together[11]


def test_two_threads_take_turns() -> None:
    forest = Forest(capacity=2)
    trees = forest.new_trees(16)
    failures: list[BaseException] = []

    def work(mine: Any) -> None:
        try:
            grow(forest, mine, 300)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(trees[start::4],)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    for tree in trees:
        shot = forest.snapshot(tree)
        assert shot.visits[0] == 300
        assert len(shot.node) == 1 + 4 * 300
        assert not shot.in_flight.any()

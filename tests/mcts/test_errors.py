"""What is refused, what the message says, and that the forest is as it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from treewright.mcts import (
    PUCT,
    ClosedTree,
    DuplicateTicket,
    Forest,
    ForestError,
    InvalidInput,
    StaleTicket,
    TerminalNode,
    UnknownNode,
)

Call = Callable[[Any, Any], Any]


class State:
    """A forest with two tickets out: `out[0]` of a plain leaf, `out[1]` of a terminal one; `gone` was consumed."""

    def __init__(self, kind: Any) -> None:
        self.forest = kind(rule=PUCT())
        self.tree = int(self.forest.new_trees(1)[0])
        self.gone = int(self.forest.select_batch([self.tree]).ticket[0])
        self.forest.expand_batch([self.gone], [2], [0.6, 0.4], terminal=[False, True])
        self.forest.backup_batch([self.gone], [0.5])
        self.out = self.forest.select_batch([self.tree], 2).ticket.tolist()

    def seen(self) -> list[bytes]:
        """All that can be seen of the tree."""
        return [column.tobytes() for column in self.forest.snapshot(self.tree)] + [bytes(self.forest.tickets_out)]


CASES: list[tuple[str, type[ForestError], str, Call]] = [
    ("consumed", StaleTicket, r"tickets\[1\] is \d+: it is not out", lambda f, s: f.cancel_batch([s.out[0], s.gone])),
    ("never issued", StaleTicket, r"tickets\[0\] is 12345", lambda f, s: f.backup_batch([12345 + s.tree], [0.5])),
    ("negative", StaleTicket, r"tickets\[1\] is -1", lambda f, s: f.backup_batch([s.out[0], -1], [0.5, 0.5])),
    ("twice", DuplicateTicket, r"tickets\[2\]", lambda f, s: f.cancel_batch([*s.out, s.out[0]])),
    ("twice expanded", DuplicateTicket, r"tickets\[1\]", lambda f, s: f.expand_batch([s.out[0]] * 2, [0, 0], [])),
    ("terminal", TerminalNode, r"tickets\[1\].* terminal", lambda f, s: f.expand_batch(s.out, [1, 1], [1, 1])),
    ("closed", ClosedTree, r"trees\[1\] is 9: no open tree", lambda f, s: f.select_batch([s.tree, 9])),
    ("closed root", ClosedTree, r"tree is 9", lambda f, s: f.root(9 + s.tree)),
    ("huge tree", ClosedTree, r"no open tree", lambda f, s: f.root(2**70 + s.tree)),
    ("tree twice", InvalidInput, r"trees\[1\] is 0, given before", lambda f, s: f.select_batch([s.tree, s.tree])),
    ("no leaves", InvalidInput, r"leaves is 0: expected at least 1", lambda f, s: f.select_batch([s.tree], 0)),
    ("half a leaf", InvalidInput, r"leaves is 1.5: expected an int", lambda f, s: f.select_batch([s.tree], 1.5)),
    ("unknown node", UnknownNode, r"nodes\[2\] is 77", lambda f, s: f.reserve_batch([s.tree, 0, 77])),
    ("unknown parent", UnknownNode, r"node is -3", lambda f, s: f.children(s.tree - 3)),
    ("NaN value", InvalidInput, r"values\[1\] is nan", lambda f, s: f.backup_batch(s.out, [0.5, np.nan])),
    ("high value", InvalidInput, r"values\[0\] is 1.25.*\[0", lambda f, s: f.backup_batch(s.out, [1.25, 0.5])),
    ("negative prior", InvalidInput, r"priors\[1\]", lambda f, s: f.expand_batch(s.out[:1], [2], [0.5, -0.1])),
    ("NaN prior", InvalidInput, r"priors\[0\] is nan", lambda f, s: f.expand_batch(s.out[:1], [1], [np.nan])),
    ("infinite prior", InvalidInput, r"priors\[0\]", lambda f, s: f.expand_batch(s.out[:1], [1], [1e300])),
    ("infinite reward", InvalidInput, r"rewards\[0\]", lambda f, s: f.expand_batch(s.out[:1], [1], [1], [-np.inf])),
    ("urgency", InvalidInput, r"urgency\[0\]", lambda f, s: f.expand_batch(s.out[:1], [1], [1], urgency=[-0.5])),
    ("negative count", InvalidInput, r"counts\[0\] is -1", lambda f, s: f.expand_batch(s.out[:1], [-1], [])),
    ("few priors", InvalidInput, r"priors has length 1: expected 2", lambda f, s: f.expand_batch(s.out[:1], [2], [1])),
    ("few counts", InvalidInput, r"counts has length 1", lambda f, s: f.expand_batch(s.out, [1], [1])),
    ("few values", InvalidInput, r"values has length 1", lambda f, s: f.backup_batch(s.out, [1])),
    ("float tickets", InvalidInput, r"tickets has dtype float64", lambda f, s: f.cancel_batch([s.out[0] + 0.5])),
    ("text values", InvalidInput, r"values has dtype <U", lambda f, s: f.backup_batch(s.out, ["0.5", "1"])),
    ("ragged", InvalidInput, r"values is no array", lambda f, s: f.backup_batch(s.out, [[0.5], [1, 2]])),
    ("a table", InvalidInput, r"values has 2 dimensions", lambda f, s: f.backup_batch(s.out, [[0.5], [1]])),
    ("number", InvalidInput, r"tickets has 0 dimensions", lambda f, s: f.cancel_batch(s.out[0])),
    ("integer terminal", InvalidInput, r"terminal has", lambda f, s: f.expand_batch(s.out[:1], [1], [1], None, [1])),
    ("wide id", InvalidInput, r"trees\[0\] is 4294967296", lambda f, s: f.select_batch([s.tree + 2**32])),
    ("negative trees", InvalidInput, r"count is -1", lambda f, s: f.new_trees(s.tree - 1)),
]


@pytest.mark.parametrize(("error", "message", "call"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_refused_call_names_the_index_and_changes_nothing(
    kind: Any, error: type[ForestError], message: str, call: Call
) -> None:
    state = State(kind)
    before = state.seen()
    with pytest.raises(error, match=message):
        call(state.forest, state)
    assert state.seen() == before
    assert state.forest.trees_open == 1
    state.forest.backup_batch(state.out, [0.5, 0.5])  # the tickets are as good as they were


def test_a_ticket_of_another_forest_is_stale(kind: Any) -> None:
    mine, other = State(kind), State(Forest)
    with pytest.raises(StaleTicket):
        mine.forest.backup_batch(other.out, [0.5, 0.5])


def test_any_sequence_that_casts_is_taken(kind: Any) -> None:
    forest = kind()
    trees = forest.new_trees(np.int64(2))
    leaves = forest.select_batch(tuple(trees.astype(np.uint8)), np.int8(1))
    priors = np.linspace(1, 0, 8)[::2].astype(">f8")
    forest.expand_batch(leaves.ticket.tolist(), np.array([2, 2], np.int64), priors, [1, 0, 0, 1], (True, False) * 2)
    forest.backup_batch(leaves.ticket[::-1], [0, 1])
    assert forest.root_stats(1).root_q == 0.0
    assert forest.snapshot(0).prior[1:].tolist() == [1.0, np.float32(5 / 7)]
    forest.backup_batch([], [])
    assert len(forest.expand_batch([], [], [])) == len(forest.reserve_batch([])) == len(forest.new_trees(0)) == 0


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"backup": "maximum"}, "unknown backup 'maximum'. Did you mean 'max'"),
        ({"in_flight": "wu-uct"}, "Did you mean 'wu_uct'"),
        ({"ties": "first"}, "Available: 'lowest', 'random'"),
        ({"rule": "puct"}, "expected a rule, such as UCT"),
        ({"discount": 1.5}, r"discount is 1.5: expected a number in \[0, 1\]"),
        ({"value_range": (1.0, 1.0)}, "low < high"),
        ({"value_range": (0.0, np.inf)}, "low < high"),
        ({"seed": -1}, "seed is -1"),
        ({"capacity": 0}, "at least 2 slots"),
    ],
)
def test_a_setting_out_of_range_is_refused(kind: Any, option: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        kind(**option)

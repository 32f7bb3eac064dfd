"""The native forest against the oracle: the same random interleavings must leave the same bits in every field."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from numpy.typing import NDArray

from treewright.mcts import PUCT, UCT, Forest, ForestError, ReferenceForest
from treewright.mcts.fields import EXHAUSTED, TERMINAL

VALUES = st.floats(0.0, 1.0, width=32)
REWARDS = st.floats(-2.0, 2.0, width=32)
# Few distinct priors: equal scores must happen often.
PRIORS = st.sampled_from([0.0, 0.125, 0.25, 0.5, 1.0])


def invalid_calls(f: Forest | ReferenceForest, ticket: int, tree: int) -> list[Callable[[], Any]]:
    """Calls that must fail, given a ticket that is out and its tree."""
    return [
        lambda: f.backup_batch([ticket], [math.nan]),
        lambda: f.backup_batch([ticket], [1.5]),
        lambda: f.backup_batch([ticket, ticket], [0.5, 0.5]),
        lambda: f.backup_batch([ticket], [0.5, 0.5]),
        lambda: f.backup_batch([ticket, -1], [0.5, 0.5]),
        lambda: f.backup_batch([ticket + (1 << 32)], [0.5]),
        lambda: f.cancel_batch([ticket, ticket]),
        lambda: f.cancel_batch([ticket, ticket ^ 1 << 40]),
        lambda: f.expand_batch([ticket], [-1], []),
        lambda: f.expand_batch([ticket], [2], [0.5]),
        lambda: f.expand_batch([ticket], [2], [0.5, -0.5]),
        lambda: f.expand_batch([ticket], [2], [0.5, math.nan]),
        lambda: f.expand_batch([ticket], [1], [0.5], [math.inf]),
        lambda: f.expand_batch([ticket], [1], [0.5], urgency=[2.0]),
        lambda: f.expand_batch([ticket, ticket], [1, 1], [0.5, 0.5]),
        lambda: f.expand_batch([ticket], [65_536], np.ones(65_536)),
        lambda: f.select_batch([tree, tree]),
        lambda: f.select_batch([tree, 1_000_000]),
        lambda: f.select_batch([tree], 0),
        lambda: f.select_batch([tree], 65_536),
        lambda: f.reserve_batch([f.root(tree), 1_000_000]),
        lambda: f.release([tree, tree]),
        lambda: f.release([tree, -1]),
        lambda: f.new_trees(-1),
        lambda: f.snapshot(1_000_000),
        lambda: f.children(-1),
    ]


def same_bits(native: Any, oracle: Any) -> None:
    """Two named tuples of the forests, equal to the last bit."""
    for field, ours, theirs in zip(native._fields, native, oracle, strict=True):
        if isinstance(ours, np.ndarray):
            assert ours.dtype == theirs.dtype, field
            assert ours.tobytes() == theirs.tobytes(), (field, ours, theirs)
        else:
            assert ours == theirs, field


class Interleavings(RuleBasedStateMachine):
    """Drives both forests with one random sequence of calls and keeps its own books in float64."""

    def __init__(self) -> None:
        super().__init__()
        self.trees: list[int] = []
        self.out: list[tuple[int, int, int]] = []  # native ticket, oracle's ticket, node
        self.closed: set[int] = set()  # nodes closed by exhaust_batch
        self.gone: list[tuple[int, int]] = []  # tickets consumed, cancelled or released
        self.parent: dict[int, int] = {}
        self.reward: dict[int, float] = {}
        self.tree: dict[int, int] = {}
        self.returns: dict[int, list[float]] = {}
        self.evaluations: dict[int, int] = {}

    @initialize(
        formula=st.sampled_from([UCT(), UCT(0.0), PUCT(), PUCT(0.5)]),
        backup=st.sampled_from(["mean", "max"]),
        in_flight=st.sampled_from(["wu_uct", "virtual_loss"]),
        ties=st.sampled_from(["lowest", "random"]),
        discount=st.sampled_from([1.0, 0.9]),
        skip_exhausted=st.booleans(),
        seed=st.integers(0, 2**64 - 1),
        trees=st.integers(1, 3),
    )
    def begin(self, formula: Any, trees: int, **options: Any) -> None:
        self.discount = options["discount"]
        self.native = Forest(rule=formula, capacity=2, **options)
        self.oracle = ReferenceForest(rule=formula, **options)
        self.open(trees)

    def both(self, call: Callable[[Any, int], Any]) -> tuple[Any, Any] | None:
        """The call's answers, or None after it failed alike in both."""
        answers: list[Any] = []
        errors: list[type[ForestError] | None] = []
        for index, forest in enumerate((self.native, self.oracle)):
            try:
                answers.append(call(forest, index))
                errors.append(None)
            except ForestError as error:
                errors.append(type(error))
        assert errors[0] == errors[1]
        return None if errors[0] else (answers[0], answers[1])

    def add_node(self, node: int, tree: int, parent: int, reward: float) -> None:
        self.tree[node], self.parent[node], self.reward[node] = tree, parent, reward
        self.closed.discard(node)
        self.returns[node], self.evaluations[node] = [], 0

    def keep(self, native: NDArray[np.int64], oracle: NDArray[np.int64], nodes: Any) -> None:
        assert (native & 0xFFFFFFFF).tolist() == (oracle & 0xFFFFFFFF).tolist()
        self.out += zip(native.tolist(), oracle.tolist(), map(int, nodes), strict=True)

    def take(self, data: st.DataObject, least: int = 1) -> list[tuple[int, int, int]]:
        return data.draw(st.lists(st.sampled_from(self.out), min_size=least, max_size=4, unique=True))

    @rule(count=st.integers(1, 2))
    def open(self, count: int) -> None:
        ids, theirs = self.both(lambda forest, _: forest.new_trees(count)) or ([], [])
        assert list(ids) == list(theirs)
        for tree in map(int, ids):
            self.trees.append(tree)
            self.add_node(self.native.root(tree), tree, -1, 0.0)

    @precondition(lambda self: self.trees)
    @rule(data=st.data(), leaves=st.integers(1, 4))
    def select(self, data: st.DataObject, leaves: int) -> None:
        trees = data.draw(st.lists(st.sampled_from(self.trees), min_size=1, unique=True))
        ours, theirs = self.both(lambda forest, _: forest.select_batch(trees, leaves)) or ((), ())
        same_bits(ours._replace(ticket=ours.ticket & 0xFFFFFFFF), theirs._replace(ticket=theirs.ticket & 0xFFFFFFFF))
        self.keep(ours.ticket, theirs.ticket, ours.node)

    @precondition(lambda self: self.trees)
    @rule(data=st.data())
    def reserve(self, data: st.DataObject) -> None:
        nodes = data.draw(st.lists(st.sampled_from(sorted(self.tree)), max_size=3))
        ours, theirs = self.both(lambda forest, _: forest.reserve_batch(nodes)) or ((), ())
        self.keep(ours, theirs, nodes)

    @precondition(lambda self: self.out)
    @rule(data=st.data(), with_rewards=st.booleans(), with_terminal=st.booleans(), with_urgency=st.booleans())
    def expand(self, data: st.DataObject, with_rewards: bool, with_terminal: bool, with_urgency: bool) -> None:
        rows = self.take(data)
        counts = data.draw(st.lists(st.integers(0, 5), min_size=len(rows), max_size=len(rows)))
        total = sum(counts)

        def column(values: st.SearchStrategy[Any]) -> list[Any]:
            return data.draw(st.lists(values, min_size=total, max_size=total))

        priors = column(PRIORS)
        rewards = column(REWARDS) if with_rewards else None
        terminal = column(st.booleans()) if with_terminal else None
        urgency = column(VALUES) if with_urgency else None
        made = self.both(
            lambda forest, index: forest.expand_batch(
                [row[index] for row in rows], counts, priors, rewards, terminal, urgency
            )
        )
        if made is None:
            return
        assert made[0].tolist() == made[1].tolist()
        parents = [row[2] for row, count in zip(rows, counts, strict=True) for _ in range(count)]
        for node, parent, reward in zip(made[0].tolist(), parents, rewards or [0.0] * total, strict=True):
            self.add_node(node, self.tree[parent], parent, reward)
        for parent in {row[2] for row in rows}:
            assert self.native.children(parent).tolist() == self.oracle.children(parent).tolist()

    @precondition(lambda self: self.out)
    @rule(data=st.data())
    def back_up(self, data: st.DataObject) -> None:
        rows = self.take(data)
        values = data.draw(st.lists(VALUES, min_size=len(rows), max_size=len(rows)))
        assert self.both(lambda forest, index: forest.backup_batch([row[index] for row in rows], values))
        for row, value in zip(rows, values, strict=True):
            self.forget(row)
            self.evaluations[row[2]] += 1
            node, g = row[2], value
            while node != -1:
                g = self.reward[node] + self.discount * g
                self.returns[node].append(g)
                node = self.parent[node]

    @precondition(lambda self: self.out)
    @rule(data=st.data(), close=st.booleans())
    def cancel(self, data: st.DataObject, close: bool) -> None:
        rows = self.take(data)

        def give_back(forest: Any, index: int) -> None:
            tickets = [row[index] for row in rows]
            forest.exhaust_batch(tickets) if close else forest.cancel_batch(tickets)

        assert self.both(give_back)
        if close:
            self.closed.update(row[2] for row in rows)
        for row in rows:
            self.forget(row)

    def forget(self, row: tuple[int, int, int]) -> None:
        self.out.remove(row)
        self.gone.append(row[:2])

    @precondition(lambda self: self.trees)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        trees = data.draw(st.lists(st.sampled_from(self.trees), max_size=2, unique=True))
        assert self.both(lambda forest, _: forest.release(trees))
        for row in [row for row in self.out if self.tree[row[2]] in trees]:
            self.forget(row)
        for node in [node for node, tree in self.tree.items() if tree in trees]:
            del self.tree[node]
        self.trees = [tree for tree in self.trees if tree not in trees]

    @precondition(lambda self: self.gone)
    @rule(data=st.data(), late=st.sampled_from(["backup", "cancel", "expand"]))
    def late_ticket(self, data: st.DataObject, late: str) -> None:
        rows = [data.draw(st.sampled_from(self.gone))]
        rows = [row[:2] for row in self.out[:1]] + rows
        calls: dict[str, Callable[[Any, int], Any]] = {
            "backup": lambda forest, index: forest.backup_batch([row[index] for row in rows], [0.5] * len(rows)),
            "cancel": lambda forest, index: forest.cancel_batch([row[index] for row in rows]),
            "expand": lambda forest, index: forest.expand_batch(
                [row[index] for row in rows], [1] * len(rows), [1.0] * len(rows)
            ),
        }
        assert self.both(calls[late]) is None

    @precondition(lambda self: self.out and self.trees)
    @rule(data=st.data())
    def invalid(self, data: st.DataObject) -> None:
        row = data.draw(st.sampled_from(self.out))
        call = data.draw(st.integers(0, len(invalid_calls(self.native, 0, 0)) - 1))
        tree = self.tree[row[2]]
        assert self.both(lambda forest, index: invalid_calls(forest, row[index], tree)[call]()) is None

    @invariant()
    def every_field_is_equal(self) -> None:
        if not hasattr(self, "native"):
            return
        assert self.native.trees_open == self.oracle.trees_open == len(self.trees)
        assert self.native.tickets_out == self.oracle.tickets_out == len(self.out)
        for tree in self.trees:
            same_bits(self.native.snapshot(tree), self.oracle.snapshot(tree))
            same_bits(self.native.root_stats(tree), self.oracle.root_stats(tree))

    @invariant()
    def the_books_agree(self) -> None:
        """Started visits, mean, max and second moment, as recomputed from all returns; flags from the children's."""
        for tree in self.trees:
            shot = self.native.snapshot(tree)
            of = {int(node): index for index, node in enumerate(shot.node)}
            for node, index in of.items():
                returns = np.array(self.returns[node])
                children = [of[child] for child in self.native.children(node).tolist()]
                tickets = sum(row[2] == node for row in self.out)
                assert shot.visits[index] == len(returns)
                assert shot.visits[index] == sum(shot.visits[children]) + self.evaluations[node]
                assert shot.in_flight[index] == sum(shot.in_flight[children]) + tickets
                if len(returns):
                    assert math.isclose(shot.mean[index], returns.mean(), rel_tol=1e-5, abs_tol=1e-5)
                    assert math.isclose(shot.max[index], returns.max(), rel_tol=1e-5, abs_tol=1e-5)
                    assert math.isclose(
                        shot.m2[index], ((returns - returns.mean()) ** 2).sum(), rel_tol=1e-3, abs_tol=1e-3
                    )
                if children:
                    all_done = all(shot.flags[child] & EXHAUSTED for child in children)
                    assert bool(shot.flags[index] & EXHAUSTED) == all_done
                if shot.flags[index] & TERMINAL:
                    assert bool(shot.flags[index] & EXHAUSTED) == (self.evaluations[node] > 0 or node in self.closed)

    def teardown(self) -> None:
        """At rest nothing is in flight, and started visits are the children's and the node's own evaluations."""
        if not hasattr(self, "native"):
            return
        cancelled, consumed = self.out[::2], self.out[1::2]
        self.both(lambda forest, index: forest.cancel_batch([row[index] for row in cancelled]))
        self.both(lambda forest, index: forest.backup_batch([row[index] for row in consumed], [0.5] * len(consumed)))
        for row in consumed:
            self.evaluations[row[2]] += 1
        self.out = []
        slots = self.native.slots
        lives = slots["node"] >= 0
        assert lives.sum() == len(self.tree)
        assert not slots["in_flight"][lives].any()
        assert not (slots["first"][lives] == -2).any()
        for node in self.tree:
            slot = slots[self.native.slot_of[node]]
            below = slots[slot["first"] : slot["first"] + slot["count"]]["started"].sum() if slot["count"] else 0
            assert slot["started"] == below + self.evaluations[node]


TestInterleavings = Interleavings.TestCase
TestInterleavings.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)

"""Random interleavings of all calls, made of the native forest and of the oracle alike: every field must be equal."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
from forest_options import OPTIONS, RULES, allowed
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from numpy.typing import NDArray

from treewright.mcts import Forest, ForestError, ReferenceForest
from treewright.mcts.fields import EXHAUSTED, PENDING, TERMINAL

VALUES = st.one_of(st.floats(0.0, 1.0, width=32), st.sampled_from([0.0, 1.0]))
REWARDS = st.one_of(st.floats(-2.0, 2.0, width=32), st.just(0.0))
# Few distinct priors and states: equal scores and transpositions must happen often.
PRIORS = st.sampled_from([0.0, 0.125, 0.25, 0.5, 1.0])
HASHES = st.one_of(st.integers(0, 6), st.just(2**64 - 1))


def invalid_calls(f: Any, ticket: int, tree: int) -> list[Callable[[], Any]]:
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
        lambda: f.exhaust_batch([ticket, ticket]),
        lambda: f.expand_batch([ticket], [-1], []),
        lambda: f.expand_batch([ticket], [2], [0.5]),
        lambda: f.expand_batch([ticket], [2], [0.5, -0.5]),
        lambda: f.expand_batch([ticket], [2], [0.5, math.nan]),
        lambda: f.expand_batch([ticket], [1], [0.5], [math.inf]),
        lambda: f.expand_batch([ticket], [1], [0.5], urgency=[2.0]),
        lambda: f.expand_batch([ticket], [1], [0.5], hashes=[1, 2]),
        lambda: f.expand_batch([ticket], [1], [0.5], hashes=[-1]),
        lambda: f.expand_batch([ticket], [1], [0.5], hashes=[0.5]),
        lambda: f.expand_batch([ticket, ticket], [1, 1], [0.5, 0.5]),
        lambda: f.expand_batch([ticket], [65_536], np.ones(65_536)),
        lambda: f.select_batch([tree, tree]),
        lambda: f.select_batch([tree, 1_000_000]),
        lambda: f.select_batch([tree], 0),
        lambda: f.select_batch([tree], 65_536),
        lambda: f.reserve_batch([f.root(tree), 1_000_000_000]),
        lambda: f.target([f.root(tree), -1]),
        lambda: f.reroot(tree, 1_000_000_000),
        lambda: f.reroot(-1, f.root(tree)),
        lambda: f.release([tree, tree]),
        lambda: f.release([tree, -1]),
        lambda: f.new_trees(-1),
        lambda: f.snapshot(1_000_000),
        lambda: f.children(-1),
        lambda: f.add_tree(f.snapshot(tree)._replace(depth=np.array([1], np.int32))),
    ]


def same_bits(name: str, ours: Any, theirs: Any) -> None:
    """Two columns or numbers, equal to the last bit."""
    if isinstance(ours, np.ndarray):
        assert ours.dtype == theirs.dtype, name
        assert ours.tobytes() == theirs.tobytes(), (name, ours, theirs)
    else:
        assert ours == theirs, name


Ticket = tuple[int, int, int]  # native, the oracle's, native node
Pair = tuple[Any, Any]


class Interleavings(RuleBasedStateMachine):
    """Drives both forests with one random sequence of calls. Ids are the native ones; `oracle` has the oracle's."""

    def __init__(self) -> None:
        super().__init__()
        self.native: Any = None
        self.agreed = False  # whether everything was equal after the last step
        self.trees: list[int] = []
        self.out: list[Ticket] = []
        self.gone: list[tuple[int, int]] = []  # tickets consumed, cancelled or released
        self.oracle_of: dict[int, int] = {-1: -1}
        self.tree: dict[int, int] = {}

    @initialize(formula=RULES, options=st.fixed_dictionaries(OPTIONS), trees=st.integers(1, 3))
    def begin(self, formula: Any, options: dict[str, Any], trees: int) -> None:
        options = allowed({"rule": formula, **options})
        self.native = Forest(capacity=2, **options)
        self.oracle = ReferenceForest(**options)
        self.low = options["value_range"][0]
        self.open(trees)

    def both(self, call: Callable[[Any, int], Any]) -> Pair | None:
        """The call's answers, or None after it failed alike in both."""
        self.agreed = False
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

    def each(self, call: Callable[[Any, int], Any]) -> Pair:
        """The answers of a call that must succeed."""
        answers = self.both(call)
        assert answers is not None
        return answers

    def learn(self, tree: int, native: NDArray[np.int32], oracle: NDArray[np.int32]) -> None:
        """Notes new nodes of a tree."""
        pairs = zip(native.tolist(), oracle.tolist(), strict=True)
        for ours, theirs in pairs:
            assert ours not in self.tree
            self.tree[ours], self.oracle_of[ours] = tree, theirs

    def forget_nodes(self, nodes: set[int]) -> None:
        for node in nodes:
            del self.tree[node], self.oracle_of[node]

    def nodes_of(self, trees: list[int]) -> set[int]:
        return {node for node, tree in self.tree.items() if tree in trees}

    def named(self, nodes: list[int], forest: int) -> list[int]:
        """Native node ids as the forest with this number has them."""
        return nodes if forest == 0 else [self.oracle_of[node] for node in nodes]

    def keep(self, native: NDArray[np.int64], oracle: NDArray[np.int64], nodes: Any) -> None:
        self.out += zip(native.tolist(), oracle.tolist(), map(int, nodes), strict=True)

    def take(self, data: st.DataObject) -> list[Ticket]:
        return data.draw(st.lists(st.sampled_from(self.out), min_size=1, max_size=4, unique=True))

    def drop(self, rows: list[Ticket]) -> None:
        for row in rows:
            self.out.remove(row)
            self.gone.append(row[:2])

    @precondition(lambda self: len(self.trees) < 4)
    @rule(count=st.integers(1, 2))
    def open(self, count: int) -> None:
        ids, theirs = self.each(lambda forest, _: forest.new_trees(count))
        same_bits("trees", ids, theirs)
        for tree in map(int, ids):
            self.trees.append(tree)
            roots = self.each(lambda forest, _, tree=tree: np.array([forest.root(tree)]))
            self.learn(tree, *roots)

    @precondition(lambda self: self.trees)
    @rule(data=st.data(), leaves=st.integers(1, 4))
    def select(self, data: st.DataObject, leaves: int) -> None:
        self.descend(data.draw(st.lists(st.sampled_from(self.trees), min_size=1, unique=True)), leaves)

    @precondition(lambda self: self.trees)
    @rule(seed=st.integers(0, 2**32), cycles=st.integers(1, 12), leaves=st.integers(1, 3))
    def search(self, seed: int, cycles: int, leaves: int) -> None:
        """Some rounds of a usual search, by which trees grow faster than call by call; few tickets stay out."""
        chance = random.Random(seed)
        states, ends = chance.choice([5, 30]), chance.choice([0.0, 0.1, 0.5])
        for _ in range(cycles):
            for row in self.descend(self.trees, leaves):
                count = chance.choice([0, 1, 2, 2, 3, 3])
                columns = {
                    "terminal": [chance.random() < ends for _ in range(count)],
                    "hashes": [chance.randrange(states) for _ in range(count)],
                    "rewards": [chance.choice([0.0, 0.0, 0.5, -0.25]) for _ in range(count)],
                }
                self.add_children([row], [count], [chance.choice([0.1, 0.3, 0.6]) for _ in range(count)], columns)
                if chance.random() < 0.9:
                    self.spread([row], [chance.choice([0.0, 1.0, chance.random()])])

    def descend(self, trees: list[int], leaves: int) -> list[Ticket]:
        found = self.both(lambda forest, _: forest.select_batch(trees, leaves))
        if found is None:  # a rule had no answer
            return []
        ours, theirs = found
        self.keep(ours.ticket, theirs.ticket, ours.node)
        assert self.named(ours.node.tolist(), 1) == theirs.node.tolist()
        for name in ("tree", "depth", "terminal", "expanded"):
            same_bits(name, getattr(ours, name), getattr(theirs, name))
        return self.out[len(self.out) - len(ours.node) :]

    @precondition(lambda self: self.trees)
    @rule(data=st.data())
    def reserve(self, data: st.DataObject) -> None:
        nodes = data.draw(st.lists(st.sampled_from(sorted(self.tree)), max_size=3))
        ours, theirs = self.each(lambda forest, index: forest.reserve_batch(self.named(nodes, index)))
        targets = self.each(lambda forest, index: forest.target(self.named(nodes, index)))
        assert self.named(targets[0].tolist(), 1) == targets[1].tolist()
        self.keep(ours, theirs, targets[0])

    @precondition(lambda self: self.out)
    @rule(data=st.data(), given=st.sets(st.sampled_from(["rewards", "terminal", "urgency", "hashes"])))
    def expand(self, data: st.DataObject, given: set[str]) -> None:
        rows = self.take(data)
        counts = data.draw(st.lists(st.integers(0, 4), min_size=len(rows), max_size=len(rows)))
        kinds = {"rewards": REWARDS, "terminal": st.booleans(), "urgency": VALUES, "hashes": HASHES}
        columns = {
            name: data.draw(st.lists(kinds[name], min_size=sum(counts), max_size=sum(counts))) for name in sorted(given)
        }
        priors = data.draw(st.lists(PRIORS, min_size=sum(counts), max_size=sum(counts)))
        self.add_children(rows, counts, priors, columns)

    def add_children(self, rows: list[Ticket], counts: list[int], priors: list[float], columns: dict[str, Any]) -> None:
        made = self.both(
            lambda forest, index: forest.expand_batch([row[index] for row in rows], counts, priors, **columns)
        )
        if made is None:
            return
        ends = np.cumsum(counts)
        for row, count, end in zip(rows, counts, ends, strict=True):
            self.learn(self.tree[row[2]], *(ids[end - count : end] for ids in made))
        for parent in {row[2] for row in rows}:
            children = self.each(lambda forest, index, parent=parent: forest.children(self.named([parent], index)[0]))
            assert self.named(children[0].tolist(), 1) == children[1].tolist()

    @precondition(lambda self: self.out)
    @rule(data=st.data())
    def back_up(self, data: st.DataObject) -> None:
        rows = self.take(data)
        values = data.draw(st.lists(VALUES, min_size=len(rows), max_size=len(rows)))
        self.spread(rows, values)

    def spread(self, rows: list[Ticket], values: list[float]) -> None:
        if self.low < 0.0:
            values = [2.0 * value - 1.0 for value in values]
        self.each(lambda forest, index: forest.backup_batch([row[index] for row in rows], values))
        self.drop(rows)

    @precondition(lambda self: self.out)
    @rule(data=st.data(), close=st.booleans())
    def give_back(self, data: st.DataObject, close: bool) -> None:
        rows = self.take(data)

        def give_back(forest: Any, index: int) -> None:
            tickets = [row[index] for row in rows]
            forest.exhaust_batch(tickets) if close else forest.cancel_batch(tickets)

        self.each(give_back)
        self.drop(rows)

    @precondition(lambda self: len(self.trees) > 2)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        trees = data.draw(st.lists(st.sampled_from(self.trees), max_size=2, unique=True))
        self.each(lambda forest, _: forest.release(trees))
        self.drop([row for row in self.out if self.tree[row[2]] in trees])
        self.forget_nodes(self.nodes_of(trees))
        self.trees = [tree for tree in self.trees if tree not in trees]

    @precondition(lambda self: self.trees)
    @rule(data=st.data())
    def reroot(self, data: st.DataObject) -> None:
        tree = data.draw(st.sampled_from(self.trees))
        node = data.draw(st.sampled_from(sorted(self.tree)))
        if self.both(lambda forest, index: forest.reroot(tree, self.named([node], index)[0])) is None:
            assert self.tree[node] != tree
            return
        self.forget_nodes(self.nodes_of([tree]) - set(self.native.snapshot(tree).node.tolist()))
        self.drop([row for row in self.out if row[2] not in self.tree])

    @precondition(lambda self: 0 < len(self.trees) < 4)
    @rule(data=st.data())
    def regrow(self, data: st.DataObject) -> None:
        shot = self.native.snapshot(data.draw(st.sampled_from(self.trees)))
        trees = self.both(lambda forest, _: forest.add_tree(shot))
        if trees is None:
            assert shot.in_flight.any()
            return
        assert trees[0] == trees[1]
        self.trees.append(trees[0])
        self.learn(trees[0], *self.each(lambda forest, _: forest.snapshot(trees[0]).node))

    @precondition(lambda self: self.gone)
    @rule(data=st.data(), late=st.sampled_from(["backup", "cancel", "expand"]))
    def late_ticket(self, data: st.DataObject, late: str) -> None:
        rows = [row[:2] for row in self.out[:1]] + [data.draw(st.sampled_from(self.gone))]
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
        if self.native is None:
            return
        assert self.native.trees_open == self.oracle.trees_open == len(self.trees)
        assert self.native.tickets_out == self.oracle.tickets_out == len(self.out)
        known: set[int] = set()
        for tree in self.trees:
            seen = self.each(lambda forest, _, tree=tree: (forest.snapshot(tree), forest.root_stats(tree)))
            for ours, theirs in zip(*seen, strict=True):
                for name, mine, other in zip(ours._fields, ours, theirs, strict=True):
                    if name in ("node", "parent", "target"):
                        mine = np.array(self.named(mine.tolist(), 1), np.int32)
                    same_bits(name, mine, other)
            nodes = self.native.snapshot(tree).node.tolist()
            assert {self.tree[node] for node in nodes} == {tree}
            known.update(nodes)
        assert known == set(self.tree)
        self.agreed = True

    @invariant()
    def tickets_are_what_is_in_flight(self) -> None:
        """Without links a node's visits in flight are those of its children and its own tickets."""
        for tree in self.trees:
            shot = self.native.snapshot(tree)
            if (shot.target >= 0).any():
                continue
            row = {node: index for index, node in enumerate(shot.node.tolist())}
            expected = np.zeros(len(row), np.int64)
            for _, _, node in self.out:
                if node in row:
                    expected[row[node]] += 1
            for index in range(len(row) - 1, 0, -1):
                expected[row[int(shot.parent[index])]] += expected[index]
            assert shot.in_flight.tolist() == expected.tolist()
            for index, flags in enumerate(shot.flags.tolist()):
                if flags & TERMINAL and shot.visits[index] > 0:
                    assert flags & EXHAUSTED

    def teardown(self) -> None:
        """At rest nothing is in flight, and what is released leaves nothing behind."""
        if not self.agreed:
            return
        cancelled, consumed = self.out[::2], self.out[1::2]
        self.each(lambda forest, index: forest.cancel_batch([row[index] for row in cancelled]))
        self.each(lambda forest, index: forest.backup_batch([row[index] for row in consumed], [0.5] * len(consumed)))
        self.out = []
        self.every_field_is_equal()
        for tree in self.trees:
            assert not self.native.snapshot(tree).in_flight.any()
        slots = np.concatenate([self.native.slots(arena) for arena in range(self.native.arenas)])
        lives = slots["node"] >= 0
        assert lives.sum() == len(self.tree)
        assert not slots["in_flight"][lives].any()
        assert not (slots["first"][lives] == PENDING).any()
        self.native.release(self.trees)
        assert not any((self.native.slots(arena)["node"] >= 0).any() for arena in range(self.native.arenas))

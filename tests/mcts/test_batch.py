"""Batches and threads: other ways to the same trees."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest

from treewright.mcts import UCT, Batch, Forest, InvalidInput, StaleTicket, TerminalNode, Widening


def answers(number: int, rows: int) -> tuple[Any, Any, Any]:
    draws = np.random.default_rng(number)
    return (
        draws.integers(0, 7, rows).astype(np.int32),
        draws.integers(1, 9, (rows, 6)).astype(np.float32),
        draws.random(rows).astype(np.float32),
    )


def by_arrays(forest: Forest, rounds: int, leaves: int) -> Any:
    trees = forest.new_trees(40)
    for number in range(rounds):
        counts, priors, values = answers(number, len(trees) * leaves)
        found = forest.select_batch(trees, leaves)
        # Rows of a batch are fixed; here they close up where a descent collided.
        order = {int(tree): i for i, tree in enumerate(trees)}
        seen: dict[int, int] = {}
        rows = []
        for tree in found.tree.tolist():
            rows.append(order[tree] * leaves + seen.get(tree, 0))
            seen[tree] = seen.get(tree, 0) + 1
        wanted = np.flatnonzero(~found.terminal)
        picked = np.array(rows)[wanted]
        flat = np.concatenate([priors[row, : counts[row]] for row in picked]) if len(picked) else np.zeros(0)
        ends = np.concatenate([priors[row, : counts[row]] == 8 for row in picked]) if len(picked) else np.zeros(0, bool)
        forest.expand_batch(found.ticket[wanted], counts[picked], flat, terminal=ends)
        forest.backup_batch(found.ticket, values[rows])
    return [forest.snapshot(tree) for tree in trees]


def by_batch(forest: Forest, rounds: int, leaves: int, step: bool) -> Any:
    trees = forest.new_trees(40)
    batch = forest.batch(trees, leaves, 6)
    batch.select()
    for number in range(rounds):
        counts, priors, values = answers(number, len(trees) * leaves)
        # As above: the answers go to the rows with a ticket in their order within the tree.
        for row in range(0, len(batch.ticket), leaves):
            own = [r for r in range(row, row + leaves) if batch.ticket[r] >= 0]
            for answer, target in enumerate(own, start=row):
                batch.counts[target] = -1 if batch.terminal[target] else counts[answer]
                batch.priors[target] = priors[answer]
                batch.ends[target] = priors[answer] == 8
                batch.values[target] = values[answer]
        if step and number < rounds - 1:
            batch.step()
        else:
            batch.expand()
            batch.backup()
            if number < rounds - 1:
                batch.select()
    return [forest.snapshot(tree) for tree in trees]


def same(one: Any, other: Any) -> None:
    for mine, theirs in zip(one, other, strict=True):
        for name in mine._fields:
            if name not in ("node", "parent", "target"):
                np.testing.assert_array_equal(getattr(mine, name), getattr(theirs, name), err_msg=name)


@pytest.mark.parametrize("leaves", [1, 3])
@pytest.mark.parametrize("step", [False, True], ids=["calls", "step"])
def test_a_batch_grows_the_same_trees_as_arrays(leaves: int, step: bool) -> None:
    same(by_arrays(Forest(), 60, leaves), by_batch(Forest(), 60, leaves, step))


@pytest.mark.parametrize("threads", [2, 3, 8])
def test_threads_change_nothing(threads: int) -> None:
    alone = by_arrays(Forest(rule=UCT(), ties="random", seed=3), 60, 2)
    same(alone, by_arrays(Forest(rule=UCT(), ties="random", seed=3, threads=threads), 60, 2))
    same(by_batch(Forest(), 60, 2, True), by_batch(Forest(threads=threads), 60, 2, True))


def test_a_forked_child_has_threads_of_its_own() -> None:
    forest = Forest(threads=2)
    by_batch(forest, 5, 1, True)
    child = os.fork()
    if child == 0:
        by_batch(forest, 5, 1, True)
        os._exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    by_batch(forest, 5, 1, True)


def test_arenas_share_the_trees() -> None:
    forest = Forest(threads=2)
    trees = forest.new_trees(3)
    assert forest.arenas == 2
    for tree in trees:
        arena = int(tree) % 2
        slot = forest.slot_of(arena)[forest.root(tree) // 2]
        assert forest.slots(arena)[slot]["node"] == forest.root(tree)
        assert forest.places(arena)[slot]["tree"] == tree
    with pytest.raises(InvalidInput, match="arena is 2"):
        forest.slots(2)


def test_a_ticket_of_another_tree_is_refused() -> None:
    forest = Forest(threads=2)
    batch = forest.batch(forest.new_trees(2), 1, 2)
    batch.select()
    batch.ticket[:] = batch.ticket[::-1].copy()
    with pytest.raises(InvalidInput, match=r"tickets\[0\].*expected one of tree 0"):
        batch.backup()


def test_the_buffers_of_a_batch_stay_where_they_are() -> None:
    batch = Forest().batch([], 1, 2)
    for name in ("ticket", "node", "counts", "priors", "values", "children", "trees"):
        with pytest.raises(ValueError, match=r"resize|own"):
            getattr(batch, name).resize(5)
        with pytest.raises(AttributeError):
            setattr(batch, name, None)


def test_a_step_may_select_as_many_as_its_own_tickets_were() -> None:
    forest = Forest(widening=Widening(1e6, 1.0))
    batch = forest.batch(forest.new_trees(1), 40_000, 1)
    batch.counts[:] = -1
    batch.select()
    forest.cancel_batch(batch.ticket[batch.ticket >= 0])
    batch.ticket[:] = -1
    ticket = forest.reserve_batch([forest.root(0)])
    forest.expand_batch(ticket, [1], [1.0])
    forest.backup_batch(ticket, [0.5])
    assert batch.select() == 40_000
    assert batch.step() == 40_000


@pytest.mark.parametrize("wrong", [{3: np.nan, 7: 2.0}, {12: 2.0}, {63: np.nan}])
def test_a_step_on_threads_names_the_first_row_that_is_refused(wrong: dict[int, float]) -> None:
    forest = Forest(threads=2)
    batch = forest.batch(forest.new_trees(64), 1, 2)  # enough rows for both threads
    assert batch.select() == 64
    batch.counts[:] = 2
    batch.priors[:] = 0.5
    for row, value in wrong.items():
        batch.values[row] = value
    with pytest.raises(InvalidInput, match=rf"values\[{min(wrong)}\]"):
        batch.step()
    batch.values[:] = 0.5
    batch.ticket[[4, 5]] = batch.ticket[[5, 4]]  # each of the other thread's trees
    with pytest.raises(InvalidInput, match=r"tickets\[4\].*expected one of tree 4"):
        batch.step()
    assert forest.tickets_out == 64
    assert not any(len(forest.root_stats(tree).node) for tree in batch.trees)
    batch.ticket[[4, 5]] = batch.ticket[[5, 4]]
    assert batch.step() == 64


def test_refusals_of_a_batch_change_nothing() -> None:
    forest = Forest()
    batch = forest.batch(forest.new_trees(2), 1, 2)
    assert isinstance(batch, Batch)
    assert batch.select() == 2
    batch.counts[:] = [1, 3]
    batch.priors[:] = 0.5
    with pytest.raises(InvalidInput, match=r"counts\[1\] is 3: expected -1 \(no expansion\) to 2"):
        batch.step()
    batch.counts[:] = 1
    batch.values[1] = np.nan
    with pytest.raises(InvalidInput, match=r"values\[1\]"):
        batch.step()
    assert forest.tickets_out == 2
    assert not any(len(forest.root_stats(tree).node) for tree in batch.trees)
    batch.values[1] = 0.5
    batch.ends[0, 0] = True
    assert batch.step() == 2
    assert batch.terminal.tolist() == [True, False]
    with pytest.raises(TerminalNode):
        batch.step()
    forest.cancel_batch(batch.ticket[1:])
    batch.counts[:] = -1
    with pytest.raises(StaleTicket):
        batch.step()

"""Selection formulas: numbers worked out by hand, and the same numbers deciding a descent in both forests."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from treewright.mcts import PUCT, UCT, InvalidInput


def scores(rule: UCT | PUCT, q: list[float], prior: list[float], started: list[int], parent: int) -> list[float]:
    columns = np.array(q, np.float32), np.array(prior, np.float32), np.array(started, np.int32)
    return rule.scores(*columns, parent).tolist()


def test_uct_by_hand() -> None:
    # ln 10 = 2.302585; sqrt(2.302585 / 4) = 0.758713; sqrt(2.302585 / 6) = 0.619487; c = 2.
    assert scores(UCT(2.0), [0.5, 0.75], [0.9, 0.1], [4, 6], 10) == pytest.approx(
        [0.5 + 2 * 0.758713, 0.75 + 2 * 0.619487], abs=1e-5
    )


def test_uct_constant_is_the_square_root_of_two_and_unvisited_children_come_first() -> None:
    # ln 1 = 0: the one visited child scores its Q alone; the others are infinite.
    assert scores(UCT(), [0.5, 0.9], [0.5, 0.5], [1, 0], 1) == [0.5, np.inf]
    assert UCT().c == pytest.approx(1.41421356)


def test_puct_by_hand() -> None:
    # sqrt 16 = 4; 1.25 * 4 * 0.6 / (1 + 3) = 0.75; 1.25 * 4 * 0.4 / (1 + 0) = 2.
    assert scores(PUCT(), [0.5, 0.25], [0.6, 0.4], [3, 0], 16) == pytest.approx([1.25, 2.25])


def test_puct_counts_a_parent_without_visits_as_one() -> None:
    # sqrt(max(0, 1)) = 1: 2 * 1 * 0.5 / 1 = 1.
    assert scores(PUCT(2.0), [0.0], [0.5], [0], 0) == [1.0]


@pytest.mark.parametrize("rule", [UCT, PUCT])
@pytest.mark.parametrize("c", [-1.0, float("nan"), float("inf")])
def test_a_constant_out_of_range_is_refused(rule: Any, c: float) -> None:
    with pytest.raises(InvalidInput, match=r"expected a number in \[0, 1e\+09\]"):
        rule(c)


def grown(kind: Any, priors: list[float], **options: Any) -> tuple[Any, int, np.ndarray]:
    """A forest of one tree whose root is expanded and has been evaluated at 0.5."""
    forest = kind(**options)
    tree = int(forest.new_trees(1)[0])
    leaves = forest.select_batch([tree])
    children = forest.expand_batch(leaves.ticket, [len(priors)], priors)
    forest.backup_batch(leaves.ticket, [0.5])
    return forest, tree, children


def test_puct_descents_by_hand(kind: Any) -> None:
    forest, tree, (a, b) = grown(kind, [0.6, 0.4], rule=PUCT(1.0))
    # N = 1, urgency 0.5 (the root's Q): a 0.5 + 0.6 = 1.1, b 0.5 + 0.4 = 0.9.
    first = forest.select_batch([tree])
    assert first.node.tolist() == [a]
    forest.backup_batch(first.ticket, [0.0])
    # N = 2, sqrt 2 = 1.414: a 0 + 1.414 * 0.6 / 2 = 0.424, b 0.5 + 1.414 * 0.4 = 1.066.
    second = forest.select_batch([tree])
    assert second.node.tolist() == [b]
    forest.backup_batch(second.ticket, [0.25])
    # N = 3, sqrt 3 = 1.732: a 0.520, b 0.25 + 1.732 * 0.4 / 2 = 0.596.
    assert forest.select_batch([tree]).node.tolist() == [b]


def test_uct_descents_by_hand(kind: Any) -> None:
    forest, tree, (a, b) = grown(kind, [0.1, 0.9], rule=UCT(1.0))
    for value, child in ((0.2, a), (0.6, b)):  # both unvisited: the lowest index, then the other; priors do not matter
        leaf = forest.select_batch([tree])
        assert leaf.node.tolist() == [child]
        forest.backup_batch(leaf.ticket, [value])
    # N = 3, ln 3 = 1.0986: a 0.2 + 1.048 = 1.248, b 0.6 + 1.048 = 1.648.
    leaf = forest.select_batch([tree])
    assert leaf.node.tolist() == [b]
    forest.backup_batch(leaf.ticket, [0.0])
    # N = 4, ln 4 = 1.3863: a 0.2 + sqrt(1.3863 / 1) = 1.377, b 0.3 + sqrt(1.3863 / 2) = 1.133.
    assert forest.select_batch([tree]).node.tolist() == [a]


def test_random_ties_depend_on_the_seed_and_the_descent_alone(kind: Any) -> None:
    def choices(seed: int, trees: int) -> list[int]:
        forest = kind(rule=UCT(), ties="random", seed=seed)
        ids = forest.new_trees(trees)
        roots = forest.select_batch(ids)
        forest.expand_batch(roots.ticket, [8] * trees, [0.125] * 8 * trees)
        forest.backup_batch(roots.ticket, [0.5] * trees)
        chosen = []
        for _ in range(8):
            leaves = forest.select_batch(ids)
            chosen.append(forest.children(forest.root(0)).tolist().index(leaves.node[0]))
            forest.backup_batch(leaves.ticket, [0.5] * trees)
        return chosen

    assert choices(1, 1) == choices(1, 5)
    assert sorted(choices(1, 1)) == list(range(8)) != choices(1, 1)
    assert choices(1, 1) != choices(2, 1)

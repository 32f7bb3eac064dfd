"""The study of evaluations in flight searches the trees it says, with the number of evaluations it says."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import numpy as np
import pytest

Script = Callable[[str], ModuleType]
TREES = range(3)


def test_a_tree_is_the_same_in_whatever_order_it_is_grown(script: Script) -> None:
    latent_trees = script("latent_trees")
    roots, zero = np.arange(2, dtype=np.int32), np.zeros(1, np.int32)
    together = latent_trees.LatentTrees(roots, 0, informed=True)
    together.add_children(roots, np.zeros(2, np.int32), np.arange(2, 18, dtype=np.int32))
    alone = latent_trees.LatentTrees(zero, 1, informed=True)
    alone.add_children(zero, zero, np.arange(50, 58, dtype=np.int32))
    assert together.evaluate(np.arange(10, 18)).tolist() == alone.evaluate(np.arange(50, 58)).tolist()
    assert together.priors(np.array([1])).tolist() == alone.priors(zero).tolist()


def test_draws_are_standard_normal_and_differ_by_stream(script: Script) -> None:
    normal = script("latent_trees").normal
    keys = np.arange(100_000, dtype=np.uint64)
    one, other = normal(keys, 1), normal(keys, 2)
    assert abs(one.mean()) < 0.02
    assert abs(one.std() - 1) < 0.02
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.02


@pytest.mark.parametrize("room", [1, 8])
@pytest.mark.parametrize("method", ["wu_uct", "virtual_loss"])
def test_every_search_has_all_its_evaluations(script: Script, method: str, room: int) -> None:
    searches = script("in_flight").Searches(TREES, True, method, room)
    searches.best_actions(40)
    forest = searches.forest
    assert [forest.root_stats(tree).root_visits for tree in searches.ids] == [40, 40, 40]
    assert forest.tickets_out == 0
    assert searches.mean_out == pytest.approx(1) if room == 1 else 1 < searches.mean_out <= room


def test_with_one_in_flight_both_ways_of_counting_are_the_same_search(script: Script) -> None:
    in_flight = script("in_flight")
    found = [in_flight.Searches(TREES, False, method, 1) for method in in_flight.METHODS]
    for searches in found:
        searches.best_actions(60)
    ours, loss = ([s.forest.root_stats(tree).visits.tolist() for tree in s.ids] for s in found)
    assert ours == loss

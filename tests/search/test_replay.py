"""Replay: the same search comes out again, other constants cost nothing, what the journal lacks is a counted miss."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from adding import Adding

from treewright.domains.protocol import Task
from treewright.search import Budget, MissingPart, Recipe, Replay, RunReader, beam, best_of_n, mcts, search
from treewright.value_models.scripted import ScriptedPolicy, ScriptedValue

BUDGET = Budget(expansions=16)


def recorded(run: Path, recipe: Recipe, domain: Adding, expansions: int = 16) -> ScriptedPolicy:
    policy = ScriptedPolicy(texts=["1", "2", "3", "3 3"])
    tasks = [Task(f"t{total}", str(total), "9") for total in (4, 7, 9, 12)]

    async def collect() -> None:
        stream = search(
            tasks, domain=domain, policy=policy, value=ScriptedValue(), recipe=recipe, concurrency=1000,
            budget=Budget(expansions=expansions), deterministic=True, run=run,
        )  # fmt: skip
        async for _ in stream:
            pass

    asyncio.run(collect())
    return policy


def nodes(result: Any) -> list[Any]:
    return [(n.parent, n.text, n.prior, n.reward, n.value, n.visits, n.q, n.multiplicity) for n in result.tree.nodes]


@pytest.mark.parametrize("listed", [True, False])
@pytest.mark.parametrize(
    "recipe",
    [mcts(), mcts(evaluate="children"), beam(), best_of_n(n=3)],
    ids=lambda recipe: f"{recipe.name}-{recipe.evaluate}",
)
def test_the_runs_own_recipe_gives_the_runs_own_trees(recipe: Recipe, listed: bool, tmp_path: Path) -> None:
    domain = Adding(listed=listed, paid=False)
    recorded(tmp_path, recipe, domain)
    replayed = Replay(tmp_path, domain=domain).search(recipe, BUDGET)
    reader = RunReader(tmp_path)
    assert (replayed.missed, replayed.miss_rate) == (0, 0.0)
    assert replayed.asked > 0
    for result in replayed.results:
        original = reader.result(result.task.id)
        assert nodes(result) == nodes(original)
        assert (result.answer, result.grade, result.cost.policy) == (
            original.answer,
            original.grade,
            original.cost.policy,
        )


def test_another_constant_asks_no_model_and_differs(tmp_path: Path) -> None:
    domain = Adding(listed=False, paid=False)
    policy = recorded(tmp_path, mcts(leaves=1), domain, expansions=60)
    calls, replay = policy.calls, Replay(tmp_path, domain=domain)
    trees = [
        [nodes(result) for result in replay.search(mcts(c=c, leaves=1), Budget(expansions=8)).results]
        for c in (0.1, 1.25, 8.0)
    ]
    assert trees[0] != trees[2]
    assert policy.calls == calls


def test_what_the_journal_lacks_is_a_miss_and_its_branch_is_closed(tmp_path: Path) -> None:
    domain = Adding(listed=False, paid=False)
    recorded(tmp_path, mcts(leaves=1), domain, expansions=3)
    replayed = Replay(tmp_path, domain=domain).search(mcts(leaves=1), BUDGET)
    assert 0 < replayed.missed < replayed.asked
    assert replayed.miss_rate == replayed.missed / replayed.asked
    failures = [error for result in replayed.results for _, error in result.failures]
    assert failures
    assert set(failures) == {"not in the journal"}
    assert all(
        node.value is not None or node.visits == 0 or node.children for r in replayed.results for node in r.tree.nodes
    )


def test_another_draw_is_a_miss_and_no_other_draws_answer(tmp_path: Path) -> None:
    domain = Adding(listed=False, paid=False)
    recorded(tmp_path, mcts(n=4), domain)
    replay = Replay(tmp_path, domain=domain)
    for recipe in (mcts(n=3), mcts(temperature=0.2)):
        replayed = replay.search(recipe, BUDGET)
        assert replayed.missed == 4, "the root of each of four tasks"
    assert replay.search(mcts(n=4), BUDGET, seed=1).missed == 4


def test_a_search_with_a_smaller_budget_is_a_prefix(tmp_path: Path) -> None:
    domain = Adding(listed=False, paid=False)
    recorded(tmp_path, mcts(leaves=1), domain)
    replay = Replay(tmp_path, domain=domain)
    short, long = (replay.search(mcts(leaves=1), Budget(expansions=limit)) for limit in (5, 16))
    for one, other in zip(short.results, long.results, strict=True):
        texts = [node.text for node in one.tree.nodes]
        assert texts == [node.text for node in other.tree.nodes][: len(texts)]
        assert one.cost.expansions == min(5, other.cost.expansions)


def test_a_domain_of_snapshots_is_refused(tmp_path: Path) -> None:
    domain = Adding()
    recorded(tmp_path, mcts(), domain)
    domain.restore = "snapshot"
    with pytest.raises(MissingPart, match="restores by snapshots"):
        Replay(tmp_path, domain=domain)

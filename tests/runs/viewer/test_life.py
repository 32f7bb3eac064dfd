"""The tree as its journal tells it, against the tree that the search ended with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from viewer_runs import models, problems, record

from treewright.runs.viewer import Growing
from treewright.search import (
    Budget,
    JournalError,
    Node,
    Recipe,
    RunReader,
    beam,
    best_first,
    best_of_n,
    mcts,
    resume,
    search,
    self_consistency,
)
from treewright.search.journal import merge
from treewright.value_models import ModelError, ScriptedPolicy
from treewright.value_models.protocols import Prompt, Ranking


def facts(node: Node) -> tuple[Any, ...]:
    told = (node.parent, node.text, node.kind, node.value, node.reward, node.answer, node.multiplicity)
    return (*told, node.terminated, node.truncated, node.feedback, node.failure, node.visits)


def assert_same(nodes: list[Node], others: list[Node]) -> None:
    assert [facts(node) for node in nodes] == [facts(node) for node in others]
    # Of a node without visits a forest only hopes.
    visited = [[node.q for node in tree if node.visits] for tree in (nodes, others)]
    assert visited[0] == pytest.approx(visited[1], abs=1e-5)


def grown(reader: RunReader, task: str) -> Growing:
    row = next(row for row in reader.overview() if row["id"] == task)
    growing = Growing(reader, task, row["text"])
    growing.advance()
    return growing


RECIPES = [mcts(), mcts(evaluate="children"), mcts(leaves=2, max_depth=2), beam(), best_of_n(), best_first()]
RECIPES += [self_consistency()]


@pytest.mark.parametrize("domain", ["game24", "math"])
@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: f"{recipe.name}-{recipe.evaluate}-{recipe.max_depth}")
def test_the_journal_tells_the_tree_that_the_search_ended_with(tmp_path: Path, domain: str, recipe: Recipe) -> None:
    asyncio.run(record(tmp_path / "run", domain, recipe, expansions=24))
    reader = RunReader(tmp_path / "run")
    assert reader.tasks()
    for task in reader.tasks():
        stored = reader.result(task).tree
        assert_same(grown(reader, task).tree.nodes, stored.nodes)


def test_a_task_of_a_merged_run_is_told_by_its_own_shard(tmp_path: Path) -> None:
    halves = [tmp_path / "first", tmp_path / "second"]
    for run, part in zip(halves, (problems(3)[:1], problems(3)[1:]), strict=True):
        stream = search(part, domain="math", **models(), recipe=mcts(), budget=Budget(expansions=12), run=run)
        asyncio.run(ended(stream))
    merge(tmp_path / "all", halves)
    reader = RunReader(tmp_path / "all")
    assert len(reader.tasks()) == 3
    for task in reader.tasks():
        stored = reader.result(task).tree
        assert_same(grown(reader, task).tree.nodes, stored.nodes)
    with pytest.raises(JournalError, match="no task 'pens/9'"):
        reader.shard_of("pens/9")


async def ended(stream: AsyncIterator[Any]) -> None:
    async for _ in stream:
        pass


class Moody(ScriptedPolicy):
    """Fails each third call."""

    async def rank(self, prompts: list[Prompt], candidates: list[list[str]]) -> list[Ranking]:  # type: ignore[override]
        ranked = await super().rank(prompts, candidates)
        if self.calls % 3 == 0:
            raise ModelError("out of temper")
        return ranked


def test_failed_nodes_are_shown_as_such(tmp_path: Path) -> None:
    asyncio.run(record(tmp_path / "run", "game24", mcts(), expansions=24, policy=Moody()))
    reader = RunReader(tmp_path / "run")
    failures = []
    for task in reader.tasks():
        growing, stored = grown(reader, task), reader.result(task).tree
        assert [node.failure for node in growing.tree.nodes] == [node.failure for node in stored.nodes]
        failures += [node.failure for node in growing.tree.nodes if node.failure]
    assert set(failures) == {"ModelError: out of temper"}


def test_a_life_is_told_in_order_and_adds_up(finished: Path) -> None:
    reader = RunReader(finished)
    task = reader.tasks()[0]
    growing = grown(reader, task)
    life, nodes = growing.life, growing.tree.nodes
    assert life.born[0] == 0
    assert life.born == sorted(life.born)  # nodes are numbered as they come
    assert all(life.born[node.id] > life.born[node.parent] for node in nodes[1:])
    assert len(life.visits) == nodes[0].visits
    assert all(step >= life.born[node] for step, node, _ in life.visits)
    assert life.seconds == sorted(life.seconds)
    assert max(step for step, _, _ in life.visits) < len(life.seconds)


def test_a_tree_that_is_read_bit_by_bit_is_the_tree_that_is_read_at_once(stopped: Path) -> None:
    reader = RunReader(stopped)
    unfinished = next(row for row in reader.overview() if row["stopped"] is None)
    growing = Growing(reader, unfinished["id"], unfinished["text"])
    growing.advance()
    assert len(growing.tree.nodes) > 1
    before = len(growing.tree.nodes)

    async def go_on() -> None:
        async for _ in resume(stopped, **models()):
            growing.advance()

    asyncio.run(go_on())
    growing.advance()
    assert len(growing.tree.nodes) > before
    stored = reader.result(unfinished["id"]).tree
    assert_same(growing.tree.nodes, stored.nodes)

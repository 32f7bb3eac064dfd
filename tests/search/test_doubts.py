"""Doubts of a domain: asked once a task before proposals are stepped, paid for, and told again to whoever repeats."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path as File

import pytest
from adding import Adding, Path

from treewright.domains.protocol import BadProposal, Doubt, Doubtful, Step, Task
from treewright.search import Budget, MissingPart, Replay, Result, RunReader, mcts, search
from treewright.search.loop import run_async
from treewright.value_models import Evidence, Score, ScriptedPolicy, ScriptedValue

QUESTION = "Is it too much?"
DEEP = mcts(n=3, leaves=4)
BUDGET = Budget(expansions=12)


class Doubting(Adding):
    """Has a model say of each number whether it may be added to the total so far."""

    def __init__(self) -> None:
        super().__init__(listed=False, paid=False)
        self.told: dict[tuple[str, Doubt], float] = {}
        self.heard: Counter[Doubt] = Counter()

    def doubts(self, state: Path, proposals: Sequence[str]) -> list[Doubt]:
        asked = (Doubt(f"{sum(state.added)} + {text}", QUESTION) for text in sorted(set(proposals)))
        return [doubt for doubt in asked if (str(state.target), doubt) not in self.told]

    def settle(self, task: str, doubt: Doubt, value: float) -> None:
        self.told[task, doubt] = value
        self.heard[doubt] += 1

    def step(self, state: Path, action: int) -> Step:
        if self.told[str(state.target), Doubt(f"{sum(state.added)} + {action}", QUESTION)] >= 0.5:
            raise BadProposal("too much", "the model said so")
        return super().step(state, action)


def strict(evidence: Evidence) -> float:
    """Of numbers, 3 is too much; every state is worth the same."""
    return float(evidence.state.endswith("+ 3")) if evidence.question == QUESTION else 0.5


def searched(domain: Adding, run: File | None = None, value: ScriptedValue | None = None) -> list[Result]:
    async def collect() -> list[Result]:
        tasks = [Task("9", "9"), Task("10", "10")]
        policy = ScriptedPolicy(texts=["1", "2", "3"], latency=0.001)
        scripted = value or ScriptedValue(strict, latency=0.001)
        results = search(tasks, domain=domain, policy=policy, value=scripted, recipe=DEEP, budget=BUDGET, run=run)
        return [result async for result in results]

    return run_async(collect())


def test_each_doubt_of_a_task_is_asked_once_and_the_steps_go_by_it(tmp_path: File) -> None:
    domain = Doubting()
    assert isinstance(domain, Doubtful)
    results = searched(domain, tmp_path / "run")
    asked = [(e["task"], e["request"]["evidence"]["state"]) for e in RunReader(tmp_path / "run").events(kind="doubt")]
    assert len(asked) == len(set(asked)) == len(domain.told)
    assert {task for task, _ in asked} == {"9", "10"}
    assert set(domain.heard.values()) <= {1, 2}  # once a task
    texts = {node.text for result in results for node in result.tree.nodes[1:]}
    assert texts == {"1", "2"}
    assert all(result.dropped["too much"] > 0 for result in results)


def test_a_domain_that_is_never_content_fails_its_nodes() -> None:
    """Instead of being asked for ever."""

    class Deaf(Doubting):
        def doubts(self, state: Path, proposals: Sequence[str]) -> list[Doubt]:
            return [Doubt(text, QUESTION) for text in sorted(set(proposals))]

    for result in searched(Deaf()):
        assert result.failures
        assert all("in doubt again" in error for _, error in result.failures)


def test_doubts_are_paid_for_as_values(tmp_path: File) -> None:
    results = searched(Doubting(), tmp_path / "run")
    reader = RunReader(tmp_path / "run")
    for result in results:
        counted = [e for kind in ("score", "doubt") for e in reader.events(result.task.id, kind=kind)]  # type: ignore[arg-type]
        assert result.cost.value_tokens == sum(event["prompt_tokens"] for event in counted)
    assert {row["kind"] for row in reader.spending()} == {"propose", "score", "doubt"}


def test_a_replay_is_told_the_answers_and_charges_them(tmp_path: File) -> None:
    results = searched(Doubting(), tmp_path / "run")
    domain = Doubting()
    replay = Replay(tmp_path / "run", domain=domain)
    assert domain.told
    asked = sum(event["prompt_tokens"] for event in RunReader(tmp_path / "run").events(kind="doubt"))
    replayed = replay.search(DEEP, BUDGET)
    assert {result.answer for result in replayed.results} == {result.answer for result in results}
    with_doubts = sum(result.cost.value_tokens for result in replayed.results)
    assert with_doubts > asked


def test_no_number_is_no_answer_and_fails_the_node() -> None:
    class Broken(ScriptedValue):
        async def score(self, evidence: Sequence[Evidence]) -> list[Score]:
            told = await super().score(evidence)
            return [
                Score(math.nan, score.usage, "broken") if item.question == QUESTION else score
                for item, score in zip(evidence, told, strict=True)
            ]

    for result in searched(Doubting(), value=Broken()):
        assert [node.id for node in result.tree.nodes] == [0]
        assert result.failures == ((0, "BadAnswer: broken got value nan; it must lie in [0, 1]"),)


def test_a_doubt_needs_somebody_to_ask() -> None:
    async def collect() -> None:
        recipe = mcts(n=3, evaluate="ends")
        async for _ in search(
            [Task("9", "9")], domain=Doubting(), policy=ScriptedPolicy(texts=["1"]), recipe=recipe, budget=BUDGET
        ):
            pass

    with pytest.raises(MissingPart, match="has a model judge actions before they are done and needs a value model"):
        run_async(collect())

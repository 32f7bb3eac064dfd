"""The embedded cache: the same request is answered from disk, for the same model only, and every hit is marked."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from adding import Adding

from treewright.domains.protocol import Task
from treewright.search import Budget, MissingPart, Result, RunReader, Status, mcts, search
from treewright.value_models.protocols import Usage
from treewright.value_models.scripted import ScriptedPolicy, ScriptedValue

STEPS = ["1", "2", "3"]


def searched(
    directory: Path, name: str, policy: object, value: ScriptedValue, *, seed: int = 0, cached: bool = True
) -> tuple[Result, Status]:
    status = Status()

    async def collect() -> Result:
        stream = search(
            [Task("t", "30")], domain=Adding(listed=False, paid=False), policy=policy, value=value, recipe=mcts(n=3),  # type: ignore[arg-type]
            budget=Budget(expansions=12), deterministic=True, seed=seed, run=directory / name, status=status,
            cache=directory / "answers.db" if cached else None,
        )  # fmt: skip
        (result,) = [result async for result in stream]
        return result

    return asyncio.run(collect()), status


def test_a_second_run_asks_nothing_and_ends_alike(tmp_path: Path) -> None:
    first, _ = searched(tmp_path, "a", ScriptedPolicy(texts=STEPS), ScriptedValue())
    policy, value = ScriptedPolicy(texts=STEPS), ScriptedValue()
    second, status = searched(tmp_path, "b", policy, value)
    assert (policy.calls, value.calls) == (0, 0)
    assert second.tree.render() == first.tree.render()
    assert (second.cost.policy, second.cost.value) == (Usage(), Usage())
    events = [event for event in RunReader(tmp_path / "b").events() if event["kind"] in ("propose", "score")]
    assert all(event["cached"] for event in events)
    assert status.cached == len(events) > 0
    assert not any(event["cached"] for event in RunReader(tmp_path / "a").events())


def test_without_being_asked_for_it_is_not_used(tmp_path: Path) -> None:
    searched(tmp_path, "a", ScriptedPolicy(texts=STEPS), ScriptedValue())
    policy = ScriptedPolicy(texts=STEPS)
    searched(tmp_path, "b", policy, ScriptedValue(), cached=False)
    assert policy.calls == 12


def test_another_model_or_another_draw_is_another_request(tmp_path: Path) -> None:
    searched(tmp_path, "a", ScriptedPolicy(texts=STEPS), ScriptedValue())
    other, value = ScriptedPolicy(texts=STEPS, seed=1), ScriptedValue()
    searched(tmp_path, "b", other, value)
    assert other.calls == 12
    same = ScriptedPolicy(texts=STEPS)
    searched(tmp_path, "c", same, ScriptedValue(), seed=1)
    assert same.calls == 12


def test_a_model_that_does_not_say_who_it_is_is_refused(tmp_path: Path) -> None:
    class Nameless:
        propose = ScriptedPolicy(texts=STEPS).propose

    with pytest.raises(MissingPart, match="Nameless has no `identity`"):
        searched(tmp_path, "a", Nameless(), ScriptedValue())

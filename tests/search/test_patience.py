"""A server that is away is waited for where it answered before, and only there."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from adding import Adding

from treewright.domains.protocol import Task
from treewright.search import Budget, Result, RunPaused, mcts, search
from treewright.value_models.errors import ServerUnreachable
from treewright.value_models.protocols import Evidence, Policy, Prompt, Proposals, Score, ValueModel
from treewright.value_models.scripted import ScriptedPolicy, ScriptedValue


class AwayAtFirst(ScriptedValue):
    """Not to be reached at its first `times` requests."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.away = times

    async def score(self, evidence: Sequence[Evidence]) -> list[Score]:
        if self.away:
            self.away -= 1
            raise ServerUnreachable("nobody home")
        return await super().score(evidence)


class OneServer(AwayAtFirst):
    """Proposes, and scores."""

    async def propose(self, prompts: Sequence[Prompt], n: int) -> list[Proposals]:
        return await ScriptedPolicy(texts=["1", "2", "3"]).propose(prompts, n)


async def run(policy: Policy, value: ValueModel | None) -> Result:
    stream = search(
        [Task("a", "9")], domain=Adding(listed=False), policy=policy, value=value, recipe=mcts(),
        budget=Budget(expansions=6), patience=5.0, concurrency=1,
    )  # fmt: skip
    (result,) = [result async for result in stream]
    return result


async def test_what_a_server_proposed_counts_for_its_scores() -> None:
    model = OneServer(2)
    result = await run(model, None)
    assert model.away == 0
    assert not result.failures
    assert model.items_seen > 0


async def test_a_server_that_never_answered_is_not_waited_for() -> None:
    value = AwayAtFirst(2)
    with pytest.raises((ServerUnreachable, RunPaused), match="nobody home"):
        await run(ScriptedPolicy(texts=["1", "2", "3"]), value)
    assert value.away == 1

"""Stragglers: what is late is given up, counted, sent again, and the search goes on."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence

import pytest
from adding import Adding

from treewright.domains.protocol import Task
from treewright.search import Budget, Deadlines, Result, Status, mcts, search
from treewright.search.deadlines import ENOUGH, Stopwatch
from treewright.value_models.errors import RequestLate
from treewright.value_models.protocols import Prompt, Proposals
from treewright.value_models.scripted import ScriptedPolicy, ScriptedValue

STEPS = ["1", "2", "3"]


class SometimesStuck(ScriptedPolicy):
    """Never answers the first `times` requests for each prompt that `stuck` picks."""

    def __init__(self, path: str, times: int) -> None:
        super().__init__(texts=STEPS)
        self.path, self.times, self.asked = path, times, Counter[str]()

    async def propose(self, prompts: Sequence[Prompt], n: int) -> list[Proposals]:
        self.asked[prompts[0].prefix] += 1
        if prompts[0].prefix == self.path and self.asked[self.path] <= self.times:
            await asyncio.sleep(3600)
        return await super().propose(prompts, n)


class SlowAt(Adding):
    """Takes long to show a state with one step."""

    def observe(self, state):  # type: ignore[no-untyped-def]
        shown = super().observe(state)
        if shown.path.split() == ["1"]:
            time.sleep(0.2)
        return shown


async def run(policy: ScriptedPolicy, deadlines: Deadlines, domain: Adding | None = None) -> tuple[Result, Status]:
    status = Status()
    stream = search(
        [Task("a", "9")], domain=domain or Adding(listed=False), policy=policy, value=ScriptedValue(), recipe=mcts(),
        budget=Budget(expansions=20), status=status, deadlines=deadlines,
    )  # fmt: skip
    (result,) = [result async for result in stream]
    return result, status


async def test_a_late_request_is_sent_again() -> None:
    policy = SometimesStuck("", 1)
    result, status = await run(policy, Deadlines(request=0.05))
    assert status.late == 1
    assert policy.asked[""] == 2
    assert result.failures == ()
    assert "late" not in result.dropped
    assert result.cost.policy.calls == result.cost.expansions + 1


async def test_a_late_trial_gives_its_visit_back_and_the_node_may_be_tried_again() -> None:
    policy = SometimesStuck("", 2)
    result, status = await run(policy, Deadlines(request=0.05, retries=0))
    assert result.dropped["late"] == 2
    assert status.late == 2
    assert result.failures == ()
    assert len(result.tree.nodes) > 1
    assert result.tree.nodes[0].visits == result.cost.expansions - 2 + sum(node.paid for node in result.tree.nodes)


async def test_a_node_that_is_always_late_fails_and_the_search_ends() -> None:
    result, _ = await run(SometimesStuck("", 99), Deadlines(request=0.02, retries=0))
    assert result.dropped["late"] == 2
    ((node, why),) = result.failures
    assert node == 0
    assert why.startswith("RequestLate: ")


async def test_a_late_step_is_given_up() -> None:
    result, status = await run(ScriptedPolicy(texts=STEPS), Deadlines(step=0.05), SlowAt())
    assert status.late >= 1
    assert all(why.startswith("StepLate: ") for _, why in result.failures)
    assert len(result.tree.nodes) > 5


async def test_the_slowest_few_per_cent_are_cut() -> None:
    watch = Stopwatch(Deadlines(slowest=0.05))
    for _ in range(ENOUGH - 1):
        await watch.timed(asyncio.sleep(0))
    assert watch.limit is None
    await watch.timed(asyncio.sleep(0.02))
    assert watch.limit is not None
    assert watch.limit < 0.02
    for _ in range(4):
        with pytest.raises(RequestLate, match="given up after"):
            await watch.timed(asyncio.sleep(1))
    assert watch.limit is None  # more than 5% were cut: the server has become slower, so the limit must rise


async def test_an_error_of_the_request_itself_is_no_lateness() -> None:
    async def fails() -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        await Stopwatch(Deadlines(request=5)).timed(fails())


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"request": 0}, "request is"),
        ({"step": -1}, "step is"),
        ({"retries": -1}, "retries"),
        ({"slowest": 0.5}, "slowest"),
    ],
)
def test_limits_that_are_none_are_refused(given: dict[str, float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Deadlines(**given)  # type: ignore[arg-type]

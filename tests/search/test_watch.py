"""Concurrency that follows what the server says, and the prefix-cache hit rate."""

from __future__ import annotations

import asyncio

import pytest
from adding import Adding

from treewright.domains.protocol import Task
from treewright.search import Budget, Status, mcts, search, watch
from treewright.search.watch import check_concurrency, next_limit, tasks_at_once
from treewright.value_models.errors import ServerUnreachable
from treewright.value_models.load import ServerLoad
from treewright.value_models.scripted import ScriptedPolicy, ScriptedValue


class Measured(ScriptedPolicy):
    """A policy whose server takes `places` requests at once and says so."""

    def __init__(self, places: int, fail: bool = False) -> None:
        super().__init__(texts=["1", "2", "3"], latency=0.03)
        self.places, self.fail, self.looks = places, fail, 0

    async def load(self) -> ServerLoad | None:
        self.looks += 1
        if self.fail and self.looks > 1:
            raise ServerUnreachable("gone")
        running = min(self._in_flight, self.places)
        return ServerLoad(running, self._in_flight - running, 0.1, 100.0 * self.looks, 75.0 * self.looks)


@pytest.mark.parametrize(
    ("limit", "wanted", "load", "then"),
    [
        (32, 32, ServerLoad(32, 0, 0.1), 64),  # nothing waits there, something waits here: twice as many
        (32, 20, ServerLoad(20, 0, 0.1), 32),  # the search has no more to send
        (100, 100, ServerLoad(64, 10, 0.3), 100),  # a short queue
        (100, 100, ServerLoad(50, 50, 0.3), 55),  # 100 x 1.1 x 50 / 100
        (40, 40, ServerLoad(160, 160, 0.3), 22),  # four sequences a request: the ratio is the same
        (100, 100, ServerLoad(50, 0, 0.97), 90),  # the KV cache is all but full
        (9, 9, ServerLoad(1, 50, 0.3), 8),
        (4000, 4000, ServerLoad(4000, 0, 0.3), 4096),
        (32, 32, ServerLoad(0, 40, 0.0), 8),
    ],
)
def test_the_next_limit(limit: int, wanted: int, load: ServerLoad, then: int) -> None:
    assert next_limit(limit, wanted, load) == then


def test_auto_needs_a_model_that_tells_its_load() -> None:
    assert check_concurrency("auto", Measured(4)) == "auto"
    assert check_concurrency("auto", ScriptedPolicy()) == 32
    assert check_concurrency(7, Measured(4)) == 7
    assert tasks_at_once(7) == 7
    assert tasks_at_once("auto") == watch.TASKS
    for wrong in (0, "many"):
        with pytest.raises(ValueError, match="at least 1, or 'auto'"):
            check_concurrency(wrong, None)


async def searched(
    policy: Measured, concurrency: int | str, monkeypatch: pytest.MonkeyPatch, expansions: int = 8
) -> Status:
    monkeypatch.setattr(watch, "EVERY", 0.02)
    status = Status()
    stream = search(
        [Task(str(i), "30") for i in range(60)], domain=Adding(listed=False), policy=policy, value=ScriptedValue(),
        recipe=mcts(), budget=Budget(expansions=expansions), status=status, concurrency=concurrency,  # type: ignore[arg-type]
    )  # fmt: skip
    results = [result async for result in stream]
    assert len(results) == 60
    return status


async def test_the_number_of_requests_grows_to_what_the_server_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = Measured(100)
    status = await searched(policy, "auto", monkeypatch, 32)
    assert 64 < policy.most_in_flight <= 300
    assert status.prefix_hit_rate == 0.75


async def test_a_fixed_number_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = Measured(100)
    status = await searched(policy, 20, monkeypatch)
    assert policy.most_in_flight <= 20
    assert status.prefix_hit_rate == 0.75


async def test_a_look_that_fails_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = Measured(100, fail=True)
    status = await searched(policy, "auto", monkeypatch)
    assert policy.looks > 2
    assert policy.most_in_flight <= 32
    assert status.prefix_hit_rate is None
    assert not [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]

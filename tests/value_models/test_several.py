"""Several servers behind one name: where requests go, and what happens when a server is lost."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter

import pytest

from treewright.value_models import VLLM, Prompt, Sampling, ServerLoad
from treewright.value_models.errors import Refused, ServerBusy, ServerUnreachable
from treewright.value_models.several import SeveralServers
from treewright.value_models.transport import ModelCard


class Member:
    """A server that notes what it is asked, is away while `error` is set, and answers when `door` opens."""

    def __init__(self, root, error=None):
        self.root, self.error, self.asked = root, error, []
        self.door = asyncio.Event()
        self.door.set()

    async def model(self):
        await self.post("/v1/models", {})
        return ModelCard("m", None, True)

    async def post(self, path, body, *, since="", prefix=""):
        self.asked.append(body.get("prompt", path))
        await self.door.wait()
        if self.error is not None:
            raise self.error
        return {"by": self.root}

    async def version(self):
        return "0.32.0"

    async def load(self):
        if self.error is not None:
            raise self.error
        return ServerLoad(1, 2, 0.5, 10, 5)

    async def close(self):
        pass


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def members():
    return [Member(f"http://server-{i}") for i in range(3)]


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def servers(members, clock):
    return SeveralServers(members, retries=1, backoff=0.001, clock=clock)


async def send(servers, prefix, count=1):
    return Counter([(await servers.post("/p", {"prompt": prefix}, prefix=prefix))["by"] for _ in range(count)])


async def test_a_prefix_keeps_to_one_server_and_prefixes_spread(servers):
    homes = {}
    for prefix in map(str, range(60)):
        ((homes[prefix], count),) = (await send(servers, prefix, 3)).items()
        assert count == 3
    assert min(Counter(homes.values()).values()) >= 10


async def test_a_server_with_too_much_to_do_passes_its_prefix_on(servers, members):
    (home,) = await send(servers, "task")
    for member in members:
        member.door.clear()
    sent = [asyncio.create_task(send(servers, "task")) for _ in range(30)]
    await asyncio.sleep(0)
    in_flight = {member.root: len(member.asked) - (member.root == home) for member in members}
    assert sum(in_flight.values()) == 30
    assert in_flight[home] == max(in_flight.values()) < 20
    for member in members:
        member.door.set()
    await asyncio.gather(*sent)


async def test_without_a_prefix_the_least_loaded_is_asked(servers, members):
    for member in members:
        member.door.clear()
    sent = [asyncio.create_task(send(servers, "")) for _ in range(9)]
    await asyncio.sleep(0)
    assert [len(member.asked) for member in members] == [3, 3, 3]
    for member in members:
        member.door.set()
    await asyncio.gather(*sent)


async def test_the_requests_of_a_lost_server_move_and_it_is_asked_again_later(servers, members, clock):
    (home,) = await send(servers, "task")
    lost = next(member for member in members if member.root == home)
    lost.error = ServerUnreachable("gone")
    lost.asked.clear()
    moved = await send(servers, "task", 5)
    assert home not in moved
    assert len(lost.asked) == 1
    clock.now = 2.1
    await send(servers, "task", 5)
    assert len(lost.asked) == 2
    clock.now = 4.2  # four seconds, now that it was lost twice in a row
    await send(servers, "task", 5)
    assert len(lost.asked) == 2
    lost.error = None
    clock.now = 6.3
    assert await send(servers, "task", 5) == {home: 5}


async def test_other_prefixes_stay_where_they_are_when_a_server_is_lost(servers, members):
    before = {prefix: await send(servers, prefix) for prefix in map(str, range(30))}
    members[0].error = ServerUnreachable("gone")
    after = {prefix: await send(servers, prefix) for prefix in before}
    for prefix, home in before.items():
        assert (after[prefix] == home) == (members[0].root not in home)


async def test_a_busy_server_is_passed_over_for_this_request_only(servers, members):
    (home,) = await send(servers, "task")
    busy = next(member for member in members if member.root == home)
    busy.error = ServerBusy("busy", 503)
    assert home not in await send(servers, "task")
    busy.error = None
    assert await send(servers, "task") == {home: 1}


async def test_when_all_are_lost_all_are_asked_before_it_is_an_error(servers, members):
    for member in members:
        member.error = ServerUnreachable("gone")
    with pytest.raises(ServerUnreachable):
        await send(servers, "task")
    assert [len(member.asked) for member in members] == [2, 2, 2]
    with pytest.raises(ServerUnreachable):
        await servers.load()
    members[1].error = None
    assert await send(servers, "task") == {members[1].root: 1}
    assert await servers.load() == ServerLoad(1, 2, 0.5, 10, 5)


async def test_an_answer_that_is_an_error_does_not_move(servers, members):
    for member in members:
        member.error = Refused("no", 400)
    with pytest.raises(Refused):
        await send(servers, "task")
    assert sum(len(member.asked) for member in members) == 1


async def test_the_model_is_asked_for_once(servers, members):
    await servers.model()
    await servers.model()
    assert sum(len(member.asked) for member in members) == 1
    with pytest.raises(ValueError, match="at least one"):
        SeveralServers([])


@pytest.mark.parametrize("form", [",".join, list])
async def test_one_of_two_real_addresses_is_enough(stub, form):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{probe.getsockname()[1]}/v1"
    stub.answer(
        "/v1/completions",
        {"choices": [{"index": 0, "text": "4", "finish_reason": "stop"}], "usage": {"prompt_tokens": 3}},
    )
    model = VLLM(form([dead, stub.url]), api="completion", logprobs=False)
    assert model.url == f"{dead},{stub.url}"
    for user in "abcdef":
        (answer,) = await model.propose([Prompt(user, sampling=Sampling(4))], 1)
        assert answer.items[0].text == "4"
    await model.close()

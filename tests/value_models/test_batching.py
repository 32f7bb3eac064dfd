"""Batched: who shares a request, who gets an error, who may leave."""

from __future__ import annotations

import asyncio

import pytest

from treewright.value_models import Batched, Evidence, ScriptedValue, Usage, ValueModel
from treewright.value_models.errors import BadAnswer, ModelError, PromptTooLong


def item(text):
    return Evidence("task", str(text), "?")


class Recorder:
    """Scores an item by the number in its state, keeps the batches, and fails on the word "bad"."""

    value_range = (0.0, 1.0)
    max_batch = 64

    def __init__(self, latency=0.0):
        self.batches = []
        self.inner = ScriptedValue(lambda evidence: float(evidence.state) / 1000, latency=latency)

    async def score(self, evidence):
        self.batches.append([one.state for one in evidence])
        if any(one.state == "bad" for one in evidence):
            raise ModelError("bad evidence")
        if any(one.state == "long" for one in evidence):
            raise PromptTooLong("one state is too long")
        return await self.inner.score(evidence)


async def test_concurrent_calls_share_one_request_and_get_their_own_scores():
    model = Recorder()
    batched = Batched(model)
    assert isinstance(batched, ValueModel)
    assert batched.value_range == (0.0, 1.0)
    got = await asyncio.gather(*(batched.score([item(i), item(i + 100)]) for i in range(10)))
    assert [[score.value for score in scores] for scores in got] == [[i / 1000, (i + 100) / 1000] for i in range(10)]
    assert len(model.batches) == 1


async def test_a_batch_that_was_paid_for_and_gave_no_answer_is_booked_once():
    class Garbling(Recorder):
        async def score(self, evidence):
            if any(one.state == "nan" for one in evidence):
                self.batches.append(evidence)
                error = BadAnswer("NaN")
                error.usage = Usage(100 * len(evidence), 0, 0, 1)
                raise error
            return await super().score(evidence)

    batched = Batched(Garbling())
    (one,), (two,), failed = await asyncio.gather(
        batched.score([item(1)]), batched.score([item(2)]), batched.score([item("nan")]), return_exceptions=True
    )
    assert one.usage.tokens == 300 + two.usage.tokens
    assert failed.usage == Usage(100, 0, 0, 1)
    first, later = await asyncio.gather(batched.score([item("nan")]), batched.score([item(1)]), return_exceptions=True)
    assert first.usage == Usage(300, 0, 0, 2)
    assert later[0].usage == two.usage


async def test_no_batch_is_larger_than_asked_and_no_call_is_split():
    model = Recorder()
    batched = Batched(model, max_items=4)
    await asyncio.gather(*(batched.score([item(i)] * 3) for i in range(3)), batched.score([item(9)] * 6))
    assert [len(batch) for batch in model.batches] == [3, 3, 3, 6]


async def test_a_full_batch_does_not_wait():
    batched = Batched(Recorder(), max_items=2, wait=60.0)
    async with asyncio.timeout(5):
        await asyncio.gather(batched.score([item(1)]), batched.score([item(2)]))


async def test_a_batch_in_flight_holds_up_nobody():
    model = Recorder(latency=0.05)
    batched = Batched(model, wait=0.0)
    first = asyncio.create_task(batched.score([item(1)]))
    await asyncio.sleep(0.01)
    second = asyncio.create_task(batched.score([item(2)]))
    await asyncio.sleep(0.01)
    assert not first.done()
    assert model.batches == [["1"], ["2"]]
    await asyncio.gather(first, second)


async def test_while_the_model_is_busy_batches_grow_until_they_are_full():
    class Closed(Recorder):
        door = asyncio.Event()

        async def score(self, evidence):
            scores = await super().score(evidence)
            await self.door.wait()
            return scores

    model = Closed()
    batched = Batched(model, max_items=4, wait=0.0, partial=2)
    calls = []
    for number in range(13):
        calls.append(asyncio.create_task(batched.score([item(number)])))
        await asyncio.sleep(0.005)
    # Two go out with one item each, then only full ones, until a batch is back.
    assert [len(batch) for batch in model.batches] == [1, 1, 4, 4]
    model.door.set()
    got = await asyncio.gather(*calls)
    assert [score.value for (score,) in got] == [number / 1000 for number in range(13)]
    assert [len(batch) for batch in model.batches] == [1, 1, 4, 4, 3]


async def test_an_error_reaches_its_batch_and_nobody_else():
    batched = Batched(Recorder(), max_items=2)
    results = await asyncio.gather(
        batched.score([item(1)]),
        batched.score([item("bad")]),
        batched.score([item(3)]),
        batched.score([item(4)]),
        return_exceptions=True,
    )
    assert [isinstance(result, ModelError) for result in results] == [True, True, False, False]


async def test_a_caller_who_leaves_harms_nobody():
    model = Recorder(latency=0.03)
    batched = Batched(model)
    before, during, stays = (asyncio.create_task(batched.score([item(i)])) for i in range(3))
    await asyncio.sleep(0)
    before.cancel()
    await asyncio.sleep(0.015)
    during.cancel()
    assert [score.value for score in await stays] == [0.002]
    assert before.cancelled()
    assert during.cancelled()
    assert model.batches == [["1", "2"]]


async def test_a_model_that_gives_too_few_scores():
    class Short(Recorder):
        async def score(self, evidence):
            return (await super().score(evidence))[:-1]

    with pytest.raises(BadAnswer, match="Short gave 0 scores for 1 items"):
        await Batched(Short()).score([item(1)])


def test_it_works_on_a_new_event_loop():
    batched = Batched(ScriptedValue(lambda _: 0.5))

    async def abandoned():
        asyncio.create_task(batched.score([item(1)]))  # noqa: RUF006
        await asyncio.sleep(0)

    asyncio.run(abandoned())
    for _ in range(2):
        assert asyncio.run(batched.score([item(1)]))[0].value == 0.5


@pytest.mark.parametrize("options", [{"max_items": 0}, {"wait": -1.0}])
def test_options_that_are_none(options):
    with pytest.raises(ValueError, match="expected at least 1"):
        Batched(ScriptedValue(), **options)


async def test_one_items_own_fault_reaches_its_own_caller_alone():
    model = Recorder()
    batched = Batched(model)
    calls = [batched.score([item(text)]) for text in (100, "long", 200)]
    one, fault, other = await asyncio.gather(*calls, return_exceptions=True)
    assert [one[0].value, other[0].value] == [0.1, 0.2]
    assert isinstance(fault, PromptTooLong)
    assert model.batches == [["100", "long", "200"], ["100"], ["long"], ["200"]]


def test_by_default_a_batch_is_as_large_as_the_model_takes():
    model = Recorder()
    model.max_batch = 7
    assert Batched(model).max_batch == 7

"""The fakes that ship: they answer alike in every process, and count what they were asked."""

from __future__ import annotations

import asyncio
import doctest
import math

import pytest

from treewright.value_models import Evidence, Prompt, Sampling, ScriptedPolicy, ScriptedValue, Uniform, scripted
from treewright.value_models.errors import BadAnswer, ModelError
from treewright.value_models.protocols import Policy, Ranker, ValueModel


def test_the_examples_in_the_docstrings():
    found = doctest.testmod(scripted)
    assert found.attempted >= 6
    assert found.failed == 0


def test_they_speak_the_protocols():
    assert isinstance(ScriptedPolicy(), Policy)
    assert isinstance(ScriptedPolicy(), Ranker)
    assert isinstance(ScriptedValue(), ValueModel)
    assert isinstance(Uniform(), Ranker)


async def test_draws_depend_on_seed_prompt_and_index_alone():
    texts = [str(i) for i in range(1000)]

    async def draw(seed, user, sampling_seed=None):
        policy = ScriptedPolicy(texts=texts, seed=seed)
        (got,) = await policy.propose([Prompt(user, sampling=Sampling(seed=sampling_seed))], 5)
        return [one.text for one in got.items]

    assert await draw(0, "a") == ["973", "267", "369", "428", "775"]
    assert await draw(0, "a") == await draw(0, "a")
    others = [await draw(1, "a"), await draw(0, "b"), await draw(0, "a", 3)]
    assert await draw(0, "a") not in others


async def test_a_script_by_mapping_starts_again_when_it_runs_out():
    policy = ScriptedPolicy({"q: go": ["a b", "c"]})
    (got,) = await policy.propose([Prompt("q:", prefix=" go")], 3)
    assert [one.text for one in got.items] == ["a b", "c", "a b"]
    assert [one.tokens for one in got.items] == [2, 1, 2]
    assert [one.logprob for one in got.items] == [-math.log(2)] * 3
    assert (got.usage.prompt_tokens, got.usage.completion_tokens, got.usage.calls) == (2, 5, 1)


async def test_a_prompt_without_a_script_is_an_error():
    with pytest.raises(BadAnswer, match=r"no text for the prompt 'x'. It knows: 'q'"):
        await ScriptedPolicy({"q": ["a"]}).propose([Prompt("x")], 1)


async def test_ranked_probabilities_sum_to_one_and_do_not_depend_on_order():
    (forward,) = await ScriptedPolicy().rank([Prompt("q")], [["a", "b", "c"]])
    (backward,) = await ScriptedPolicy().rank([Prompt("q")], [["c", "b", "a"]])
    assert math.fsum(map(math.exp, forward.logprobs)) == pytest.approx(1.0)
    assert forward.logprobs == pytest.approx(backward.logprobs[::-1])
    assert len(set(forward.logprobs)) == 3
    (flat,) = await ScriptedPolicy(sharpness=0.0).rank([Prompt("q")], [["a", "b"]])
    assert flat.logprobs == pytest.approx([-math.log(2)] * 2)


async def test_calls_and_requests_in_flight_are_counted():
    policy = ScriptedPolicy(latency=0.01)
    await asyncio.gather(*(policy.propose([Prompt("a"), Prompt("b")], 1) for _ in range(5)))
    await policy.rank([Prompt("a")], [["x"]])
    assert (policy.calls, policy.prompts_seen, policy.most_in_flight) == (6, 11, 5)


async def test_values_by_hash_lie_in_the_range_and_differ():
    model = ScriptedValue(value_range=(-1.0, 1.0))
    scores = await model.score([Evidence("t", str(i), "?") for i in range(200)])
    values = [score.value for score in scores]
    assert len(set(values)) == 200
    assert -1.0 < min(values) < -0.9
    assert 0.9 < max(values) < 1.0
    assert (model.calls, model.items_seen) == (1, 200)


async def test_a_value_outside_the_range_is_an_error():
    with pytest.raises(ModelError, match=r"gave 1\.5.*expected 0.0 to 1.0"):
        await ScriptedValue(lambda _: 1.5).score([Evidence("t", "s", "?")])


async def test_uniform_costs_nothing():
    first, empty = await Uniform().rank([Prompt("a"), Prompt("b")], [["x", "y", "z", "w"], []])
    assert first.logprobs == (-math.log(4),) * 4
    assert first.usage.tokens == 0
    assert empty.logprobs == ()
    assert not isinstance(Uniform(), Policy)

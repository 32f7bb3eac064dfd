"""The same client against a real vLLM server with a small model."""

from __future__ import annotations

import asyncio
import math

import pytest

from treewright.value_models import VLLM, Batched, Evidence, Prompt, Sampling
from treewright.value_models.client import Client
from treewright.value_models.errors import MissingEndpoint, ModelError, PromptTooLong, UnknownModel, WrongPath
from treewright.value_models.prompts import label_text, plain_text
from treewright.value_models.scoring import LabelValue

pytestmark = pytest.mark.server

QUESTION = "Name a colour."
LONG = "word " * 5000


@pytest.fixture
async def model(server_url):
    made = VLLM(server_url)
    yield made
    await made.close()


async def test_describe(model):
    info = await model.describe()
    assert info.model
    assert info.max_model_len is not None
    assert info.max_model_len >= 1024
    assert info.version is not None


async def test_n_samples_with_counts_and_logprobs(model):
    (got,) = await model.propose([Prompt(QUESTION, sampling=Sampling(12, seed=1))], 4)
    assert len(got.items) == 4
    assert len({item.text for item in got.items}) > 1
    assert sum(item.tokens for item in got.items) == got.usage.completion_tokens
    assert all(item.tokens <= 12 for item in got.items)
    assert all(math.isfinite(item.logprob) and item.logprob < 0 for item in got.items)
    assert all(item.finish in ("stop", "length") for item in got.items)
    assert got.usage.prompt_tokens > 5
    assert got.usage.calls == 1


@pytest.mark.parametrize("api", ["chat", "completion"])
async def test_a_seed_repeats_and_another_does_not(server_url, api):
    model = VLLM(server_url, api=api)
    prompts = [Prompt(QUESTION, sampling=Sampling(16, seed=seed)) for seed in (7, 7, 8)]
    first, again, other = [[item.text for item in got.items] for got in await model.propose(prompts, 3)]
    await model.close()
    assert first == again
    assert first != other


async def test_the_greedy_answer_is_the_likeliest_first_token(model):
    greedy, drawn = await model.propose(
        [Prompt(QUESTION, sampling=Sampling(1, temperature)) for temperature in (0.0, 1.0)], 16
    )
    assert len({item.text for item in greedy.items}) == 1
    assert max(item.logprob for item in drawn.items) <= greedy.items[0].logprob + 0.05


async def test_stop_strings_end_a_proposal_and_are_not_in_it(model):
    prompt = Prompt("Count from 1 to 9, with commas.", prefix="1, 2, 3,", sampling=Sampling(32, 0.0, stop=("5",)))
    (got,) = await model.propose([prompt], 1)
    assert "5" not in got.items[0].text
    assert "4" in got.items[0].text
    assert got.items[0].finish == "stop"


async def test_a_proposal_continues_the_prefix(model):
    prompt = Prompt("Say the alphabet.", prefix="A, B, C, D, E, F,", sampling=Sampling(4, 0.0))
    (got,) = await model.propose([prompt], 1)
    assert got.items[0].text.lstrip().startswith("G")


async def test_what_prompts_share_is_read_once_and_told(model):
    """Also on the CPU build, whose own cache blocks are longer than these prompts."""
    before = await model.load()
    task = "A shop packs 7 pens in a box. It sells 5 boxes on Monday and 2 on Tuesday. How many pens does it sell? "
    sampling = Sampling(4, seed=1, stop=("\n",))
    (first,) = await model.propose([Prompt(task * 2, prefix="It sells 5 + 2 = 7 boxes.\n", sampling=sampling)], 2)
    (second,) = await model.propose([Prompt(task * 2, prefix="It sells 7 boxes.\n", sampling=sampling)], 2)
    assert 32 <= second.usage.cached_tokens < second.usage.prompt_tokens
    after = await model.load()
    # Each sample looks its prompt up on its own.
    assert after.prefix_queries - before.prefix_queries == 2 * (first.usage.prompt_tokens + second.usage.prompt_tokens)
    assert after.prefix_hits - before.prefix_hits >= 2 * second.usage.cached_tokens


async def test_ranking_equals_probabilities_summed_by_hand(server_url, model):
    prompt = Prompt("Numbers: 4 6", "Make 24.", "First,")
    candidates = [" 4 * 6 = 24\n", " 4 + 6 = 10\n", " é 🙂"]
    (ranked,) = await model.rank([prompt], [candidates])
    client = Client(server_url)
    name = (await client.model()).id
    for candidate, logprob in zip(candidates, ranked.logprobs, strict=True):
        body = {"model": name, "prompt": plain_text(prompt) + candidate, "max_tokens": 1, "prompt_logprobs": 0}
        heads = [
            await client.post("/tokenize", {"model": name, "prompt": text})
            for text in (plain_text(prompt), body["prompt"])
        ]
        assert heads[1]["tokens"][: heads[0]["count"]] == heads[0]["tokens"]
        entries = (await client.post("/v1/completions", body))["choices"][0]["prompt_logprobs"]
        by_hand = [
            entry[str(token)]["logprob"]
            for entry, token in zip(entries, heads[1]["tokens"], strict=True)
            if entry is not None
        ]
        assert logprob == pytest.approx(sum(by_hand[heads[0]["count"] - 1 :]), abs=0.15)
    await client.close()
    assert ranked.usage.calls == 1
    assert ranked.usage.prompt_tokens > 3 * 10


async def test_label_values_equal_probabilities_read_by_hand(server_url, model):
    evidence = [Evidence("Facts.", "Fire is hot. Ice is cold.", "Is fire hot?"), Evidence("", "", "Is 3 even?")]
    batched = Batched(model)
    (first,), (second,) = await asyncio.gather(*(batched.score([item]) for item in evidence))
    assert first.usage.calls + second.usage.calls == 1
    assert first.usage.prompt_tokens > second.usage.prompt_tokens > 0
    client = Client(server_url)
    name = (await client.model()).id
    labels = []
    for label in (" Yes", " No"):
        labels += (await client.post("/tokenize", {"model": name, "prompt": label, "add_special_tokens": False}))[
            "tokens"
        ]
    for item, score in zip(evidence, (first, second), strict=True):
        body = {"model": name, "prompt": label_text(item), "max_tokens": 1, "logprobs": 1}
        body |= {"logprob_token_ids": labels, "return_tokens_as_token_ids": True}
        (found,) = (await client.post("/v1/completions", body))["choices"][0]["logprobs"]["top_logprobs"]
        yes, no = (math.exp(found[f"token_id:{label}"]) for label in labels)
        assert score.value == pytest.approx(yes / (yes + no), abs=0.03)
    await client.close()


async def test_a_label_of_several_tokens(server_url):
    client = Client(server_url)
    with pytest.raises(ModelError, match=r"label ' Yes, certainly' is \d tokens"):
        await LabelValue(client, positive=" Yes, certainly").score([Evidence("t", "s", "q")])
    await client.close()


async def test_the_judge_gives_a_number_with_feedback(server_url):
    model = VLLM(server_url, value="judge")
    (score,) = await model.score([Evidence("What is 2 + 3?", "2 + 3 = 5.", "Is this right?")])
    await model.close()
    assert 0.0 <= score.value <= 1.0
    assert score.usage.completion_tokens > 0


async def test_a_prompt_longer_than_the_context(model):
    for call in (
        model.propose([Prompt(LONG)], 1),
        model.rank([Prompt(LONG)], [["a"]]),
        model.score([Evidence(LONG, "s", "q")]),
    ):
        with pytest.raises(PromptTooLong) as caught:
            await call
        assert caught.value.context == (await model.describe()).max_model_len


async def test_unknown_model(server_url):
    model = VLLM(server_url, "smollm2-135m")
    with pytest.raises(UnknownModel, match="has no model 'smollm2-135m'"):
        await model.propose([Prompt(QUESTION)], 1)
    await model.close()


async def test_wrong_path(server_url):
    model = VLLM(server_url.removesuffix("/v1") + "/api")
    with pytest.raises(WrongPath, match="OpenAI-compatible"):
        await model.describe()
    await model.close()


async def test_missing_endpoint(server_url):
    client = Client(server_url)
    with pytest.raises(MissingEndpoint, match="/v1/no_such_thing"):
        await client.post("/v1/no_such_thing", {})
    await client.close()


async def test_many_requests_at_once(model):
    prompts = [Prompt(f"Say {i}.", sampling=Sampling(2)) for i in range(40)]
    got = await model.propose(prompts, 1)
    assert [len(one.items) for one in got] == [1] * 40

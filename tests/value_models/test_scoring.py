"""Label values: one request for many states, and what could go wrong in it."""

from __future__ import annotations

import pytest
from aiohttp import web

from treewright.value_models import VLLM, Evidence, Usage
from treewright.value_models.answers import share
from treewright.value_models.client import Client
from treewright.value_models.errors import BadAnswer, MissingEndpoint, ModelError, PromptTooLong
from treewright.value_models.prompts import label_text
from treewright.value_models.scoring import LabelValue

SCORING, TOKENIZE = "/generative_scoring", "/tokenize"
YES_NO = {" Yes": [11], " No": [12]}


@pytest.fixture
def tokenizer(stub):
    def handler(body):
        tokens = YES_NO.get(body["prompt"]) or list(range(len(body["prompt"])))
        return web.json_response({"count": len(tokens), "tokens": tokens})

    stub.handlers[TOKENIZE] = handler


@pytest.fixture
async def model(stub, tokenizer):
    made = VLLM(stub.url)
    yield made
    await made.close()


def scores(*values, prompt=10):
    data = [{"index": i, "score": value} for i, value in enumerate(values)]
    return {"data": data[::-1], "usage": {"prompt_tokens": prompt, "completion_tokens": len(values)}}


def test_label_text_is_as_documented():
    assert label_text(Evidence("Make 24.", "left: 4 6", "Possible?")) == "| Make 24.\n| left: 4 6\nPossible?\nAnswer:"
    assert label_text(Evidence("", "left: 4 6", "")) == "| left: 4 6\nAnswer:"


async def test_states_of_different_tasks_share_a_request(stub, model):
    stub.answer(SCORING, scores(0.75, 0.25))
    first, second = await model.score([Evidence("t1", "a", "q"), Evidence("t2", "b", "q")])
    assert (first.value, second.value) == (0.75, 0.25)
    assert first.provenance == "tiny P(Yes)"
    assert first.usage + second.usage == Usage(10, 0, 2, 1)
    path, body = stub.requests[-1]
    assert path == SCORING
    assert body["items"] == ["| t1\n| a\nq\nAnswer:", "| t2\n| b\nq\nAnswer:"]
    assert body["label_token_ids"] == [11, 12]
    assert (body["query"], body["apply_softmax"]) == ("", True)


async def test_labels_are_looked_up_once(stub, model):
    stub.answer(SCORING, scores(0.5))
    for _ in range(3):
        await model.score([Evidence("t", "s", "q")])
    assert [path for path, _ in stub.requests].count(TOKENIZE) == 2


async def test_many_items_are_split(stub, tokenizer):
    stub.handlers[SCORING] = lambda body: web.json_response(scores(*[len(item) / 100 for item in body["items"]]))
    client = Client(stub.url)
    found = await LabelValue(client, max_items=2).score([Evidence("", "s" * i, "") for i in range(1, 6)])
    await client.close()
    assert [score.value for score in found] == [0.11, 0.12, 0.13, 0.14, 0.15]
    assert sum(path == SCORING for path, _ in stub.requests) == 3


async def test_a_label_of_several_tokens_is_refused(stub, tokenizer):
    client = Client(stub.url)
    with pytest.raises(ModelError, match="label 'good' is 4 tokens of 'tiny'"):
        await LabelValue(client, positive="good").score([Evidence("t", "s", "q")])
    await client.close()


async def test_a_server_without_the_endpoint(model):
    with pytest.raises(MissingEndpoint, match=r"/generative_scoring.*vLLM 0\.32 has it"):
        await model.score([Evidence("t", "s", "q")])


async def test_a_text_that_the_server_would_cut_is_an_error(stub, model):
    stub.answer(SCORING, scores(0.5))
    with pytest.raises(PromptTooLong, match="'tiny' takes 64") as caught:
        await model.score([Evidence("t", "s" * 80, "q")])
    assert caught.value.context == 64
    assert SCORING not in [path for path, _ in stub.requests]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (scores(0.5, 0.5), "2 scores for 1 items"),
        (scores(float("nan")), "probability nan"),
        (scores(1.5), "probability 1.5"),
        ({"data": [{"index": 0}], "usage": {"prompt_tokens": 4}}, "without scores"),
        ({"data": [{"index": 0, "score": 0.5}]}, "no token counts"),
    ],
)
async def test_an_answer_that_is_none(stub, model, given, words):
    stub.answer(SCORING, given)
    with pytest.raises(BadAnswer, match=words) as caught:
        await model.score([Evidence("t", "s", "q")])
    assert (caught.value.usage is None) == (words == "no token counts")


async def test_nothing_to_score_costs_nothing(stub, model):
    assert await model.score([]) == []
    assert stub.requests == []


@pytest.mark.parametrize("weights", [[1], [3, 1], [1, 1, 1], [0, 0], [5, 0, 2, 9]])
def test_shares_add_up(weights):
    whole = Usage(101, 13, 7, 1)
    parts = share(whole, weights)
    assert sum(parts, Usage()) == whole
    assert len(parts) == len(weights)


def test_shares_go_by_weight():
    assert [part.prompt_tokens for part in share(Usage(100, 0, 0, 1), [3, 1])] == [75, 25]

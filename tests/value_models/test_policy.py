"""Proposals: what is asked of a server, and what is made of its answers."""

from __future__ import annotations

import asyncio
import math

import pytest
from aiohttp import web

from treewright.value_models import VLLM, Prompt, Sampling, Usage
from treewright.value_models.errors import BadAnswer, ModelError, NoImages, Refused
from treewright.value_models.protocols import Policy, Ranker, ValueModel

CHAT, COMPLETION = "/v1/chat/completions", "/v1/completions"
PROMPT = Prompt("2 + 2 =", "Be brief.", "The sum is", Sampling(8, 0.7, 0.9, ("\n",), 5))


def chat_choice(text, *logprobs, index=0, finish="stop"):
    content = [{"token": "t", "logprob": value} for value in logprobs]
    return {"index": index, "message": {"content": text}, "logprobs": {"content": content}, "finish_reason": finish}


def answer(*found, prompt=9, completion=4, **details):
    usage = {"prompt_tokens": prompt, "completion_tokens": completion, **details}
    return {"choices": list(found), "usage": usage}


@pytest.fixture
async def model(stub):
    made = VLLM(stub.url)
    yield made
    await made.close()


def test_it_is_policy_ranker_and_value_model(stub):
    model = VLLM(stub.url)
    assert isinstance(model, Policy)
    assert isinstance(model, Ranker)
    assert isinstance(model, ValueModel)
    assert model.value_range == (0.0, 1.0)


async def test_chat_request_and_answer(stub, model):
    stub.answer(
        CHAT,
        answer(
            chat_choice(" 5", -2.0, index=1, finish="length"),
            chat_choice(" 4", -0.5, -0.25),
            prompt_tokens_details={"cached_tokens": 6},
        ),
    )
    (got,) = await model.propose([PROMPT], 2)
    assert [item.text for item in got.items] == [" 4", " 5"]
    assert [item.logprob for item in got.items] == [-0.75, -2.0]
    assert [item.tokens for item in got.items] == [2, 1]
    assert [item.finish for item in got.items] == ["stop", "length"]
    assert got.usage == Usage(9, 6, 4, 1)
    assert got.model == "tiny"
    ((path, body),) = stub.requests
    assert path == CHAT
    assert body == {
        "model": "tiny",
        "n": 2,
        "max_tokens": 8,
        "temperature": 0.7,
        "top_p": 0.9,
        "stop": ["\n"],
        "seed": 5,
        "logprobs": True,
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "2 + 2 ="},
            {"role": "assistant", "content": "The sum is"},
        ],
        "continue_final_message": True,
        "add_generation_prompt": False,
    }


async def test_another_kind_of_server_gets_the_prefix_from_the_user(stub, model):
    stub.models = {"data": [{"id": "gpt", "owned_by": "someone"}]}
    stub.answer(CHAT, answer(chat_choice("4", -1.0)))
    await model.propose([PROMPT], 1)
    body = stub.requests[0][1]
    assert body["messages"][-1] == {"role": "user", "content": "2 + 2 =\nThe sum is"}
    assert "continue_final_message" not in body


PICTURED = Prompt("What now?", "Be brief.", images=("data:image/png;base64,AAAA", "data:image/png;base64,BBBB"))


async def test_pictures_are_parts_of_the_users_message_and_go_before_its_text(stub, model):
    stub.answer(CHAT, answer(chat_choice("click('1')", -0.5)))
    await model.propose([PICTURED], 1)
    ((_, body),) = stub.requests
    assert body["messages"] == [
        {"role": "system", "content": "Be brief."},
        {
            "role": "user",
            "content": [
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,BBBB"}},
                {"type": "text", "text": "What now?"},
            ],
        },
    ]


@pytest.mark.parametrize(
    "words",
    [
        "tiny is not a multimodal model",
        "At most 0 image(s) may be provided in one prompt.",
        "Invalid content type. image_url is only supported by certain models.",
    ],
)
async def test_a_model_that_takes_no_pictures_is_told_from_other_refusals(stub, model, words):
    stub.answer(CHAT, lambda: web.json_response({"error": {"message": words}}, status=400))
    with pytest.raises(NoImages, match=r"Model 'tiny' takes no pictures: .*leave the pictures out") as caught:
        await model.propose([PICTURED], 1)
    assert words in str(caught.value)
    with pytest.raises(Refused) as caught:
        await model.propose([PROMPT], 1)
    assert not isinstance(caught.value, NoImages)


async def test_completion_takes_no_pictures(stub):
    model = VLLM(stub.url, api="completion")
    with pytest.raises(NoImages, match="take api='chat'"):
        await model.propose([PICTURED], 1)
    assert stub.requests == []
    await model.close()


async def test_completion_is_plain_text(stub):
    stub.answer(
        COMPLETION,
        answer({"index": 0, "text": " 4", "finish_reason": "stop", "logprobs": {"token_logprobs": [-0.5, -0.5]}}),
    )
    model = VLLM(stub.url, api="completion")
    (got,) = await model.propose([PROMPT], 1)
    await model.close()
    assert stub.requests[0][1]["prompt"] == "Be brief.\n\n2 + 2 =\nThe sum is"
    assert (got.items[0].text, got.items[0].logprob, got.items[0].tokens) == (" 4", -1.0, 2)


async def test_greedy_draws_are_paid_for_once(stub, model):
    stub.answer(CHAT, answer(chat_choice("4", -0.5)))
    (got,) = await model.propose([Prompt("q", sampling=Sampling(temperature=0.0))], 3)
    assert stub.requests[0][1]["n"] == 1
    assert [item.text for item in got.items] == ["4", "4", "4"]
    assert got.usage.completion_tokens == 4


async def test_a_server_without_logprobs_gives_nan_and_counts_add_up(stub):
    plain = [{"index": i, "message": {"content": "x"}, "finish_reason": "stop"} for i in range(3)]
    stub.answer(CHAT, answer(*plain, completion=7))
    model = VLLM(stub.url, logprobs=False)
    (got,) = await model.propose([PROMPT], 3)
    await model.close()
    assert "logprobs" not in stub.requests[0][1]
    assert all(math.isnan(item.logprob) for item in got.items)
    assert [item.tokens for item in got.items] == [3, 2, 2]


async def test_prompts_are_answered_in_order_and_at_once(stub, model):
    all_there = asyncio.Barrier(3)

    async def handler(body):
        await all_there.wait()
        text = body["messages"][0]["content"]
        await asyncio.sleep(0.03 if text == "a" else 0.0)
        return web.json_response(answer(chat_choice(text.upper(), -1.0)))

    stub.handlers[CHAT] = handler
    got = await model.propose([Prompt("a"), Prompt("b"), Prompt("c")], 1)
    assert [one.items[0].text for one in got] == ["A", "B", "C"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"usage": {"prompt_tokens": 1}}, "no choices"),
        (answer(), "0 choices; 2 were asked for"),
        (answer(chat_choice("x", -1.0)), "1 choices; 2 were asked for"),
        (answer(chat_choice("x", math.nan), chat_choice("y", -1.0)), "log-probability nan"),
        (answer(chat_choice("x", None), chat_choice("y", -1.0)), "log-probability None"),
        ({"choices": [chat_choice("x", -1.0)] * 2}, "no token counts"),
        (answer({"index": 0}, {"index": 1}), "not one of chat"),
        (answer(chat_choice(7, -1.0), chat_choice("y", -1.0)), "expected a string"),
        (answer(chat_choice("x", "-1"), chat_choice("y", -1.0)), "log-probability -1"),
        (answer({**chat_choice("x", -1.0), "index": None}, chat_choice("y", -1.0)), "index None"),
        ({"choices": [chat_choice("x", -1.0)] * 2, "usage": {"prompt_tokens": math.inf}}, "no token counts"),
    ],
)
async def test_an_answer_that_is_none(stub, model, given, words):
    stub.answer(CHAT, given)
    with pytest.raises(BadAnswer, match=words) as caught:
        await model.propose([PROMPT], 2)
    assert (caught.value.usage is None) == (words == "no token counts")


async def test_a_completion_whose_logprobs_are_none(stub):
    stub.answer("/v1/completions", answer({"index": 0, "text": "x", "logprobs": {"token_logprobs": 3}}))
    model = VLLM(stub.url, api="completion")
    with pytest.raises(BadAnswer, match="not one of completion"):
        await model.propose([PROMPT], 1)
    await model.close()


async def test_the_first_error_is_raised_as_it_is_and_cancels_the_rest(stub, model):
    over = asyncio.Event()

    async def handler(body):
        if body["messages"][0]["content"] == "slow":
            await over.wait()
        return web.json_response({"choices": []})

    stub.handlers[CHAT] = handler
    async with asyncio.timeout(5):
        with pytest.raises(ModelError, match="no token counts"):
            await model.propose([Prompt("slow"), Prompt("bad")], 1)
    over.set()


async def test_options_that_are_none(stub, model):
    with pytest.raises(ValueError, match="n=0"):
        await model.propose([PROMPT], 0)
    with pytest.raises(ValueError, match="Unknown api 'chta'"):
        VLLM(stub.url, api="chta")
    with pytest.raises(ValueError, match="Unknown value method 'x'"):
        VLLM(stub.url, value="x")


async def test_describe_another_kind_of_server(stub, model):
    info = await model.describe()
    assert (info.model, info.max_model_len, info.version) == ("tiny", 64, None)

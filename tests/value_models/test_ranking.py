"""Ranking: which of the echoed tokens belong to a candidate."""

from __future__ import annotations

import pytest

from treewright.value_models import VLLM, Prompt, Usage
from treewright.value_models.errors import BadAnswer
from treewright.value_models.ranking import candidate_logprob

COMPLETION = "/v1/completions"


def echoed(tokens, logprobs, index=0, first_offset=0):
    offsets, end = [], first_offset
    for token in tokens:
        offsets.append(end)
        end += len(token)
    text = "".join(tokens)
    return {
        "index": index,
        "text": text,
        "logprobs": {"text_offset": offsets, "tokens": tokens, "token_logprobs": logprobs},
    }


def test_only_the_candidates_tokens_are_summed():
    choice = echoed(["Make", " 24", "\n", "4", " +", " 8"], [None, -9.0, -9.0, -1.0, -0.5, -0.25])
    assert candidate_logprob(choice, "Make 24\n", "4 + 8") == -1.75


def test_a_token_across_the_border_counts():
    choice = echoed(["Make", " 2", "4x", "y"], [None, -9.0, -1.0, -2.0])
    assert candidate_logprob(choice, "Make 24", "xy") == -3.0


def test_a_beginning_of_text_token_shifts_nothing():
    choice = echoed(["<s>", "Go", "on"], [None, -9.0, -1.5])
    assert candidate_logprob(choice, "Go", "on") == -1.5


def test_a_candidate_at_the_start_of_the_text_has_no_probability():
    with pytest.raises(BadAnswer, match="log-probability None"):
        candidate_logprob(echoed(["on"], [None]), "", "on")


@pytest.mark.parametrize(
    "choice",
    [
        {"index": 0, "text": " generated", "logprobs": None},
        {"index": 0, "text": " generated", "logprobs": {"text_offset": [0], "tokens": ["x"], "token_logprobs": [-1.0]}},
        {"index": 0, "text": "Goon", "logprobs": {"tokens": ["Go", "on"]}},
        {"index": 0, "text": "Goon", "logprobs": {"text_offset": [], "tokens": [], "token_logprobs": []}},
    ],
)
def test_a_server_that_does_not_echo(choice):
    with pytest.raises(BadAnswer, match=r"echo|offsets"):
        candidate_logprob(choice, "Go", "on")


async def test_one_request_a_prompt(stub):
    stub.answer(
        COMPLETION,
        {
            "choices": [
                echoed(["Q", "\n", "b"], [None, -9.0, -2.0], 1),
                echoed(["Q", "\n", "a"], [None, -9.0, -1.0], 0),
            ],
            "usage": {"prompt_tokens": 6, "completion_tokens": 2},
        },
    )
    model = VLLM(stub.url)
    first, empty = await model.rank([Prompt("Q"), Prompt("Q")], [["a", "b"], []])
    await model.close()
    assert first.logprobs == (-1.0, -2.0)
    assert first.usage == Usage(6, 0, 2, 1)
    assert (empty.logprobs, empty.usage) == ((), Usage())
    ((_, body),) = stub.requests
    assert body["prompt"] == ["Q\na", "Q\nb"]
    assert body["echo"] is True


async def test_what_cannot_be_ranked(stub):
    model = VLLM(stub.url)
    with pytest.raises(ValueError, match="empty candidate"):
        await model.rank([Prompt("Q")], [["a", ""]])
    with pytest.raises(ValueError, match="shorter"):
        await model.rank([Prompt("Q")], [])

"""A rubric of several metrics, in one answer."""

from __future__ import annotations

import json

import pytest

from treewright.value_models import Evidence
from treewright.value_models.client import Client
from treewright.value_models.errors import BadAnswer
from treewright.value_models.wrappers import Metric, RubricVector

CHAT = "/v1/chat/completions"
METRICS = [Metric("legal", "Is each step legal?", 3.0), Metric("short", "Is it short?")]


def said(**told):
    return {
        "choices": [{"index": 0, "message": {"content": json.dumps(told)}}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 1},
    }


@pytest.fixture
async def client(stub):
    made = Client(stub.url)
    yield made
    await made.close()


async def test_metrics_are_weighed(stub, client):
    stub.answer(CHAT, said(legal=1, short=-1, reason="long"))
    (score,) = await RubricVector(client, METRICS).score([Evidence("t", "s", "Good?")])
    assert score.value == (1 + (3 - 1) / 4) / 2
    assert score.parts == {"legal": 1.0, "short": -1.0}
    assert (score.feedback, score.provenance) == ("long", "tiny rubric")
    _, body = stub.requests[-1]
    assert "legal: Is each step legal?\nshort: Is it short?" in body["messages"][0]["content"]
    assert body["messages"][1]["content"] == "Task:\n| t\n\nWork so far:\n| s\n\nQuestion:\nGood?"


@pytest.mark.parametrize("told", [{"legal": 2, "short": 0, "reason": ""}, {"legal": 1, "reason": ""}])
async def test_a_number_that_is_none_is_an_error(stub, client, told):
    stub.answer(CHAT, said(**told))
    with pytest.raises(BadAnswer, match="legal, short, reason"):
        await RubricVector(client, METRICS).score([Evidence("t", "s", "Good?")])


@pytest.mark.parametrize("metrics", [[], [METRICS[0]] * 2, [Metric("reason", "?")]])
def test_rubrics_that_are_none(metrics):
    with pytest.raises(ValueError, match="metrics of different names"):
        RubricVector(None, metrics)


def test_metrics_that_are_none():
    with pytest.raises(ValueError, match="name like a variable's"):
        Metric("is it", "?")

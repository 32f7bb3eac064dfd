"""Features from a server that embeds, and how servers are told to pool."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from aiohttp import web

from treewright.value_models import Usage
from treewright.value_models.errors import BadAnswer, MissingEndpoint, SetupFailed, WrongHead
from treewright.value_models.learned import Embeddings, write_checkpoint
from treewright.value_models.pooling_server import POOLS, pooling_arguments
from treewright.value_models.steps import HEADED

USAGE = {"prompt_tokens": 12, "completion_tokens": 0}


def embedded(*rows):
    return {"data": [{"index": i, "data": row} for i, row in enumerate(rows)][::-1], "usage": USAGE}


@pytest.fixture
async def embeddings(stub):
    made = Embeddings(stub.url, max_items=2)
    yield made
    await made.close()


async def test_texts_share_requests_and_vectors_come_as_they_are(stub, embeddings):
    stub.handlers["/pooling"] = lambda body: web.json_response(
        embedded(*[[float(len(text)), -3.0, 0.5] for text in body["input"]])
    )
    rows, costs = await embeddings.of(["a", "bb", "ccc"])
    np.testing.assert_array_equal(rows, [[1, -3, 0.5], [2, -3, 0.5], [3, -3, 0.5]])
    assert rows.dtype == np.float32
    assert sum(costs, Usage()) == Usage(24, 0, 0, 2)
    bodies = [body for _, body in stub.requests]
    assert [len(body["input"]) for body in bodies] == [2, 1]
    assert all((body["task"], body["use_activation"]) == ("embed", False) for body in bodies)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (embedded([1.0, 2.0], [1.0]), r"lengths \[1, 2\]"),
        (embedded([1.0]), "1 entries for 2 items"),
        (embedded([], []), "expected a vector"),
        (embedded([[1.0]], [[1.0]]), "expected a vector"),
        ({"data": "none", "usage": USAGE}, "without data"),
    ],
)
async def test_vectors_that_are_none(stub, embeddings, answer, words):
    stub.answer("/pooling", answer)
    with pytest.raises(BadAnswer, match=words):
        await embeddings.of(["a", "b"])


async def test_a_server_that_does_not_embed(embeddings):
    with pytest.raises(MissingEndpoint, match="--convert embed"):
        await embeddings.of(["a"])


async def test_a_tag_is_one_token(stub, embeddings):
    stub.answer("/tokenize", {"tokens": [5]}, {"tokens": [7, 8]}, {})
    assert await embeddings.token("<file_sep>") == 5
    with pytest.raises(WrongHead, match="'two words' is 2 tokens of 'tiny'"):
        await embeddings.token("two words")
    with pytest.raises(BadAnswer, match="no tokens"):
        await embeddings.token("")


def test_each_way_to_pool_has_its_arguments(tmp_path: Path):
    assert pooling_arguments("embed", None) == ("--runner", "pooling", "--convert", "embed")
    assert (
        pooling_arguments("whole", "any") == pooling_arguments("steps", "a/published/model") == ("--runner", "pooling")
    )
    base = tmp_path / "base"
    base.mkdir()
    (base / "config.json").write_text(json.dumps({"architectures": ["LlamaForCausalLM"], "hidden_size": 2}))
    with pytest.raises(SetupFailed, match="has no safetensors"):
        write_checkpoint(base, np.zeros(2), tmp_path / "made", HEADED)
    header = json.dumps({"w": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}}).encode()
    (base / "model.safetensors").write_bytes(len(header).to_bytes(8, "little") + header)
    write_checkpoint(base, np.zeros(2), tmp_path / "made", HEADED)
    assert pooling_arguments("steps", tmp_path / "made")[-1] == HEADED.pooler
    with pytest.raises(SetupFailed, match="is there already"):
        write_checkpoint(base, np.zeros(2), tmp_path / "made", HEADED)
    with pytest.raises(SetupFailed, match=f"Available: {', '.join(POOLS)}"):
        pooling_arguments("tokens", None)
    with pytest.raises(SetupFailed, match="is no model's directory"):
        write_checkpoint(tmp_path / "nowhere", np.zeros(2), tmp_path / "other", HEADED)

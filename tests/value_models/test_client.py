"""The client against a server that refuses, stalls, lies and goes away."""

from __future__ import annotations

import asyncio
import gc
import socket
import time

import pytest
from aiohttp import web

from treewright.value_models.answers import retry_after
from treewright.value_models.client import Client
from treewright.value_models.errors import (
    BadAnswer,
    MissingEndpoint,
    PromptTooLong,
    Refused,
    ServerBusy,
    ServerUnreachable,
    UnknownModel,
    WrongPath,
)

PATH = "/v1/completions"
TOO_LONG = (
    "This model's maximum context length is 2048 tokens. However, your prompt contains at least 2049 input tokens, "
    "which exceeds this limit even without any output tokens. Please reduce the length of the input prompt. "
    "(parameter=input_tokens, value=2049)"
)
OLDER_TOO_LONG = (
    "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens (4000 in the messages, "
    "1000 in the completion). Please reduce the length of the messages or completion."
)


def status(code, body=None, **headers):
    return lambda: web.json_response(
        body or {"error": {"message": "no"}}, status=code, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


def unused_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
async def client(stub):
    made = Client(stub.url, backoff=0.001)
    yield made
    await made.close()


@pytest.mark.parametrize("ending", ["", "/", "/v1", "/v1/"])
async def test_takes_the_address_with_or_without_v1(stub, ending):
    client = Client(stub.url.removesuffix("/v1") + ending)
    assert (await client.model()).id == "tiny"
    await client.close()


@pytest.mark.parametrize(
    "url",
    [
        "localhost:8000/v1",
        "http://localhost:8000/v1/chat/completions",
        "",
        "http://",
        "http://localhost:80000/v1",
        "http://localhost:port/v1",
        "http://local host:8000",
    ],
)
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(ValueError, match="expected http"):
        Client(url)


async def test_no_server():
    client = Client(f"http://127.0.0.1:{unused_port()}", backoff=0.001, retries=2)
    with pytest.raises(ServerUnreachable, match=r"No server answers at http://127.*treewright serve"):
        await client.model()
    await client.close()


async def test_what_answers_is_no_web_server():
    """Such as ssh, at a port that was mistyped."""

    async def greet(_, writer):
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    client = Client(f"http://127.0.0.1:{port}", retries=0)
    async with server:
        with pytest.raises(WrongPath, match=rf"127.0.0.1:{port}.*no HTTP server"):
            await client.model()
    await client.close()


async def test_a_path_without_the_api(stub, client):
    stub.models = None
    with pytest.raises(WrongPath, match="OpenAI-compatible"):
        await client.model()


async def test_a_web_page_is_no_api(stub, client):
    stub.models = lambda: web.Response(text="<html>hello</html>", content_type="text/html")
    with pytest.raises(WrongPath, match="<html>hello"):
        await client.model()


async def test_discovery_is_asked_for_once(stub, client):
    cards = await asyncio.gather(*(client.model() for _ in range(20)))
    assert {card.id for card in cards} == {"tiny"}
    assert stub.gets == ["/v1/models"]
    assert cards[0].max_model_len == 64
    assert cards[0].is_vllm


async def test_unknown_model_names_what_there_is(stub):
    stub.models = {"data": [{"id": "llama-8b"}, {"id": "qwen-7b"}]}
    client = Client(stub.url, "qwen-8b")
    with pytest.raises(
        UnknownModel, match=r"no model 'qwen-8b'. Did you mean 'qwen-7b'\? Available: llama-8b, qwen-7b"
    ) as e:
        await client.model()
    assert e.value.available == ("llama-8b", "qwen-7b")
    await client.close()


async def test_several_models_and_none_named(stub, client):
    stub.models = {"data": [{"id": "a"}, {"id": "b"}]}
    with pytest.raises(UnknownModel, match="serves 2 models; name one"):
        await client.model()


async def test_a_model_that_went_away(stub, client):
    stub.answer(PATH, status(404, {"error": {"message": "The model `old` does not exist.", "param": "model"}}))
    with pytest.raises(UnknownModel, match=r"no model 'old'.*Available: tiny"):
        await client.post(PATH, {"model": "old"})


async def test_missing_endpoint_says_who_has_it(client):
    with pytest.raises(MissingEndpoint, match=r"no endpoint /generative_scoring .HTTP 404.. vLLM 0.32 has it"):
        await client.post("/generative_scoring", {}, since="vLLM 0.32")


@pytest.mark.parametrize(("words", "given", "context"), [(TOO_LONG, 2049, 2048), (OLDER_TOO_LONG, 5000, 4096)])
async def test_prompt_too_long(stub, client, words, given, context):
    stub.answer(PATH, status(400, {"error": {"message": words, "type": "BadRequestError", "code": 400}}))
    with pytest.raises(PromptTooLong, match="context length") as caught:
        await client.post(PATH, {})
    assert (caught.value.given, caught.value.context) == (given, context)
    assert len(stub.requests) == 1


async def test_other_refusals_are_not_retried(stub, client):
    stub.answer(PATH, status(400, {"error": {"message": "temperature must be non-negative"}}))
    with pytest.raises(Refused, match="temperature must be non-negative") as caught:
        await client.post(PATH, {})
    assert caught.value.status == 400
    assert len(stub.requests) == 1


async def test_the_key_is_sent_and_its_absence_explained(stub, client):
    stub.answer(PATH, status(401, {"error": "Unauthorized"}))
    with pytest.raises(Refused, match="api_key="):
        await client.post(PATH, {})
    keyed = Client(stub.url, api_key="secret")
    await keyed.model()
    assert stub.headers["Authorization"] == "Bearer secret"
    await keyed.close()


async def test_a_burst_of_errors_is_survived(stub, client):
    stub.answer(PATH, status(500), status(503), status(429), {"fine": 1})
    assert await client.post(PATH, {}) == {"fine": 1}
    assert len(stub.requests) == 4


async def test_retries_are_bounded(stub):
    stub.answer(PATH, status(503, {"error": {"message": "overloaded"}}))
    client = Client(stub.url, retries=2, backoff=0.001)
    with pytest.raises(ServerBusy, match=r"HTTP 503 3 times.*overloaded") as caught:
        await client.post(PATH, {})
    assert caught.value.status == 503
    assert len(stub.requests) == 3
    await client.close()


async def test_retry_after_is_honoured(stub, client):
    stub.answer(PATH, status(429, Retry_After="1"), {"fine": 1})
    start = time.monotonic()
    assert await client.post(PATH, {}) == {"fine": 1}
    assert time.monotonic() - start >= 0.95


def test_retry_after_as_number_date_and_nonsense():
    assert retry_after("7") == 7.0
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0
    assert retry_after("soon") is None
    assert retry_after(None) is None


async def test_a_connection_broken_off_is_tried_again(stub, client):
    calls = []

    async def handler(_):
        calls.append(1)
        if len(calls) == 1:
            raise asyncio.CancelledError  # aiohttp closes the connection without an answer
        return web.json_response({"fine": 1})

    stub.handlers[PATH] = handler
    assert await client.post(PATH, {}) == {"fine": 1}
    assert len(calls) == 2


async def test_a_stalled_server_times_out(stub):
    async def handler(_):
        await asyncio.sleep(30)

    stub.handlers[PATH] = handler
    client = Client(stub.url, timeout=0.1, retries=1, backoff=0.001)
    with pytest.raises(ServerUnreachable, match=r"no answer within 0.1 s"):
        await client.post(PATH, {})
    assert len(stub.requests) == 2
    await client.close()


@pytest.mark.parametrize(
    ("text", "words"), [('{"choices": [', "broken JSON"), ("[1, 2]", "JSON list"), ("", "broken JSON")]
)
async def test_garbage_is_a_bad_answer(stub, client, text, words):
    stub.answer(PATH, lambda: web.Response(text=text, content_type="application/json"))
    with pytest.raises(BadAnswer, match=words):
        await client.post(PATH, {})


async def test_an_error_without_json_is_quoted(stub, client):
    stub.answer(PATH, lambda: web.Response(text="nginx says no", status=413))
    with pytest.raises(Refused, match="HTTP 413: nginx says no"):
        await client.post(PATH, {})


async def test_version_of_another_kind_of_server_is_none(client):
    assert await client.version() is None


async def test_one_client_serves_several_event_loops_without_close(stub):
    stub.answer(PATH, {"fine": 1})

    def in_a_thread_of_its_own():
        client = Client(stub.url)
        return [asyncio.run(client.post(PATH, {}))["fine"] for _ in range(3)]

    assert await asyncio.to_thread(in_a_thread_of_its_own) == [1, 1, 1]
    gc.collect()  # a socket left open is a ResourceWarning now, and warnings are errors
    assert len(stub.requests) == 3


async def test_close_and_use_again(stub, client):
    stub.answer(PATH, {"fine": 1})
    await client.post(PATH, {})
    await client.close()
    await client.close()
    assert await client.post(PATH, {}) == {"fine": 1}


async def test_connections_are_not_limited(stub, client):
    reached = asyncio.Event()
    waiting = 0

    async def handler(_):
        nonlocal waiting
        waiting += 1
        if waiting == 150:
            reached.set()
        await reached.wait()
        return web.json_response({"fine": 1})

    stub.handlers[PATH] = handler
    async with asyncio.timeout(20):
        answers = await asyncio.gather(*(client.post(PATH, {}) for _ in range(150)))
    assert len(answers) == 150


async def test_half_of_a_surrogate_pair_is_sent_escaped(stub, client):
    stub.answer(PATH, {"fine": 1})
    asked = {"prompt": "é \ud83d"}
    assert await client.post(PATH, asked) == {"fine": 1}
    assert stub.requests[-1] == (PATH, asked)

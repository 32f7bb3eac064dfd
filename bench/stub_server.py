"""A model server's stand-in: answers of the right form, at a set latency and a set capacity, in a process of its own.

    with StubServer(latency=0.5, rate=2000) as stub:
        model = VLLM(stub.url)
        ...
        print(stub.busy(), stub.requests())

A server of `rate` requests a second and `latency` seconds has rate x latency places, as a GPU server has sequences in a
batch. A request takes a place for `latency` seconds, or waits for one; with latency 0 it is answered at once. All
requests count alike, also one that scores 64 states. Proposals are lines that never end a task, all different.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any, Self

MODEL = "stub"
VALUES = 97  # distinct values that states are scored with


@dataclass
class Load:
    """What the server has done: place-seconds used, and when the first and the last request came and went."""

    places: int
    requests: int = 0
    used: float = 0.0
    first: float = 0.0
    last: float = 0.0
    most_waiting: int = 0
    by_second: dict[int, float] = field(default_factory=dict)

    @property
    def busy(self) -> float:
        """Part of the places that was in use, from the first request to the last answer."""
        return self.used / (self.places * max(self.last - self.first, 1e-9))

    @property
    def busy_later(self) -> float:
        """The same without the first three seconds, in which the trees start from one node each, and the last one."""
        seconds = [self.by_second.get(second, 0.0) for second in range(3, int(self.last - self.first) - 1)]
        return sum(seconds) / (self.places * len(seconds)) if seconds else 0.0


@dataclass
class Places:
    """The server's places, and who waits for one."""

    latency: float
    load: Load
    running: int = 0
    waiting: deque[Callable[[], None]] = field(default_factory=deque)

    def take(self, answer: Callable[[], None]) -> None:
        """Calls `answer` once a place was held for the latency."""
        now = time.perf_counter()
        self.load.requests += 1
        self.load.first = self.load.first or now
        if self.latency == 0.0:
            self.load.last = now
            answer()
        elif self.running < self.load.places:
            self._run(answer)
        else:
            self.waiting.append(answer)
            self.load.most_waiting = max(self.load.most_waiting, len(self.waiting))

    def _run(self, answer: Callable[[], None]) -> None:
        self.running += 1
        asyncio.get_running_loop().call_later(self.latency, self._end, answer, time.perf_counter())

    def _end(self, answer: Callable[[], None], started: float) -> None:
        self.running -= 1
        self.load.last = time.perf_counter()
        # Not the time until this call: a late timer of this process is not the modelled server's work.
        used = min(self.latency, self.load.last - started)
        self.load.used += used
        second = int(self.load.last - self.load.first)
        self.load.by_second[second] = self.load.by_second.get(second, 0.0) + used
        answer()
        if self.waiting:
            self._run(self.waiting.popleft())


class Answers:
    """Makes the answers; `tokens` is the length of a proposal."""

    def __init__(self, tokens: int) -> None:
        self._tokens = tokens
        self._logprobs = [
            {"token": " word", "logprob": -0.25 - i / 64, "bytes": [32, 119, 111, 114, 100], "top_logprobs": []}
            for i in range(tokens)
        ]
        self._made = 0
        self._choice = json.dumps(self._new_choice())

    def to(self, path: str, body: dict[str, Any], places: Places) -> bytes:
        """The answer to one request."""
        if path == "/v1/models":
            return _dump({"object": "list", "data": [{"id": MODEL, "owned_by": "vllm", "max_model_len": 32768}]})
        if path == "/v1/chat/completions":
            return self._chat(int(body.get("n", 1)))
        if path == "/v1/completions":
            return _dump(_echo(body["prompt"]))
        if path == "/generative_scoring":
            return _dump(_scores(body["items"]))
        if path == "/tokenize":
            return _dump({"count": 1, "tokens": [7]})
        if path == "/version":
            return _dump({"version": "0.32.0"})
        if path == "/metrics":
            return _metrics(places).encode()
        return b""

    def _new_choice(self) -> dict[str, Any]:
        return {
            "index": 11111,
            "message": {"role": "assistant", "content": "Then we take STEP."},
            "logprobs": {"content": self._logprobs},
            "finish_reason": "stop",
        }

    def _chat(self, n: int) -> bytes:
        choices = []
        for index in range(n):
            self._made += 1
            choices.append(self._choice.replace("11111", str(index)).replace("STEP", f"step {self._made}"))
        used = {"prompt_tokens": 200, "completion_tokens": n * self._tokens, "total_tokens": 200 + n * self._tokens}
        usage = json.dumps({**used, "prompt_tokens_details": {"cached_tokens": 128}})
        return f'{{"id":"x","object":"chat.completion","choices":[{",".join(choices)}],"usage":{usage}}}'.encode()


def _dump(answer: Any) -> bytes:
    return json.dumps(answer).encode()


def _echo(prompts: list[str]) -> dict[str, Any]:
    choices = []
    for index, text in enumerate(prompts):
        tokens = [text[i : i + 4] for i in range(0, len(text), 4)]
        values = [-1.0 - (index * 37 + i) % 11 / 16 for i in range(len(tokens))]
        logprobs = {"text_offset": [*range(0, len(text), 4)], "tokens": tokens, "token_logprobs": values}
        choices.append({"index": index, "text": text, "logprobs": logprobs, "finish_reason": "length"})
    return {"choices": choices, "usage": {"prompt_tokens": sum(map(len, prompts)) // 4, "completion_tokens": 0}}


def _scores(items: list[str]) -> dict[str, Any]:
    data = [{"index": i, "score": sum(text[-40:].encode()) % VALUES / VALUES} for i, text in enumerate(items)]
    return {"data": data, "usage": {"prompt_tokens": 150 * len(items), "completion_tokens": len(items)}}


def _metrics(places: Places) -> str:
    gauges = {
        "num_requests_running": places.running,
        "num_requests_waiting": len(places.waiting),
        "kv_cache_usage_perc": places.running / max(places.load.places, 1),
        "prefix_cache_queries_total": places.load.requests * 200,
        "prefix_cache_hits_total": places.load.requests * 128,
    }
    return "".join(f'vllm:{name}{{model_name="{MODEL}"}} {value}\n' for name, value in gauges.items())


class _Http(asyncio.Protocol):
    """Just enough HTTP/1.1 for a client that is known: requests with a length, answered in order."""

    def __init__(self, places: Places, answers: Answers) -> None:
        self._places = places
        self._answers = answers
        self._read = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._read += data
        while (end := self._read.find(b"\r\n\r\n")) >= 0:
            head = self._read[:end]
            at = head.lower().find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self._read) < end + 4 + length:
                return
            body = self._read[end + 4 : end + 4 + length]
            self._read = self._read[end + 4 + length :]
            path = head.split(b" ", 2)[1].decode()
            given = json.loads(body) if body else {}
            if path in ("/v1/chat/completions", "/v1/completions", "/generative_scoring"):
                self._places.take(lambda path=path, given=given: self._answer(path, given))  # type: ignore[misc]
            else:
                self._answer(path, given)

    def _answer(self, path: str, given: dict[str, Any]) -> None:
        body = self._answers.to(path, given, self._places)
        status = b"200 OK" if body else b"404 Not Found"
        kind = b"text/plain" if path == "/metrics" else b"application/json"
        head = b"HTTP/1.1 %b\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n" % (status, kind, len(body))
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(head + body)


def _serve(channel: Connection, latency: float, rate: float, tokens: int) -> None:
    async def serve() -> None:
        places = Places(latency, Load(max(1, round(latency * rate))))
        answers = Answers(tokens)
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Http(places, answers), "127.0.0.1", 0, backlog=4096)
        channel.send(server.sockets[0].getsockname()[1])
        asked = asyncio.Event()
        loop.add_reader(channel.fileno(), asked.set)
        while True:
            await asked.wait()
            asked.clear()
            while channel.poll():
                if channel.recv() == "stop":
                    return
                channel.send((places.load, time.process_time()))
                places.load = Load(places.load.places)

    asyncio.run(serve())


class StubServer:
    """The server in a process of its own, for a `with` block.

    Args:
        latency: seconds that a request takes.
        rate: requests a second that it can answer, where latency > 0.
        tokens: tokens of a proposal.
    """

    def __init__(self, latency: float = 0.0, rate: float = 0.0, tokens: int = 16) -> None:
        self._given = (latency, rate, tokens)
        self.url = ""

    def __enter__(self) -> Self:
        context = multiprocessing.get_context("spawn")
        self._channel, far = context.Pipe()
        self._process = context.Process(target=_serve, args=(far, *self._given), daemon=True)
        self._process.start()
        far.close()  # so that a server that ended at once is noticed below
        self.url = f"http://127.0.0.1:{self._channel.recv()}/v1"
        return self

    def __exit__(self, *_: object) -> None:
        self._channel.send("stop")
        self._process.join(10)
        self._process.kill()

    def load(self) -> tuple[Load, float]:
        """What it has done since the last call, and the CPU seconds of its process so far."""
        self._channel.send("load")
        answer: tuple[Load, float] = self._channel.recv()
        return answer

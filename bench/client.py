"""What the client costs: proposals a second of one core, against a stub on loopback that answers at once.

    python bench/client.py            this package's client, and bare HTTP libraries beside it
    python bench/client.py --profile  where this package's client spends its time

Each row sends the same chat requests, `--in-flight` at a time, and reads the answers. The bare libraries parse the JSON
and nothing else; `VLLM` makes the body from a prompt, checks the answer and gives `Proposals`. CPU is that of this
process alone; proposals/s a core = proposals / CPU seconds. A library that is not installed is left out, by name. All
rows run in turn, `--rounds` times; medians are printed.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import importlib.util
import json
import pstats
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from rich.console import Console
from rich.table import Table
from stub_server import StubServer

from treewright.value_models import VLLM, Prompt, Sampling

PATH = "/v1/chat/completions"
PROMPT = Prompt(
    "A shop packs 7 pens in a box. It sells 5 boxes on Monday and 2 on Tuesday. How many pens does it sell? " * 3,
    "Solve the problem in short steps, one a line. End with the line: The answer is N.",
    "It sells 5 + 2 = 7 boxes.\n",
    Sampling(80, 0.8, stop=("\n",), seed=7),
)


@dataclass(frozen=True)
class Sent:
    """One leg: requests answered, wall and CPU seconds."""

    requests: int
    wall: float
    cpu: float


def body_of(n: int) -> bytes:
    """The JSON that the package's own client sends for `PROMPT`."""
    messages = [{"role": "system", "content": PROMPT.system}, {"role": "user", "content": PROMPT.user}]
    messages.append({"role": "assistant", "content": PROMPT.prefix})
    asked = {"model": "stub", "n": n, "max_tokens": 80, "temperature": 0.8, "top_p": 1.0, "stop": ["\n"], "seed": 7}
    more = {"logprobs": True, "continue_final_message": True, "add_generation_prompt": False}
    return json.dumps({**asked, "messages": messages, **more}).encode()


async def _many(requests: int, in_flight: int, send: Callable[[], Awaitable[Any]]) -> None:
    left = requests

    async def some() -> None:
        nonlocal left
        while left > 0:
            left -= 1
            await send()

    await asyncio.gather(*(some() for _ in range(in_flight)))


async def ours(url: str, requests: int, in_flight: int, n: int) -> None:
    """This package's client, from prompt to `Proposals`."""
    model = VLLM(url)
    await _many(requests, in_flight, lambda: model.propose([PROMPT], n))
    await model.close()


async def bare_aiohttp(url: str, requests: int, in_flight: int, n: int) -> None:
    """Aiohttp's client session."""
    body = body_of(n)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, headers={"Content-Type": "application/json"}) as session:

        async def send() -> Any:
            async with session.post(url.removesuffix("/v1") + PATH, data=body) as answer:
                return json.loads(await answer.read())

        await _many(requests, in_flight, send)


async def bare_httpx(url: str, requests: int, in_flight: int, n: int) -> None:
    """Httpx's asynchronous client."""
    import httpx

    body = body_of(n)
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(limits=limits, headers={"Content-Type": "application/json"}) as client:

        async def send() -> Any:
            return json.loads((await client.post(url.removesuffix("/v1") + PATH, content=body)).content)

        await _many(requests, in_flight, send)


async def bare_urllib3(url: str, requests: int, in_flight: int, n: int) -> None:
    """urllib3 in as many threads as requests in flight."""
    import urllib3

    body = body_of(n)
    pool = urllib3.PoolManager(maxsize=in_flight, headers={"Content-Type": "application/json"})
    address = url.removesuffix("/v1") + PATH

    def some(count: int) -> None:
        for _ in range(count):
            json.loads(pool.request("POST", address, body=body).data)

    with ThreadPoolExecutor(in_flight) as threads:
        loop = asyncio.get_running_loop()
        await asyncio.gather(*(loop.run_in_executor(threads, some, requests // in_flight) for _ in range(in_flight)))
    pool.clear()


async def bare_httptools(url: str, requests: int, in_flight: int, n: int) -> None:
    """Asyncio's streams with httptools' parser: a floor, without pool, timeouts or redirects."""
    import httptools

    body, address = body_of(n), urlsplit(url)
    head = f"POST {PATH} HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Type: application/json\r\n"
    request = head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body

    class Answer:
        def __init__(self) -> None:
            self.parts: list[bytes] = []
            self.whole = False

        def on_body(self, part: bytes) -> None:
            self.parts.append(part)

        def on_message_complete(self) -> None:
            self.whole = True

    async def some(count: int) -> None:
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        for _ in range(count):
            writer.write(request)
            answer = Answer()
            parser = httptools.HttpResponseParser(answer)
            while not answer.whole:
                parser.feed_data(await reader.read(65536))
            json.loads(b"".join(answer.parts))
        writer.close()

    await asyncio.gather(*(some(requests // in_flight) for _ in range(in_flight)))


CLIENTS: dict[str, tuple[Callable[[str, int, int, int], Awaitable[None]], str]] = {
    "VLLM (this package)": (ours, "httptools"),
    "aiohttp, bare": (bare_aiohttp, "aiohttp"),
    "httpx, bare": (bare_httpx, "httpx"),
    "urllib3 in threads, bare": (bare_urllib3, "urllib3"),
    "asyncio + httptools, bare": (bare_httptools, "httptools"),
}


def leg(client: Callable[[str, int, int, int], Awaitable[None]], url: str, args: argparse.Namespace, n: int) -> Sent:
    """Sends all requests by one client."""
    wall, cpu = time.perf_counter(), time.process_time()
    asyncio.run(client(url, args.requests, args.in_flight, n))  # type: ignore[arg-type]
    return Sent(args.requests, time.perf_counter() - wall, time.process_time() - cpu)


def profiled(url: str, args: argparse.Namespace) -> None:
    """Prints where the package's client spends its time."""
    profile = cProfile.Profile()
    profile.runcall(leg, ours, url, args, args.n[0])
    pstats.Stats(profile).sort_stats("tottime").print_stats(30)


def main() -> None:
    """Measures and prints one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=3000, help="a leg")
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--n", type=int, nargs="+", default=[1, 4], help="proposals a request")
    parser.add_argument("--tokens", type=int, default=16, help="tokens of a proposal, each with its log-probability")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--profile", action="store_true")
    args = parser.parse_args()
    with StubServer(tokens=args.tokens) as stub:
        if args.profile:
            profiled(stub.url, args)
            return
        table = Table(
            title=f"{args.requests} requests a leg, {args.in_flight} in flight, {args.tokens} tokens a proposal"
        )
        for name in ("client", "n", "requests/s", "CPU us a request", "proposals/s a core"):
            table.add_column(name, justify="left" if name == "client" else "right")
        clients = {name: run for name, (run, module) in CLIENTS.items() if importlib.util.find_spec(module)}
        for n in args.n:
            legs: dict[str, list[Sent]] = {name: [] for name in clients}
            for _ in range(args.rounds):
                for name, run in clients.items():
                    legs[name].append(leg(run, stub.url, args, n))
            for name, sent in legs.items():
                cpu = median(one.cpu / one.requests for one in sent)
                rate = median(one.requests / one.wall for one in sent)
                table.add_row(name, str(n), f"{rate:,.0f}", f"{1e6 * cpu:,.0f}", f"{n / cpu:,.0f}")
    Console(width=120).print(table)
    if absent := sorted({module for _, module in CLIENTS.values() if not importlib.util.find_spec(module)}):
        print("not installed, so not measured:", ", ".join(absent))


if __name__ == "__main__":
    main()

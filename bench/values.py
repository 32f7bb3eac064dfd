"""States a second of each kind of value model, beside the very same requests sent with nothing around them.

`python bench/values.py` starts local servers with the small model, one after the other: one that writes (label, judge,
rubric), one that embeds (head), and a checkpoint with a head as a reward model of wholes and of steps. Each kind scores
the same Countdown states through `Batched`, as a search does, with so many callers at once. The open loop sends the
recorded request bodies again, at the same number in flight, and reads nothing in the answers. Both legs alternate, from
an emptied prefix cache; a kind's share is the median of the rounds' ratios.

The head is fitted to noise: what it says is of no interest here, what it costs is.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import aiohttp
import numpy as np
from rich.console import Console
from rich.table import Table

from treewright.domains.math import Countdown, countdown_tasks
from treewright.search import run_async
from treewright.search.trial import evidence_of
from treewright.value_models import Batched, Evidence, Score, Server, Usage, ValueModel, fetch_small_model
from treewright.value_models.client import Client
from treewright.value_models.judge import Judge
from treewright.value_models.learned import Embeddings, Head, LearnedValue, write_checkpoint
from treewright.value_models.pooled import ProcessReward, RewardModel
from treewright.value_models.pooling_server import pooling_arguments
from treewright.value_models.scoring import LabelValue
from treewright.value_models.small_model import NAME
from treewright.value_models.steps import HEADED
from treewright.value_models.transport import Json
from treewright.value_models.wrappers import Metric, RubricVector

HIDDEN = 576
METRICS = [Metric("close", "Is it close to the target?"), Metric("legal", "Is each step legal?")]
Make = Callable[[Client], ValueModel]


class Recording(Client):
    """A client that keeps each request."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.asked: list[tuple[str, bytes]] = []

    async def post(self, path: str, body: Json, *, since: str = "", prefix: str = "") -> Json:
        """Sends a request and keeps it."""
        if path != "/tokenize":
            self.asked.append((path, json.dumps(body).encode()))
        return await super().post(path, body, since=since, prefix=prefix)


@dataclass(frozen=True)
class Leg:
    """What scoring all states took: seconds, tokens, and the requests that were sent."""

    seconds: float
    tokens: int
    asked: list[tuple[str, bytes]]


def states(count: int) -> list[Evidence]:
    """Countdown states after one move, of different tasks."""
    domain = Countdown()
    found = []
    for task in countdown_tasks(count):
        root = domain.reset(task)
        (move,) = domain.parse(root, domain.observe(root).actions[0])
        found.append(evidence_of(domain.observe(domain.step(root, move).state)))
    return found


async def emptied(url: str) -> None:
    """Empties the server's prefix cache."""
    root = url.removesuffix("/v1")
    async with aiohttp.ClientSession() as session, session.post(f"{root}/reset_prefix_cache") as answer:
        answer.raise_for_status()


async def scored(url: str, make: Make, given: Sequence[Evidence], at_once: int) -> Leg:
    """Scores each state as a caller of its own, so many at a time."""
    client, slots = Recording(url), asyncio.Semaphore(at_once)
    model = make(client)
    await model.score(given[:1])  # what is asked once is asked now: the model's name, the labels' tokens
    client.asked.clear()
    await emptied(url)
    batched = Batched(model)
    paid: list[Usage] = []

    async def one(item: Evidence) -> Score:
        async with slots:
            (score,) = await batched.score([item])
        paid.append(score.usage)
        return score

    started = time.perf_counter()
    await asyncio.gather(*(one(item) for item in given))
    seconds = time.perf_counter() - started
    await client.close()
    return Leg(seconds, sum(usage.tokens for usage in paid), client.asked)


async def sent(url: str, leg: Leg, states: int, at_once: int) -> float:
    """Seconds that the leg's requests take with nothing around them, at as many states in flight."""
    await emptied(url)
    slots = asyncio.Semaphore(max(1, round(at_once * len(leg.asked) / states)))
    connector = aiohttp.TCPConnector(limit=0)
    headers = {"Content-Type": "application/json"}
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:

        async def one(path: str, body: bytes) -> None:
            async with slots, session.post(url.removesuffix("/v1") + path, data=body) as answer:
                answer.raise_for_status()
                await answer.read()

        started = time.perf_counter()
        await asyncio.gather(*(one(path, body) for path, body in leg.asked))
        return time.perf_counter() - started


def measured(table: Table, url: str, kinds: dict[str, Make], args: argparse.Namespace) -> None:
    """Adds a row for each kind at one server."""
    given = states(args.states)
    for name, make in kinds.items():
        rounds = []
        for _ in range(args.rounds):
            leg = run_async(scored(url, make, given, args.at_once))
            rounds.append((leg, run_async(sent(url, leg, len(given), args.at_once))))
        seconds = median(leg.seconds for leg, _ in rounds)
        bare = median(alone for _, alone in rounds)
        share = median(alone / leg.seconds for leg, alone in rounds)
        leg = rounds[0][0]
        table.add_row(
            name,
            f"{len(given) / seconds:,.1f}",
            f"{len(given) / bare:,.1f}",
            f"{share:.2f}",
            f"{leg.tokens / len(given):,.0f}",
            f"{len(given) / len(leg.asked):,.1f}",
        )


def served(stack: ExitStack, pool: str | None, model: Path | None) -> str:
    """The address of a server that stops with the stack."""
    arguments = () if pool is None else pooling_arguments(pool, model)
    server = Server(model, arguments=arguments, environment={"VLLM_SERVER_DEV_MODE": "1"}, progress=print)
    return stack.enter_context(server).url


def main() -> None:
    """Measures, and prints one row a kind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--states", type=int, default=256)
    parser.add_argument("--at-once", type=int, default=128, help="callers at once, each with one state")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--servers", default="text,embed,whole,steps")
    args = parser.parse_args()
    wanted = args.servers.split(",")
    table = Table("kind", title=f"{args.states} Countdown states, {args.at_once} callers, {args.rounds} rounds")
    for name in ("states/s", "open loop", "share", "tokens a state", "states a request"):
        table.add_column(name, justify="right")
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(16, HIDDEN)).astype(np.float32) / HIDDEN
    flat = np.ones(HIDDEN, np.float32)
    head = Head(NAME, flat * 0, flat, noise, np.zeros(16, np.float32), 1.0, 0.0)
    text: dict[str, Make] = {
        "label": LabelValue,
        "judge": Judge,
        "judge, 4 samples": lambda client: Judge(client, samples=4),
        "rubric of 2": lambda client: RubricVector(client, METRICS),
    }
    with tempfile.TemporaryDirectory() as made:
        headed = Path(made) / "headed"
        if {"whole", "steps"} & set(wanted):
            write_checkpoint(fetch_small_model(print), noise[0], headed, HEADED)
        groups: dict[str, tuple[str | None, Path | None, dict[str, Make]]] = {
            "text": (None, None, text),
            "embed": ("embed", None, {"head": lambda client: LearnedValue(head, Embeddings(client))}),
            "whole": ("whole", headed, {"reward": RewardModel}),
            "steps": ("steps", headed, {"steps": ProcessReward}),
        }
        for group in wanted:
            pool, model, kinds = groups[group]
            with ExitStack() as stack:
                measured(table, served(stack, pool, model), kinds, args)
            Console().print(table)


if __name__ == "__main__":
    main()

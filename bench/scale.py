"""Past one process: tasks a second with Ray and without, the merge of shards, and what bounds many servers.

    python bench/scale.py              all parts
    python bench/scale.py runs         2,000 scripted tasks: one process, Ray actors, the merge of shards
    python bench/scale.py driver       requests a second that one driver carries, and what their journal takes
    python bench/scale.py servers      many servers behind one driver: the choice of a server, and prefix locality

The models of `runs` are scripted and answer at once, so it shows what the machinery costs, not what more machines gain:
on a machine with as many cores as actors, tasks/s may grow by their number at most. All trees of `runs` are compared;
their digest is printed. `driver` talks to the stub of stub_server.py, which answers at once from a process of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from stub_server import Answers, Places, StubServer
from stub_server import Load as StubLoad
from word_problems import word_problems

from treewright.domains.math import countdown_tasks
from treewright.runs import Suite, Summary, run_suite, split
from treewright.runs.distributed import Cluster, RayRunner
from treewright.search import Budget, RunReader, mcts, merge, run_async, search
from treewright.search.journal.shipping import Replica, news
from treewright.value_models import VLLM, ScriptedPolicy, ScriptedValue
from treewright.value_models.load import ServerLoad
from treewright.value_models.several import SeveralServers
from treewright.value_models.transport import Json, ModelCard

SIZES = (10, 100, 1000)  # servers


def scripted(*_: int) -> tuple[ScriptedPolicy, ScriptedValue]:
    """The models of every worker."""
    return ScriptedPolicy(), ScriptedValue()


def table(title: str, *columns: str) -> Table:
    """A table whose first column is text and whose others are figures."""
    made = Table(title=title)
    for position, column in enumerate(columns):
        made.add_column(column, justify="right" if position else "left")
    return made


def digest(run: Path) -> str:
    """Eight digits that two runs share exactly where their trees are equal."""
    reader, made = RunReader(run), blake2b(digest_size=4)
    for task in sorted(reader.tasks()):
        nodes = reader.result(task).tree.nodes
        made.update(repr([(n.parent, n.text, n.prior, n.value, n.visits, n.q) for n in nodes]).encode())
    return made.hexdigest()


def runs(args: argparse.Namespace) -> Table:
    """One process, Ray actors, and shards of one process each that are then merged."""
    suite = Suite("countdown", "countdown", tuple(countdown_tasks(args.tasks, 0)))
    recipe, budget = mcts(leaves=4), Budget(expansions=args.expansions)
    policy, value = scripted()
    made = table(f"{args.tasks} tasks of {args.expansions} expansions", "how", "seconds", "tasks/s", "trees")

    def timed(how: str, run: Path, work: Callable[[], object]) -> None:
        started = time.perf_counter()
        work()
        seconds = time.perf_counter() - started
        made.add_row(how, f"{seconds:.1f}", f"{args.tasks / seconds:,.0f}", digest(run))

    def alone(suite: Suite, run: Path) -> Summary:
        return run_async(
            run_suite(suite, recipe, budget, policy=policy, value=value, directory=run, deterministic=True)
        )

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        timed("one process", root / "one", lambda: alone(suite, root / "one"))
        shards = [root / f"shard{number}" for number in range(args.workers)]
        for run, tasks in zip(shards, split(suite.tasks, args.workers), strict=True):
            alone(Suite("countdown", "countdown", tuple(tasks)), run)
        timed(f"the merge of {args.workers} shards alone", root / "merged", lambda: merge(root / "merged", shards))
        _ray(args, suite, root, timed)
        events = sum(1 for _ in RunReader(root / "one").events())
        size = (root / "one" / "journal.db").stat().st_size
        made.caption = f"{events:,} events, {size / events:,.0f} bytes each"
    return made


def _ray(args: argparse.Namespace, suite: Suite, root: Path, timed: Callable[..., None]) -> None:
    """The same on Ray; the start of Ray and of the workers is left out of the time."""
    import ray

    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    ray.init(num_cpus=args.workers, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    try:
        runner = RayRunner(scripted, Cluster(workers=args.workers, cpus=1.0, scratch=root / "scratch"))
        policy, value = scripted()

        def run(tasks: Sequence[Any], name: str) -> None:
            given = Suite("countdown", "countdown", tuple(tasks))
            run_async(
                runner(
                    given, mcts(leaves=4), Budget(expansions=args.expansions), policy=policy, value=value,
                    directory=root / name, deterministic=True,
                )
            )  # fmt: skip

        run(suite.tasks[: args.workers], "warm")
        timed(f"{args.workers} Ray actors, their start included", root / "ray", lambda: run(suite.tasks, "ray"))
    finally:
        ray.shutdown()


def driver(args: argparse.Namespace) -> Table:
    """Requests a second of one process, without a journal and with one, and what shipping that journal takes."""
    made = table(
        f"one driver, {args.requests:,} requests, a stub that answers at once",
        "journal", "requests/s", "CPU us a request", "journal bytes a request", "shipped, us a request",
    )  # fmt: skip
    expansions = 64
    for journal in (False, True):
        with tempfile.TemporaryDirectory() as folder, StubServer() as stub:
            run = Path(folder) / "run" if journal else None
            wall, cpu = time.perf_counter(), time.process_time()
            run_async(_searched(stub.url, args.requests // (2 * expansions), expansions, run))
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            requests = stub.load()[0].requests
            row = [f"{requests / wall:,.0f}", f"{1e6 * cpu / requests:,.0f}"]
            if run is not None:
                replica, started = Replica(Path(folder) / "copy"), time.perf_counter()
                replica.apply(news(run, replica.position))
                seconds = time.perf_counter() - started
                size = (run / "journal.db").stat().st_size
                row += [f"{size / requests:,.0f}", f"{1e6 * seconds / requests:,.1f}"]
            made.add_row("yes" if journal else "no", *row)
    return made


async def _searched(url: str, tasks: int, expansions: int, run: Path | None) -> None:
    stream = search(
        word_problems(max(tasks, 1)), domain="math", policy=VLLM(url), recipe=mcts(n=2),
        budget=Budget(expansions=expansions), concurrency=256, run=run,
    )  # fmt: skip
    async for _ in stream:
        pass


@dataclass
class InMemory:
    """A server without a socket, which counts whose requests it got; a task is told by its text."""

    root: str
    latency: float
    seen: dict[str, Counter[str]]
    answers: Answers = field(default_factory=lambda: Answers(8))

    async def model(self) -> ModelCard:
        """The stub's model."""
        return ModelCard("stub", 32768, True)

    async def post(self, path: str, body: Json, **_: str) -> Json:
        """The stub's answer after the latency."""
        if path == "/v1/chat/completions":
            self.seen[body["messages"][0]["content"] + body["messages"][1]["content"]][self.root] += 1
        await asyncio.sleep(self.latency)
        answer: Json = json.loads(self.answers.to(path, body, Places(0.0, StubLoad(1))))
        return answer

    async def version(self) -> str | None:
        """The stub's version."""
        return "0.32.0"

    async def load(self) -> ServerLoad | None:
        """Nothing: the number of requests in flight is set."""
        return None

    async def close(self) -> None:
        """There is nothing to close."""


def servers(args: argparse.Namespace) -> Table:
    """The time to choose one of many servers, and the share of a task's requests that go to one server."""
    made = table(
        f"many servers behind one driver, {args.each} requests in flight for each server of {args.latency} s",
        "servers", "us to choose one", "choices/s", "tasks", "of a task's requests, to one server",
    )  # fmt: skip
    for count in SIZES:
        seen: dict[str, Counter[str]] = defaultdict(Counter)
        several = SeveralServers([InMemory(f"http://server{i}", args.latency, seen) for i in range(count)])
        prefixes, started = [f"prefix {i}" for i in range(max(4, 20_000 // count))], time.perf_counter()
        for prefix in prefixes:
            several._choose(prefix, set())
        seconds = (time.perf_counter() - started) / len(prefixes)
        row = [f"{1e6 * seconds:,.0f}", f"{1 / seconds:,.0f}"]
        if count <= args.most:
            tasks = min(385, count * args.each // 4)
            run_async(_located(VLLM(several), tasks, count * args.each))
            own = sum(max(by.values()) for by in seen.values()) / sum(sum(by.values()) for by in seen.values())
            row += [f"{len(seen)}", f"{own:.1%}"]
        made.add_row(f"{count:,}", *row)
    return made


async def _located(model: VLLM, tasks: int, in_flight: int) -> None:
    stream = search(
        word_problems(tasks), domain="math", policy=model, recipe=mcts(n=2), budget=Budget(expansions=32),
        concurrency=in_flight,
    )  # fmt: skip
    async for _ in stream:
        pass


def main() -> None:
    """Measures the parts that are named, and prints a table for each."""
    parts = {"runs": runs, "driver": driver, "servers": servers}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(parts)}; all by default")
    parser.add_argument("--tasks", type=int, default=2000)
    parser.add_argument("--expansions", type=int, default=32, help="nodes expanded a task")
    parser.add_argument("--workers", type=int, default=2, help="Ray actors, and shards to merge")
    parser.add_argument("--requests", type=int, default=20_000, help="of the part `driver`")
    parser.add_argument("--each", type=int, default=16, help="requests in flight for each server")
    parser.add_argument("--latency", type=float, default=0.5, help="of the servers in memory, in seconds")
    parser.add_argument("--most", type=int, default=100, help="servers up to which locality is measured")
    args = parser.parse_args()
    for part in args.parts or parts:
        if part not in parts:
            parser.error(f"no part {part!r}; there are {', '.join(parts)}")
        Console(width=120).print(parts[part](args))


if __name__ == "__main__":
    main()

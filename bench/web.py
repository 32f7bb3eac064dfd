"""The web domain: what steps, restores and contexts cost, and what a search does to its browser.

`python bench/web.py` measures, without a model server: steps a second on one and two contexts; what each kind of
restore costs; the restores of real MCTS runs over MiniWoB++ tasks (equal priors, values by hash), warm, reset and
replayed; the browser actions beside those of reset-and-replay for the same trees; memory a context.

`python bench/web.py shop` does the same searches in the shop of tests/webshop_site, which has snapshots (needs flask).

`python bench/web.py miniwob` starts a local server and runs 30 tasks with 3 seeds each: the small model ranks
enumerated actions, and greedy, rollouts (best of n), best-first and MCTS spend the same policy tokens. Success is the
task's own checker, read after the search; with --oracle the searches see it as reward, and the table says so.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from marks import Mark, print_marks
from rich.console import Console
from rich.table import Table

from treewright.domains.protocol import Task
from treewright.domains.web import Web, miniwob, miniwob_task
from treewright.domains.web.counts import KINDS
from treewright.domains.web.miniwob import STARTERS
from treewright.domains.web.place import PageState
from treewright.runs.progress import Progress
from treewright.runs.run import Summary, compare
from treewright.runs.statistics import wilson
from treewright.runs.suites import Suite
from treewright.search import Budget, best_first, mcts, rollouts, search
from treewright.value_models import VLLM, ScriptedValue, Server, Uniform

# A small site that the tests have too.
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from web_pages import PagesSite, serving, task

STEPPED = ("click-checkboxes", "email-inbox", "click-tab-2", "social-media", "enter-text", "navigate-tree")


def walk(domain: Web, name: str, seed: int, steps: int) -> tuple[PageState, int]:
    """The state after some random legal actions on one task, and how many there were."""
    rng, state = random.Random(seed), domain.reset(miniwob_task(name, seed))
    for done in range(steps):
        if domain.see(state).sight.done:
            return state, done
        (action,) = domain.parse(state, rng.choice(domain.actions(state)))
        state = domain.step(state, action).state
    domain.see(state)
    return state, steps


def steps_a_second(contexts: int, rounds: int) -> tuple[float, float]:
    """Steps a second, resets not counted as steps but as time; and the median milliseconds of a step alone."""
    domain, times = miniwob(contexts=contexts), []
    try:
        domain.see(domain.reset(miniwob_task("click-test", 0)))

        def one(number: int) -> int:
            return walk(domain, STEPPED[number % len(STEPPED)], number, 6)[1]

        started = time.perf_counter()
        with ThreadPoolExecutor(contexts) as threads:
            total = sum(threads.map(one, range(rounds)))
        rate = total / (time.perf_counter() - started)
        state = domain.reset(miniwob_task("click-tab-2", 1))
        domain.see(state)
        for _ in range(12):
            (action,) = domain.parse(state, "click('1')")
            state = domain.step(state, action).state
            begun = time.perf_counter()
            domain.see(state)
            times.append(time.perf_counter() - begun)
    finally:
        domain.close()
    return rate, 1000 * statistics.median(times)


def restore_costs(repeats: int) -> Table:
    """Milliseconds of each kind of restore, the noop that follows not counted."""
    table = Table("restore", "milliseconds", "times", title="What going back costs")
    domain = miniwob(contexts=1)
    try:
        for number in range(repeats):
            state, _ = walk(domain, "click-tab-2", number, 0)
            for line in ("click('1')", "click('3')", "click('1')", "click('3')"):  # each is a warm restore
                (action,) = domain.parse(state, line)
                state = domain.step(state, action).state
                domain.see(state)
            for _ in range(2):  # the first takes the live page, the second has to go back: four actions
                (action,) = domain.parse(state, "noop()")
                domain.see(domain.step(state, action).state)
            root = domain.reset(miniwob_task("click-tab-2", number))
            domain.see(root)
            for _ in range(2):
                (action,) = domain.parse(root, "noop()")
                domain.see(domain.step(root, action).state)
        add_kinds(table, domain, "replay of 4 actions")
    finally:
        domain.close()
    with serving() as server:
        domain = Web(PagesSite(server.server_address[1], page_from_context=True, stateless=False), contexts=1)
        try:
            state = domain.reset(task("/next"))
            for _ in range(repeats + 1):  # all but the first have to go back, by cookies and address
                (action,) = domain.parse(state, "noop()")
                domain.see(domain.step(state, action).state)
            add_kinds(table, domain, "")
        finally:
            domain.close()
    return table


def add_kinds(table: Table, domain: Web, replay: str) -> None:
    """One row for each kind of restore that a domain has made."""
    for kind in KINDS:
        times = domain.counts.restores[kind]
        if times and not (kind == "warm" and not replay):
            name = replay if kind == "replay" else kind
            table.add_row(name, f"{1000 * domain.counts.seconds[kind] / times:.0f}", str(times))


def searched(domain: Web, tasks: Sequence[Task], expansions: int, concurrency: int) -> None:
    """Real MCTS runs on a domain, which is closed in the end."""

    async def run() -> None:
        async for _ in search(
            tasks,
            domain=domain,
            policy=Uniform(),
            value=ScriptedValue(),
            recipe=mcts(),
            budget=Budget(expansions=expansions),
            concurrency=concurrency,
        ):
            pass

    try:
        asyncio.run(run())
    finally:
        domain.close()


def megabytes_a_context(contexts: int) -> tuple[float, float]:
    """Proportional memory of the browser with one context, and of each further one."""
    domain, found = miniwob(contexts=contexts), []
    try:
        for number in range(contexts):
            domain.see(domain.reset(miniwob_task(STARTERS[number], 0)))
            if number in (0, contexts - 1):
                found.append(memory_below(os.getpid()))
    finally:
        domain.close()
    return found[0], (found[1] - found[0]) / (contexts - 1)


def memory_below(parent: int) -> float:
    """Megabytes of all processes below one that belong to a browser: their proportional set sizes."""
    total, above = 0.0, {parent}
    entries = sorted(int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal())
    for pid in [*entries, *entries]:  # twice: a child may have the lower number
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
            if int(stat.rpartition(")")[2].split()[1]) not in above or pid in above:
                continue
            above.add(pid)
            if "chrom" in stat.partition(")")[0]:
                rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
                total += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")) / 1024
        except OSError:
            continue
    return total


def browser(args: argparse.Namespace, console: Console) -> None:
    """All that needs no model server."""
    table = Table("contexts", "steps a second", "one step, ms", title="Random legal actions on MiniWoB++")
    for contexts in (1, 2):
        rate, alone = steps_a_second(contexts, args.rounds)
        table.add_row(str(contexts), f"{rate:.1f}", f"{alone:.0f}")
    console.print(table)
    console.print(restore_costs(args.rounds))
    console.print("MCTS over MiniWoB++ tasks, equal priors, values by hash:")
    domain = miniwob(contexts=args.contexts)
    searched(domain, [miniwob_task(name, 0) for name in STARTERS[: args.tasks]], args.expansions, args.concurrency)
    console.print(domain.counts.report(), highlight=False)
    first, further = megabytes_a_context(5)
    console.print(f"memory: browser with one context {first:.0f} MB, each further context {further:.0f} MB")
    marks(domain)


def shop(args: argparse.Namespace, console: Console) -> None:
    """Searches of the tests' shop, which has snapshots."""
    from webshop_site.site import ShopSite

    site = ShopSite()
    try:
        domain = Web(site, contexts=args.contexts)
        searched(domain, site.tasks()[: args.tasks], args.expansions, args.concurrency)
    finally:
        site.shut()
    console.print("MCTS over tasks of the shop, equal priors, values by hash:")
    console.print(domain.counts.report(), highlight=False)
    marks(domain)


def marks(domain: Web) -> None:
    """What was asked of going back."""
    counts = domain.counts
    print_marks(
        [
            Mark("share of restores that replayed no action, %", 60, 100 * counts.share_without_replay),
            Mark(
                "actions to reset and replay every child of the same trees / ours",
                2,
                counts.all_by_replay / counts.actions,
            ),
            Mark("actions to reset and replay only the pages looked at / ours", 2, counts.by_replay / counts.actions),
        ]
    )


async def compared(url: str, args: argparse.Namespace, console: Console) -> list[Summary]:
    """The four searches at the same policy tokens."""
    tasks = tuple(miniwob_task(name, seed) for seed in range(args.seeds) for name in STARTERS[: args.tasks])
    domain = miniwob(contexts=args.contexts, oracle_reward=args.oracle)
    model = VLLM(url)
    try:
        summaries = await compare(
            Suite("miniwob", domain, tasks),
            [mcts(), best_first(), rollouts(), rollouts(temperature=0.0)],
            [Budget(expansions=args.expansions)],
            policy=model,
            value=model,
            root=Path(args.out),
            concurrency=args.concurrency,
            progress=Progress(console),
        )
        console.print(domain.counts.report(), highlight=False)
    finally:
        domain.close()
    return summaries


def print_success(console: Console, summaries: Sequence[Summary], oracle: bool) -> None:
    """One row a search."""
    reward = "ORACLE REWARD: the searches saw the checker" if oracle else "the searches did not see the checker"
    table = Table("search", "solved", "95% interval", "policy tokens", "value tokens", "seconds", title=reward)
    for summary in summaries:
        share = wilson(summary.solved, len(summary.results))
        table.add_row(
            summary.recipe,
            f"{summary.solved} of {len(summary.results)}",
            f"{share.low:.0%} - {share.high:.0%}",
            f"{summary.policy_tokens:,}",
            f"{summary.value_tokens:,}",
            f"{summary.seconds:.0f}",
        )
    console.print(table)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", nargs="?", default="browser", choices=("browser", "shop", "miniwob"))
    parser.add_argument("--tasks", type=int, default=30)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--expansions", type=int, default=16, help="nodes that MCTS expands a task")
    parser.add_argument("--contexts", type=int, default=16)
    parser.add_argument("--concurrency", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=12, help="walks of the speed part, repeats of each restore")
    parser.add_argument("--oracle", action="store_true", help="pay the checker's verdict as reward")
    parser.add_argument("--out", default="results")
    parser.add_argument("--url", help="a running server instead of an own one")
    args, console = parser.parse_args(), Console()
    if args.part == "browser":
        browser(args, console)
    elif args.part == "shop":
        shop(args, console)
    elif args.url:
        print_success(console, asyncio.run(compared(args.url, args, console)), args.oracle)
    else:
        with Server(max_model_len=4096) as server:
            print_success(console, asyncio.run(compared(server.url, args, console)), args.oracle)


if __name__ == "__main__":
    main()

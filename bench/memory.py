"""Memory of a search: bytes a node beyond the text itself, at the peak and in the finished trees.

`python bench/memory.py` searches word problems with scripted models, 64 tasks at once, keeps all results, and counts
what Python and the forest allocate (`tracemalloc`, so about four times slower than a search without it). The text is
what the proposals themselves hold, once each.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import tracemalloc

from rich.console import Console
from rich.table import Table
from word_problems import word_problems

from treewright.search import Budget, Result, mcts, search
from treewright.value_models import ScriptedPolicy, ScriptedValue

LINE = "Then the shop has sold {} boxes, which is more than it sold before, so we add them."


async def searched(tasks: int, expansions: int) -> list[Result]:
    """All results of one search; every proposal is a line of its own."""
    count = itertools.count()
    policy = ScriptedPolicy(lambda _: [LINE.format(next(count)) for _ in range(4)])
    stream = search(
        word_problems(tasks),
        domain="math",
        policy=policy,
        value=ScriptedValue(),
        recipe=mcts(n=4),
        budget=Budget(expansions=expansions),
        concurrency=64,
    )
    return [result async for result in stream]


def main() -> None:
    """Measures and prints one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=64)
    parser.add_argument("--expansions", type=int, default=128, help="nodes expanded a task")
    args = parser.parse_args()
    asyncio.run(searched(1, 2))  # imports and caches are not the nodes'
    tracemalloc.start()
    results = asyncio.run(searched(args.tasks, args.expansions))
    kept, peak = tracemalloc.get_traced_memory()
    nodes = [node for result in results for node in result.tree.nodes]
    text = sum(len(node.text.encode()) for node in nodes)
    table = Table(title=f"{args.tasks} tasks of {args.expansions} expansions, {len(nodes):,} nodes")
    for name in ("text, bytes a node", "beyond it, at the peak", "beyond it, in the results"):
        table.add_column(name, justify="right")
    row = (text / len(nodes), (peak - text) / len(nodes), (kept - text) / len(nodes))
    table.add_row(*(f"{value:,.0f}" for value in row))
    Console().print(table)


if __name__ == "__main__":
    main()

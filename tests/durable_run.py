"""Starts or resumes one run against a scripted server and prints its trees as JSON; tests kill it.

Its arguments are new|resume RUN URL LOAD MODE; LOAD is "game24" (ranked moves) or "math" (drawn lines), MODE "rounds"
(deterministic) or "free".
"""

from __future__ import annotations

import asyncio
import json
import sys
import traceback
from typing import Any

from treewright.domains.math import game24_tasks
from treewright.domains.protocol import Task
from treewright.search import Budget, Result, RunPaused, mcts, resume, search
from treewright.value_models import VLLM

TEXTS = ["so we add 3", "then take 4", "now 3 * 4 = 12", "The answer is 12.", "The answer is 7."]


def load(name: str) -> list[Task]:
    if name == "game24":
        return list(game24_tasks(5, 3))
    return [Task(f"boxes-{i}", f"A shop has {i} boxes of 4 pens. How many pens?", str(4 * i)) for i in range(5)]


def tree(result: Result) -> dict[str, Any]:
    nodes = [
        [node.parent, node.text, node.prior, node.reward, node.value, node.visits, node.q, node.answer, node.failure]
        for node in result.tree.nodes
    ]
    paid = [result.cost.policy_tokens, result.cost.value_tokens, result.cost.calls]
    return {"nodes": nodes, "answer": result.answer, "correct": result.solved, "stopped": result.stopped, "paid": paid}


async def main(what: str, run: str, url: str, name: str, mode: str) -> None:
    model = VLLM(url, retries=1)
    if what == "new":
        results = search(
            load(name),
            domain=name,
            policy=model,
            recipe=mcts(leaves=4, evaluate="children" if name == "math" else "leaf"),
            budget=Budget(expansions=12),
            concurrency=8,
            deterministic=mode == "rounds",
            run=run,
            patience=0.5,
        )
    else:
        results = resume(run, policy=model, patience=0.5)
    print(json.dumps({result.task.id: tree(result) async for result in results}, sort_keys=True))


def run(arguments: list[str]) -> int:
    """The exit code."""
    try:
        asyncio.run(main(*arguments))
    except RunPaused as error:
        print(error, file=sys.stderr)
        return 75
    except BaseException:
        traceback.print_exc()
        return 1
    return 0

"""The searches whose finished trees are kept here: one for each rule, backup and option."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from forests import Script

from treewright.mcts import (
    PUCT,
    UCBV,
    UCT,
    AdaptiveBranching,
    BestFirst,
    Gumbel,
    PowerMean,
    Snapshot,
    SoftmaxMix,
    Thompson,
    UCB1Tuned,
    Widening,
)

FOLDER = Path(__file__).parent
COLUMNS = ["parent row", "depth", "visits", "q", "flags", "target row"]

Row = list[Any]
Search = Callable[[Any], Snapshot]


def search(
    calls: int = 60, leaves: int = 1, *, reroot: int | None = None, script: Any = None, **options: Any
) -> Search:
    """A search of one tree with these options; with `reroot` it goes on below that child after half of the calls."""

    def tree_of(kind: Any) -> Snapshot:
        grower = Script(kind(**options), **(script or {}))
        if reroot is not None:
            grower.run(calls // 2, leaves)
            grower.reroot(reroot)
            calls_left = calls - calls // 2
        else:
            calls_left = calls
        grower.run(calls_left, leaves)
        shot: Snapshot = grower.forest.snapshot(grower.tree)
        return shot

    return tree_of


COMMUTING = {"commuting": True, "rewards": True}

SEARCHES: dict[str, Search] = {
    "puct": search(),
    "puct_first_play": search(rule=PUCT(1.5, first_play=0.25)),
    "puct_reduction": search(rule=PUCT(1.5, reduction=0.3)),
    "uct": search(rule=UCT()),
    "ucb1_tuned": search(rule=UCB1Tuned()),
    "ucb_v": search(rule=UCBV(0.6, 0.2)),
    "gumbel": search(rule=Gumbel(60, 4, 10.0, 0.5)),
    "thompson_gaussian": search(rule=Thompson()),
    "thompson_beta": search(rule=Thompson("beta", 0.5)),
    "adaptive_branching": search(100, rule=AdaptiveBranching("beta")),
    "softmax_children": search(rule=SoftmaxMix(0.1, 0.2)),
    "softmax_tree": search(100, rule=SoftmaxMix(0.1, 0.2, "tree")),
    "best_first": search(rule=BestFirst(-0.03125, -0.0625, -0.25), script=COMMUTING),
    "best_first_children": search(100, rule=BestFirst(children=3)),
    "max": search(backup="max", discount=0.95, script={"rewards": True}),
    "power_mean": search(backup=PowerMean(4.0), discount=0.95, script={"rewards": True}),
    "in_flight": search(20, 4),
    "virtual_loss": search(20, 4, in_flight="virtual_loss"),
    "random_ties": search(rule=UCT(0.5), ties="random", seed=7),
    "exhausted_again": search(100, skip_exhausted=False, rule=PUCT(0.1)),
    "widening": search(100, widening=Widening(1.5, 0.4)),
    "solver": search(solver=True, rule=UCT(0.3), value_range=(0.0, 1.0)),
    "normalise": search(normalise=True, rule=UCBV(0.6, 0.2), script={"rewards": True}),
    "transpositions": search(60, 2, transpositions=True, script=COMMUTING),
    "transpositions_solver": search(80, 2, transpositions=True, solver=True, rule=UCT(0.2), script=COMMUTING),
    "reroot": search(reroot=1, script={"rewards": True}),
    "reroot_transpositions": search(80, reroot=1, transpositions=True, script=COMMUTING),
    "everything": search(
        80,
        3,
        reroot=0,
        rule=PUCT(2.0, reduction=0.2),
        backup="max",
        in_flight="virtual_loss",
        discount=0.9,
        ties="random",
        seed=5,
        widening=Widening(2.0, 0.3),
        solver=True,
        normalise=True,
        transpositions=True,
        script=COMMUTING,
    ),
}


def rows_of(shot: Snapshot) -> list[Row]:
    """A row a node, breadth first, with rows in place of ids; Q as the shortest text of its float32."""
    row = {-1: -1} | {node: index for index, node in enumerate(shot.node.tolist())}
    parents, targets = ([row[node] for node in column.tolist()] for column in (shot.parent, shot.target))
    q = [np.format_float_positional(number, trim="0") for number in shot.q]
    columns = (parents, shot.depth.tolist(), shot.visits.tolist(), q, shot.flags.tolist(), targets)
    return [list(values) for values in zip(*columns, strict=True)]


def read(name: str) -> list[Row]:
    """The tree that is kept under a name; empty if there is none."""
    path = FOLDER / f"{name}.json"
    if not path.exists():
        return []
    kept: list[Row] = json.loads(path.read_text())["nodes"]
    return kept


def write(name: str, rows: list[Row]) -> None:
    """Keeps a tree, a line a node."""
    lines = ",\n".join(f"    {json.dumps(row)}" for row in rows)
    text = f'{{\n  "columns": {json.dumps(COLUMNS)},\n  "nodes": [\n{lines}\n  ]\n}}\n'
    (FOLDER / f"{name}.json").write_text(text)

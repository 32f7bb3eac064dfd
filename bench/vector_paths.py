"""Scalar, AVX2 and AVX-512: the speed of each, and that all of them search alike.

    python bench/vector_paths.py    speeds and signature of the path that TREEWRIGHT_SIMD names; a line of JSON

The path is chosen once, when the extension is loaded: each is measured in a process of its own.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from typing import NamedTuple

from contest import Contestant, in_turn
from cores import native
from marks import Mark
from signature import signature
from table_evaluator import TableEvaluator

PATHS = ("scalar", "avx2", "avx512")
TREES = 64
NODES = 512_000  # a run
WIDTHS = (8, 32, 128)


class Found(NamedTuple):
    """Of one process: simulations a second by width, and the signature."""

    rates: list[float]
    signature: str


def here() -> Found:
    """Simulations a second of the tree alone by width, and the signature."""
    rates = []
    for actions in WIDTHS:
        contestant = Contestant("native", native(), TREES, NODES // actions // TREES)
        in_turn([contestant], TableEvaluator(actions), 3)
        rates.append(contestant.rate)
    return Found(rates, signature())


def elsewhere(path: str) -> Found:
    """The same in a new process, on the given path."""
    environment = os.environ | {"TREEWRIGHT_SIMD": path}
    run = subprocess.run([sys.executable, __file__], env=environment, capture_output=True, text=True, check=True)
    return Found(*json.loads(run.stdout))


def measure(quick: bool) -> list[Mark]:
    """Prints a row a path. A path that the machine lacks is replaced by the widest that it has."""
    rounds = [[elsewhere(path) for path in PATHS] for _ in range(1 if quick else 5)]
    print(f"{'path':>8} {'signature':>10} " + " ".join(f"{f'sims/s, {width} wide':>18}" for width in WIDTHS))
    for path, found in zip(PATHS, zip(*rounds, strict=True), strict=True):
        rates = [statistics.median(column) for column in zip(*(one.rates for one in found), strict=True)]
        print(f"{path:>8} {found[0].signature:>10} " + " ".join(f"{rate:>18,.0f}" for rate in rates))
    signatures = {one.signature for found in rounds for one in found}
    return [Mark("different signatures of the vector paths", 1, len(signatures), at_most=True)]


if __name__ == "__main__":
    print(json.dumps(here()))

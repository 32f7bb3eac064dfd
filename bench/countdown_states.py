"""What is true of a Countdown state, and what random play says of it; shared by the benchmarks of value models."""

from __future__ import annotations

import random
from fractions import Fraction
from functools import cache

from treewright.domains.math.rules import COUNTDOWN, legal_moves
from treewright.domains.math.solver import solve_exactly
from treewright.value_models import Evidence

PLAYS = 48
Numbers = tuple[Fraction, ...]


def asked(evidence: Evidence) -> tuple[Numbers, Fraction]:
    """The numbers left and the target, from the question about a state."""
    line = evidence.question.splitlines()[-1].removesuffix("?")
    *numbers, target = (Fraction(word) for word in line.split() if word[0].isdigit())
    return tuple(sorted(numbers)), target


@cache
def hopeful(numbers: Numbers, target: Fraction) -> bool:
    """Whether the target can still be made."""
    return target in numbers or solve_exactly(numbers, target, COUNTDOWN) is not None


@cache
def _played(numbers: Numbers, target: Fraction) -> float:
    rng = random.Random(f"{numbers} {target}")
    hits = sum(_play(list(numbers), target, rng) for _ in range(PLAYS))
    return 0.2 if hits == 0 else 0.5 + 0.5 * hits / PLAYS


def _play(left: list[Fraction], target: Fraction, rng: random.Random) -> bool:
    while len(left) > 1:
        if target in left:
            return True
        moves = list(legal_moves(tuple(sorted(left)), COUNTDOWN))
        if not moves:
            return False
        move = moves[rng.randrange(len(moves))]
        left.remove(move.left)
        left.remove(move.right)
        left.append(Fraction(move.result))
    return target in left


def plays(evidence: Evidence) -> float:
    """How often random play to the end makes the target."""
    return _played(*asked(evidence))

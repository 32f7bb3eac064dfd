"""An exact solver: exhaustive search over the legal moves of a number game."""

from __future__ import annotations

from collections.abc import Sequence

from .canonical import Made, combine, number
from .expressions import Number
from .rules import GAME24, Move, Rules, legal_moves


def solve_exactly(numbers: Sequence[int], target: int = 24, rules: Rules = GAME24) -> str | None:
    """One canonical expression that makes the target by the rules, or None where there is none.

    Depth-first over multisets of numbers, each visited once: milliseconds for four numbers, seconds for six that cannot
    make the target. The same expression on every machine.

    Raises:
        ValueError: no numbers.
    """
    if not numbers:
        raise ValueError("solve_exactly got no numbers; give at least one")
    values = tuple(sorted(numbers))
    moves = _search(values, target, rules, set())
    if moves is None:
        return None
    left = [number(given) for given in numbers]
    for move in moves:
        left.append(combine(move.op, _take(left, move.left), _take(left, move.right)))
    return next(made.text for made in reversed(left) if made.value == target)


def _search(
    values: tuple[Number, ...], target: Number, rules: Rules, hopeless: set[tuple[Number, ...]]
) -> list[Move] | None:
    if target in values and not (rules.use_all and len(values) > 1):
        return []
    if len(values) == 1 or values in hopeless:
        return None
    for move in legal_moves(values, rules):
        left = list(values)
        left.remove(move.left)
        left.remove(move.right)
        rest = _search(tuple(sorted([*left, move.result])), target, rules, hopeless)
        if rest is not None:
            return [move, *rest]
    hopeless.add(values)
    return None


def _take(left: list[Made], value: Number) -> Made:
    position = next(i for i, made in enumerate(left) if made.value == value)
    return left.pop(position)

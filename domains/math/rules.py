"""The rules of the two number games: which moves are legal, and how one is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .expressions import Number, Operator, apply


@dataclass(frozen=True, slots=True)
class Rules:
    """What tells one number game from another.

    Attributes:
        name: of the game.
        use_all: every number must be used, each once; else any of them, each at most once.
        integers: every result must be a positive integer; else any fraction from 0 up.
        target: the number to make, where it is the same in every task.
    """

    name: str
    use_all: bool
    integers: bool
    target: int | None


GAME24 = Rules("game24", use_all=True, integers=False, target=24)
COUNTDOWN = Rules("countdown", use_all=False, integers=True, target=None)


class Move(NamedTuple):
    """One operation on two of the numbers left."""

    op: Operator
    left: Number
    right: Number
    result: Number

    @property
    def text(self) -> str:
        """The move as a model writes it, such as "8 / 4 = 2" or "(8/3) * 9 = 24"."""
        return f"{_operand(self.left)} {self.op} {_operand(self.right)} = {self.result}"


def make_move(op: Operator, left: Number, right: Number, rules: Rules) -> Move | None:
    """The move, operands of + and * larger first; None where the rules forbid it.

    Differences below zero are forbidden in both games, and nothing is lost by it: by induction over an expression, if
    it has the value v then |v| can be made from the same numbers without them, since |x + y| is one of |x| + |y| and
    ||x| - |y||, |x * y| = |x| * |y| and |x / y| = |x| / |y|. Targets are positive, so |target| is the target.
    """
    if op in "+*" and left < right:
        left, right = right, left
    if (op == "-" and left < right) or (op == "/" and right == 0):
        return None
    result = apply(op, left, right)
    if rules.integers and (result.denominator != 1 or result <= 0):
        return None
    return Move(op, left, right, result)


def legal_moves(values: Sequence[Number], rules: Rules) -> Iterator[Move]:
    """Every legal move on a multiset of numbers, each once, in an order that depends on the multiset alone.

    Pairs in ascending order; of a pair a <= b: b + a, b - a, b * a, b / a and, if they differ, a / b.
    """
    ordered = sorted(values)
    pairs = dict.fromkeys((a, b) for i, a in enumerate(ordered) for b in ordered[i + 1 :])
    for small, large in pairs:
        moves = [make_move(op, large, small, rules) for op in _OPERATORS]
        if small != large:
            moves.append(make_move("/", small, large, rules))
        yield from (move for move in moves if move is not None)


_OPERATORS: tuple[Operator, ...] = ("+", "-", "*", "/")


def _operand(value: Number) -> str:
    return str(value) if value.denominator == 1 else f"({value})"

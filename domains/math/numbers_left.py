"""States of a number game: the numbers left and the moves that led to them."""

from __future__ import annotations

from dataclasses import dataclass

from ..protocol import BadProposal
from .canonical import Made, combine
from .expressions import Number, Operator
from .rules import Move, Rules, make_move


@dataclass(frozen=True, slots=True)
class NumbersLeft:
    """A state: a multiset of exact numbers with the expressions that made them.

    Attributes:
        task: the task's text.
        target: the number to make.
        left: the numbers left, ascending.
        path: a line for each move made.
    """

    task: str
    target: int
    left: tuple[Made, ...]
    path: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The numbers left as text, such as "2 7 8"; equal for equal multisets, whatever the path."""
        return " ".join(str(made.value) for made in self.left)


def solution(state: NumbersLeft, rules: Rules) -> Made | None:
    """The number that makes the target by the rules, if there is one."""
    if rules.use_all and len(state.left) > 1:
        return None
    return next((made for made in state.left if made.value == state.target), None)


def ended(state: NumbersLeft, rules: Rules) -> bool:
    """Whether the game is over: one number is left, or the target is made."""
    return len(state.left) == 1 or solution(state, rules) is not None


def legal_move(op: Operator, left: Number, right: Number, rules: Rules) -> Move:
    """The move, with its result.

    Raises:
        BadProposal: "illegal": the rules forbid it.
    """
    move = make_move(op, left, right, rules)
    if move is None:
        wanted = "a positive whole number" if rules.integers else "a number from 0 up"
        raise BadProposal("illegal", f"{left} {op} {right} does not give {wanted}, as every result must be")
    return move


def play(state: NumbersLeft, move: Move, rules: Rules) -> NumbersLeft:
    """The state after a move.

    Raises:
        BadProposal: "ended", "illegal" or "wrong result".
    """
    if ended(state, rules):
        raise BadProposal("ended", f"the game is over, {state.key} is left; no move can follow")
    left = list(state.left)
    operands = []
    for value in (move.left, move.right):
        position = next((i for i, made in enumerate(left) if made.value == value), None)
        if position is None:
            raise BadProposal("illegal", f"{move.text!r}: {value} is not there to use; left: {state.key}")
        operands.append(left.pop(position))
    legal = legal_move(move.op, move.left, move.right, rules)
    if legal.result != move.result:
        raise BadProposal("wrong result", f"{move.text!r}: the result is {legal.result}")
    left.append(combine(move.op, operands[0], operands[1]))
    left.sort(key=lambda made: (made.value, made.text))
    line = f"{legal.text} (left: {' '.join(str(made.value) for made in left)})"
    return NumbersLeft(state.task, state.target, tuple(left), (*state.path, line))

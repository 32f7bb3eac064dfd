"""What a model wrote in a number game, read as moves: a line for each move, or one expression for all of them."""

from __future__ import annotations

import re
from fractions import Fraction

from ..protocol import BadProposal
from .canonical import made_from
from .expressions import BadExpression, Branch, Number, Operator, Tree, apply, exact, parse_expression, plain_operators
from .numbers_left import NumbersLeft, ended, legal_move, play
from .rules import Move, Rules

MAX_CHARACTERS = 4_000
MAX_LINE = 200

_OPERATORS: dict[str, Operator] = {"+": "+", "-": "-", "*": "*", "/": "/"}
_LABEL = re.compile(
    r"\s*(?:[*•>-]\s+|step\s+[0-9]{1,3}\s*[.:)]\s*|[0-9]{1,3}[.)]\s+)?(?:answer\s*:)?\s*", re.IGNORECASE
)
_LEFT = re.compile(r"\s*[(\[]?\s*left\b.*$", re.IGNORECASE)
_OPERAND = r"[0-9]{1,12}(?:/[0-9]{1,12})?|\([0-9]{1,12}/[0-9]{1,12}\)"
_MOVE = re.compile(rf"({_OPERAND})\s*([-+*/])\s*({_OPERAND})")
_RESULT = re.compile(rf"\(?-?(?:{_OPERAND})\)?")


def read_proposal(state: NumbersLeft, text: str, rules: Rules) -> tuple[Move, ...]:
    """The moves that a text stands for, all legal one after the other.

    A line is a move ("8 / 4 = 2 (left: 2 7 8)"; the result and what is left may be missing, a result that is given must
    be right), or an expression of the numbers left ("Answer: (8 - 4) * (7 - 8 / 8)"), in which a number made by an
    earlier move may stand as its value or written out. What follows the end of the game is not read.

    Raises:
        BadProposal: "format", "illegal", "wrong result" or "ended"; nothing of the text is played then.
    """
    if len(text) > MAX_CHARACTERS:
        raise BadProposal("format", f"a proposal of {len(text)} characters; at most {MAX_CHARACTERS} are read")
    moves: list[Move] = []
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise BadProposal("format", "an empty proposal; expected a move such as '8 / 4 = 2'")
    for line in lines:
        if moves and ended(state, rules):
            break
        if len(line) > MAX_LINE:
            raise BadProposal("format", f"a line of {len(line)} characters; at most {MAX_LINE} are read")
        for move in _read_line(state, line, rules):
            state = play(state, move, rules)
            moves.append(move)
    return tuple(moves)


def _read_line(state: NumbersLeft, line: str, rules: Rules) -> list[Move]:
    body = plain_operators(line)
    body = _LEFT.sub("", body[_label_length(body) :]).strip().rstrip(".,;").strip()
    head, equals, result = body.partition("=")
    given = _result(result.strip(), line) if equals else None
    simple = _MOVE.fullmatch(head.strip())
    if simple is not None:
        return [_read_move(simple, given, line, rules)]
    try:
        tree = parse_expression(head)
        if isinstance(tree, int):
            raise BadProposal("format", f"{line!r} holds no operation; expected a move such as '8 / 4 = 2'")
        builder = _Builder(state, rules)
        value = builder.build(tree)
    except BadExpression as error:
        raise BadProposal(
            "format", f"{line!r} is neither a move such as '8 / 4 = 2' nor an expression: {error}"
        ) from None
    if given is not None and given != value:
        raise BadProposal("wrong result", f"{line!r}: the result is {value}")
    if not builder.moves:
        raise BadProposal("format", f"{line!r} says what is there already: {state.key}")
    return builder.moves


def _read_move(found: re.Match[str], given: Number | None, line: str, rules: Rules) -> Move:
    move = legal_move(_OPERATORS[found[2]], _fraction(found[1]), _fraction(found[3]), rules)
    if given is not None and given != move.result:
        raise BadProposal("wrong result", f"{line!r}: the result is {move.result}")
    return move


class _Builder:
    """Takes an expression apart into legal moves on a state's numbers."""

    def __init__(self, state: NumbersLeft, rules: Rules) -> None:
        self.moves: list[Move] = []
        self._state = state
        self._rules = rules
        self._unused = list(state.left)

    def build(self, tree: Tree) -> Number:
        """Makes the tree's value, or its magnitude where that is negative; returns the value.

        A negative value is carried as the magnitude that the moves make, as `make_move` explains.
        """
        if self._take(tree):
            return made_from(tree).value
        if not isinstance(tree, Branch):
            raise BadProposal("illegal", f"{tree} is not there to use; left: {self._state.key}")
        left, right = self.build(tree.left), self.build(tree.right)
        value = apply(tree.op, left, right)
        op = tree.op
        left_size: Number = -left if left < 0 else left
        right_size: Number = -right if right < 0 else right
        if op in "+-":
            same_side = (left >= 0) == (right >= 0)
            op = "+" if same_side == (op == "+") else "-"
        if op == "-" and left_size < right_size:
            left_size, right_size = right_size, left_size
        self.moves.append(legal_move(op, left_size, right_size, self._rules))
        if self._rules.integers and value < 0:
            raise BadProposal(
                "illegal", f"a part of the expression is {value}; every result must be a positive integer"
            )
        return value

    def _take(self, tree: Tree) -> bool:
        text = made_from(tree).text
        for made in self._unused:
            if made.text == text or (isinstance(tree, int) and made.value == tree):
                self._unused.remove(made)
                return True
        return False


def _label_length(line: str) -> int:
    found = _LABEL.match(line)
    return found.end() if found else 0


def _result(text: str, line: str) -> Number:
    if not _RESULT.fullmatch(text):
        raise BadProposal("format", f"{line!r}: {text!r} after '=' is no exact number such as 2 or 8/3")
    return _fraction(text)


def _fraction(text: str) -> Number:
    try:
        return exact(Fraction(text.strip("()")))
    except ZeroDivisionError:
        raise BadProposal("format", f"{text!r} divides by zero") from None

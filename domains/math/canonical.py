"""Numbers with the expressions that made them, in one form for all expressions that differ in order only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .expressions import Number, Operator, Tree, apply


@dataclass(frozen=True, slots=True)
class Made:
    """A number and how it was made.

    A sum is held as its added and subtracted terms, a product as its factors and divisors, however deep the operations
    nested: a - (b - c) and (c + a) - b are one expression, "a + c - b". Added terms come before subtracted ones and
    factors before divisors, so that an expression whose steps were all positive integers still has such steps.

    Attributes:
        value: exact; an int where it is whole.
        text: the canonical expression, parenthesised only where needed.
        kind: what the outermost operation makes it.
        plus: added terms or factors, largest first; the number itself where there is no operation.
        minus: subtracted terms or divisors, largest first.
    """

    value: Number
    text: str
    kind: Literal["number", "sum", "product"]
    plus: tuple[Made, ...] = ()
    minus: tuple[Made, ...] = ()


def number(value: int) -> Made:
    """A number that was given."""
    return Made(value, str(value), "number")


def combine(op: Operator, left: Made, right: Made) -> Made:
    """The number made from two by one operation.

    Raises:
        BadExpression: it divides by zero.
    """
    value = apply(op, left.value, right.value)
    kind: Literal["sum", "product"] = "sum" if op in "+-" else "product"
    plus, minus = _parts(left, kind)
    more, less = _parts(right, kind)
    if op in "-/":
        more, less = less, more
    plus = tuple(sorted(plus + more, key=_order, reverse=True))
    minus = tuple(sorted(minus + less, key=_order, reverse=True))
    join, split = (" + ", " - ") if kind == "sum" else (" * ", " / ")
    text = join.join(_shown(part, kind) for part in plus) + "".join(split + _shown(part, kind) for part in minus)
    return Made(value, text, kind, plus, minus)


def made_from(tree: Tree) -> Made:
    """The canonical form of a parsed expression.

    Raises:
        BadExpression: it divides by zero.
    """
    if isinstance(tree, int):
        return number(tree)
    return combine(tree.op, made_from(tree.left), made_from(tree.right))


def _parts(made: Made, kind: str) -> tuple[tuple[Made, ...], tuple[Made, ...]]:
    return (made.plus, made.minus) if made.kind == kind else ((made,), ())


def _order(made: Made) -> tuple[Number, str]:
    return made.value, made.text


def _shown(part: Made, within: str) -> str:
    return f"({part.text})" if within == "product" and part.kind == "sum" else part.text

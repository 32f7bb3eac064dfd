"""A small reader of arithmetic: text to a tree, and the tree's exact value. Nothing is ever evaluated as code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias

from ..protocol import DomainError

Operator = Literal["+", "-", "*", "/"]
Number: TypeAlias = "int | Fraction"

MAX_CHARACTERS = 200
MAX_DEPTH = 16
MAX_DIGITS = 9

_TOKEN = re.compile(r"\s*([0-9]+|[-+*/()])")
_SPELLINGS = str.maketrans({"×": "*", "·": "*", "÷": "/", "−": "-", "–": "-"})


class BadExpression(DomainError):
    """A text that is no arithmetic expression, or one without a value."""


@dataclass(frozen=True, slots=True)
class Branch:
    """An operator over two smaller trees."""

    op: Operator
    left: Tree
    right: Tree


Tree: TypeAlias = "int | Branch"


def plain_operators(text: str) -> str:
    """The text with typographic operators (×, ÷, −) as + - * /."""
    return text.translate(_SPELLINGS)


def parse_expression(text: str) -> Tree:
    """Reads an expression of whole numbers, + - * / and parentheses; * and / bind tighter, all associate to the left.

    There is no sign and no decimal point. At most 200 characters, parentheses 16 deep, numbers of 9 digits.

    Raises:
        BadExpression: the text is no such expression; the message says where.
    """
    if len(text) > MAX_CHARACTERS:
        raise BadExpression(f"an expression of {len(text)} characters; at most {MAX_CHARACTERS} are read")
    return _Parser(text).whole()


def evaluate(tree: Tree) -> Number:
    """The exact value of a tree.

    Raises:
        BadExpression: it divides by zero.
    """
    if isinstance(tree, int):
        return tree
    return apply(tree.op, evaluate(tree.left), evaluate(tree.right))


def apply(op: Operator, left: Number, right: Number) -> Number:
    """The exact result of one operation.

    Raises:
        BadExpression: it divides by zero.
    """
    if op == "+":
        return exact(left + right)
    if op == "-":
        return exact(left - right)
    if op == "*":
        return exact(left * right)
    if right == 0:
        raise BadExpression(f"{left} / {right} divides by zero")
    return exact(Fraction(left, right))


def exact(value: Number) -> Number:
    """The number as an int where it is whole, which is several times faster to compute with than a Fraction."""
    return value.numerator if value.denominator == 1 else value


def leaves(tree: Tree) -> Iterator[int]:
    """The numbers of a tree from left to right."""
    if isinstance(tree, int):
        yield tree
    else:
        yield from leaves(tree.left)
        yield from leaves(tree.right)


def branches(tree: Tree) -> Iterator[Branch]:
    """The operations of a tree, each after those that it needs."""
    if isinstance(tree, Branch):
        yield from branches(tree.left)
        yield from branches(tree.right)
        yield tree


class _Parser:
    """Recursive descent over the tokens of one text."""

    def __init__(self, text: str) -> None:
        self._text = plain_operators(text)
        self._tokens = self._scan()
        self._next = 0

    def whole(self) -> Tree:
        tree = self._sum(0)
        if self._next < len(self._tokens):
            raise BadExpression(f"{self._text!r}: expected an operator or the end before {self._peek()!r}")
        return tree

    def _scan(self) -> list[str]:
        tokens, position, text = [], 0, self._text.rstrip()
        while position < len(text):
            found = _TOKEN.match(text, position)
            if found is None:
                raise BadExpression(
                    f"{text!r}: {text[position:].lstrip()[0]!r} is none of whole numbers, + - * / and parentheses"
                )
            if len(found[1]) > MAX_DIGITS:
                raise BadExpression(f"a number of {len(found[1])} digits; at most {MAX_DIGITS} are read")
            tokens.append(found[1])
            position = found.end()
        return tokens

    def _peek(self) -> str:
        return self._tokens[self._next] if self._next < len(self._tokens) else ""

    def _take(self) -> str:
        token = self._peek()
        self._next += 1
        return token

    def _sum(self, depth: int) -> Tree:
        tree = self._product(depth)
        while (op := self._peek()) in ("+", "-"):
            self._take()
            tree = Branch("+" if op == "+" else "-", tree, self._product(depth))
        return tree

    def _product(self, depth: int) -> Tree:
        tree = self._factor(depth)
        while (op := self._peek()) in ("*", "/"):
            self._take()
            tree = Branch("*" if op == "*" else "/", tree, self._factor(depth))
        return tree

    def _factor(self, depth: int) -> Tree:
        token = self._take()
        if token.isdigit():
            return int(token)
        if token != "(":
            raise BadExpression(f"{self._text!r}: expected a number or '(', found {token or 'the end'!r}")
        if depth == MAX_DEPTH:
            raise BadExpression(f"parentheses more than {MAX_DEPTH} deep")
        tree = self._sum(depth + 1)
        if self._take() != ")":
            raise BadExpression(f"{self._text!r}: a '(' is not closed")
        return tree

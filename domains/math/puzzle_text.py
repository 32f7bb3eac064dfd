"""A number puzzle as a user says it: text to numbers and target, and back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..protocol import DomainError
from .rules import Rules

MIN_NUMBERS, MAX_NUMBERS = 2, 6
MAX_NUMBER = 9_999
MAX_TARGET = 99_999
_MAX_CHARACTERS = 500

_TARGET = re.compile(
    r"(?:\b(?:make|makes|making|reach|reaches|get|obtain|equals?|target|game\s+of|to)\b|=)"
    r"(?:\s+(?:is|of|the|number|exactly|target))*\s*[:=]?\s*([0-9]+)(?![0-9])",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[0-9]+")
_NOT_WHOLE = re.compile(r"[0-9]+\.[0-9]+|[0-9]+/[0-9]+|(?<![^\s,:;(\[])-[0-9]+")


@dataclass(frozen=True, slots=True)
class Puzzle:
    """The numbers, ascending, and the number to make of them."""

    numbers: tuple[int, ...]
    target: int


def puzzle_text(numbers: Sequence[int], target: int, rules: Rules) -> str:
    """The task in words, as in "Use 4, 7, 8, 8 and + - * / to make 24."."""
    amount = "" if rules.use_all else "some of "
    return f"Use {amount}{', '.join(map(str, numbers))} and + - * / to make {target}."


def parse_puzzle(text: str, rules: Rules) -> Puzzle:
    """Reads a puzzle from free text.

    The target is the number after "make", "reach", "=" and the like; all other numbers are the ones to use. Where the
    game has one target for all tasks it need not be said. 2 to 6 numbers from 1 to 9,999; target to 99,999.

    Raises:
        DomainError: what is missing or out of range, with an example.
    """
    example = f"expected a text like {puzzle_text(_EXAMPLE, rules.target or 82, rules)!r}"
    if len(text) > _MAX_CHARACTERS:
        raise DomainError(f"a puzzle of {len(text)} characters, at most {_MAX_CHARACTERS} are read; {example}")
    if odd := _NOT_WHOLE.search(text):
        raise DomainError(f"{odd[0]!r} in {text!r}: the numbers are positive and whole; {example}")
    found = list(_TARGET.finditer(text))
    if found:
        start, end = found[-1].span(1)
        target = _number(found[-1][1], MAX_TARGET, "the target", example)
        rest = text[:start] + " " + text[end:]
    elif rules.target is None:
        raise DomainError(f"no target in {text!r}; {example}")
    else:
        target, rest = rules.target, text
    if rules.target is not None and target != rules.target:
        raise DomainError(
            f"{rules.name} always makes {rules.target}, not {target}; the domain countdown takes any target"
        )
    numbers = tuple(sorted(_number(word, MAX_NUMBER, "a number", example) for word in _NUMBER.findall(rest)))
    if not MIN_NUMBERS <= len(numbers) <= MAX_NUMBERS:
        raise DomainError(f"{len(numbers)} numbers in {text!r}, not {MIN_NUMBERS} to {MAX_NUMBERS}; {example}")
    if not rules.use_all and target in numbers:
        raise DomainError(f"the target {target} is one of the numbers in {text!r}, so there is nothing to solve")
    return Puzzle(numbers, target)


_EXAMPLE = (4, 7, 8, 8)


def _number(digits: str, most: int, what: str, example: str) -> int:
    if len(digits) > len(str(most)) or not 1 <= int(digits) <= most:
        raise DomainError(f"{what} is {digits[:20]}, not 1 to {most}; {example}")
    return int(digits)

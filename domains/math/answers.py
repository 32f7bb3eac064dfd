"""Final answers of word problems: where a line states one, and the exact number that it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

MAX_CHARACTERS = 200

_DIGITS = r"(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]{1,30})"
_NUMBER = re.compile(
    rf"(?P<sign>[-+]?)\s*(?:\\?\$|€|£)?\s*(?P<sign2>-?)"
    rf"(?P<top>(?:{_DIGITS}(?:\.[0-9]{{1,30}})?|\.[0-9]{{1,30}})(?:[eE][-+]?[0-9]{{1,2}})?)"
    rf"(?:\s*/\s*(?P<bottom>[0-9]{{1,30}}))?\s*(?P<percent>\\?%)?"
)
_UNIT = re.compile(r"(?:\s+[A-Za-z]{3,20}){1,3}$")
_STATED = re.compile(r"\banswer\s*(?:is|:|=)\s*:?\s*(.*)", re.IGNORECASE)
_HASHES = re.compile(r"####\s*(.+)")
_WORKING = re.compile(r"(?:[A-Za-z]\s*|[-\s0-9$.,+*/()×÷]{1,100})=\s*")
_WRAPPING = " \t*`\\()[]"


@dataclass(frozen=True, slots=True)
class Exact:
    """A number and whether it was given as a percentage; `value` is the number before the sign %."""

    value: Fraction
    percent: bool = False

    @property
    def text(self) -> str:
        """The canonical form: "18", "1/2", "50%"."""
        return f"{self.value}%" if self.percent else str(self.value)

    def same(self, other: Exact) -> bool:
        """Whether the two are equal; 50% counts as 1/2 and as 50, as math-verify has it."""
        return not self._readings().isdisjoint(other._readings())

    def _readings(self) -> set[Fraction]:
        return {self.value, self.value / 100} if self.percent else {self.value}


def exact_number(text: str) -> Exact | None:
    """The number that a whole text is, such as "18.00", "$1,000", "1e3", "x = 1/2", "50%", "18 eggs"; else None."""
    if len(text) > MAX_CHARACTERS:
        return None
    body = _without_working(text.strip(_WRAPPING)).rstrip(" .").strip(_WRAPPING + "$")
    found = _NUMBER.fullmatch(_UNIT.sub("", body))
    return None if found is None else _exact(found)


def canonical_answer(text: str) -> str:
    """One text for all spellings of a number; any other text with its white space and final stop tidied."""
    number = exact_number(text)
    return " ".join(text.split()).rstrip(".")[:MAX_CHARACTERS] if number is None else number.text


def final_answer(line: str) -> str | None:
    r"""The canonical answer that a line states, by "#### 18", "\boxed{18}" or "The answer is 18."; None without one.

    After the words there must be a number, at once or behind its working ("the answer is 9 * 2 = 18").
    """
    if found := _HASHES.search(line):
        return canonical_answer(found[1])
    if (boxed := _boxed(line)) is not None:
        return canonical_answer(boxed)
    if stated := _STATED.search(line):
        number = _NUMBER.match(_without_working(stated[1].lstrip(_WRAPPING)))
        exact = None if number is None else _exact(number)
        return None if exact is None else exact.text
    return None


def _boxed(line: str) -> str | None:
    start = line.rfind("\\boxed{")
    if start < 0:
        return None
    start += len("\\boxed{")
    depth = 1
    for position in range(start, len(line)):
        depth += {"{": 1, "}": -1}.get(line[position], 0)
        if depth == 0:
            return line[start:position].strip() or None
    return None


def _without_working(text: str) -> str:
    while working := _WORKING.match(text):
        text = text[working.end() :]
    return text


def _exact(found: re.Match[str]) -> Exact | None:
    value = Fraction(found["top"].replace(",", ""))
    if found["bottom"] is not None:
        if int(found["bottom"]) == 0:
            return None
        value /= int(found["bottom"])
    if "-" in (found["sign"], found["sign2"]):
        value = -value
    return Exact(value, found["percent"] is not None)

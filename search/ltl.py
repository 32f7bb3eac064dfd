"""Linear temporal logic over actions as a legality mask.

The formula is a text: atoms are names, each of which stands for a regular expression over an action's text; `true` and
`false`; `!`, `&`, `|`, `->`; `X` (next), `F` (finally), `G` (globally), `U` (until), `W` (until, or always); brackets.
`->` binds weakest, then `|`, `&`, the binary temporal `U` and `W`, and the prefixes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from .legality import compiled

Formula = tuple[object, ...]

TRUE: Formula = ("true",)
FALSE: Formula = ("false",)

_TOKEN = re.compile(r"\s*(->|[!&|()]|[A-Za-z_][A-Za-z_0-9]*)")
_PREFIXES = ("X", "F", "G")


@dataclass(frozen=True, slots=True)
class Temporal:
    """A formula of linear temporal logic that every way through the tree keeps to.

    After each action the formula is progressed (Bacchus & Kabanza 1998): what is left of it must hold of the rest. An
    action is illegal where nothing that may follow could make up for it, as far as rewriting shows: the rest is false.
    A task may end where what is left holds of the empty rest: `G` and `W` do, `F`, `U`, `X` and atoms do not, and `X f`
        as the last
    thing asks f of the empty rest. Each node
    has the rest of its own way, so going back in the tree needs nothing.

    Attributes:
        formula: such as "G (pay -> X !pay) & (!pay U confirm)".
        atoms: a regular expression by name; an action makes the atom true where it is found in its text.

    Raises:
        ValueError: the formula does not parse, or names an atom that is not there.
    """

    formula: str
    atoms: Mapping[str, str]

    def __post_init__(self) -> None:
        for text in self.atoms.values():
            compiled(text)
        unknown = atoms_of(parsed(self.formula)) - set(self.atoms)
        if unknown:
            known = ", ".join(map(repr, self.atoms)) or "none"
            raise ValueError(f"the formula's atom {min(unknown)!r} has no expression; those given: {known}")

    def rest(self, history: Sequence[str]) -> Formula:
        """What is left of the formula after a history of actions."""
        formula = parsed(self.formula)
        for action in history:
            formula = progressed(formula, self._true(action))
        return formula

    def allowed(self, history: Sequence[str], actions: Sequence[str]) -> list[str]:
        """Those of `actions` after which the rest is not false."""
        rest = self.rest(history)
        return [action for action in actions if progressed(rest, self._true(action)) != FALSE]

    def may_end(self, history: Sequence[str]) -> bool:
        """Whether what is left holds of nothing more."""
        return holds_of_nothing(self.rest(history))

    def _true(self, action: str) -> frozenset[str]:
        return frozenset(name for name, text in self.atoms.items() if compiled(text).search(action))


def progressed(formula: Formula, true: frozenset[str]) -> Formula:
    """What must hold of the actions after one that makes the atoms `true` true, for `formula` to hold from that one on.

    An action's atoms decide atoms; X f leaves f; F f = f | X F f; G f = f & X G f; f U g = g | f & X (f U g), and so W.
    """
    match formula:
        case ("atom", name):
            return TRUE if name in true else FALSE
        case ("!", tuple(inner)):
            return _not(progressed(inner, true))
        case ("&", tuple(left), tuple(right)):
            return _both(progressed(left, true), progressed(right, true))
        case ("|", tuple(left), tuple(right)):
            return _either(progressed(left, true), progressed(right, true))
        case ("X", tuple(inner)):
            return inner
        case ("F", tuple(inner)):
            return _either(progressed(inner, true), formula)
        case ("G", tuple(inner)):
            return _both(progressed(inner, true), formula)
        case ("U" | "W", tuple(left), tuple(right)):
            return _either(progressed(right, true), _both(progressed(left, true), formula))
        case _:
            return formula


def holds_of_nothing(formula: Formula) -> bool:
    """Whether a formula holds where no action follows."""
    match formula:
        case ("!", tuple(inner)):
            return not holds_of_nothing(inner)
        case ("&", tuple(left), tuple(right)):
            return holds_of_nothing(left) and holds_of_nothing(right)
        case ("|", tuple(left), tuple(right)):
            return holds_of_nothing(left) or holds_of_nothing(right)
        case _:
            return formula[0] in ("true", "G", "W")


def atoms_of(formula: Formula) -> set[str]:
    """The names of a formula's atoms."""
    if formula[0] == "atom":
        return {str(formula[1])}
    return set().union(*(atoms_of(part) for part in formula[1:] if isinstance(part, tuple)))


@lru_cache(maxsize=256)
def parsed(text: str) -> Formula:
    """A formula's text as nested tuples: ("G", ("->", ...)) and so on, `->` written as `!` and `|`.

    Raises:
        ValueError: the text is no formula.
    """
    tokens, end = [], 0
    while text[end:].strip():
        found = _TOKEN.match(text, end)
        if found is None:
            raise ValueError(f"{text!r} is no formula: {text[end:].strip()[:20]!r} is none of its words")
        tokens.append(found[1])
        end = found.end()
    reader = _Reader(text, tokens)
    formula = reader.implication()
    reader.expect(None)
    return formula


class _Reader:
    """Reads a formula from its tokens, weakest binding first."""

    def __init__(self, text: str, tokens: list[str]) -> None:
        self._text = text
        self._tokens: list[str | None] = [*tokens, None]
        self._at = 0

    def implication(self) -> Formula:
        left = self._joined("|", lambda: self._joined("&", self._until, _both), _either)
        return _either(_not(left), self.implication()) if self._takes("->") else left

    def expect(self, token: str | None) -> None:
        if not self._takes(token):
            wanted = "the end" if token is None else repr(token)
            raise ValueError(f"{self._text!r} is no formula: expected {wanted}, not {self._tokens[self._at]!r}")

    def _joined(self, sign: str, part: Callable[[], Formula], join: Callable[[Formula, Formula], Formula]) -> Formula:
        formula = part()
        while self._takes(sign):
            formula = join(formula, part())
        return formula

    def _until(self) -> Formula:
        left = self._prefixed()
        for sign in ("U", "W"):
            if self._takes(sign):
                return (sign, left, self._until())
        return left

    def _prefixed(self) -> Formula:
        if self._takes("!"):
            return _not(self._prefixed())
        for sign in _PREFIXES:
            if self._takes(sign):
                return (sign, self._prefixed())
        if self._takes("("):
            inner = self.implication()
            self.expect(")")
            return inner
        name = self._tokens[self._at]
        if name is None or not name[0].isalpha() or name in ("U", "W"):
            raise ValueError(f"{self._text!r} is no formula: expected a name or a bracket, not {name!r}")
        self._at += 1
        return {"true": TRUE, "false": FALSE}.get(name, ("atom", name))

    def _takes(self, token: str | None) -> bool:
        if self._tokens[self._at] != token:
            return False
        self._at += token is not None
        return True


def _not(inner: Formula) -> Formula:
    if inner in (TRUE, FALSE):
        return FALSE if inner == TRUE else TRUE
    return inner[1] if inner[0] == "!" and isinstance(inner[1], tuple) else ("!", inner)


def _both(left: Formula, right: Formula) -> Formula:
    return _all_of("&", left, right, neutral=TRUE, final=FALSE)


def _either(left: Formula, right: Formula) -> Formula:
    return _all_of("|", left, right, neutral=FALSE, final=TRUE)


def _all_of(sign: str, left: Formula, right: Formula, *, neutral: Formula, final: Formula) -> Formula:
    """The parts of both sides joined by `sign`, each once, so that progressing does not make a formula longer."""
    parts = [part for part in dict.fromkeys([*_parts(sign, left), *_parts(sign, right)]) if part != neutral]
    if final in parts or any(_not(part) in parts for part in parts):
        return final
    joined = parts[0] if parts else neutral
    for part in parts[1:]:
        joined = (sign, joined, part)
    return joined


def _parts(sign: str, formula: Formula) -> list[Formula]:
    match formula:
        case (joint, tuple(left), tuple(right)) if joint == sign:
            return [*_parts(sign, left), *_parts(sign, right)]
        case _:
            return [formula]

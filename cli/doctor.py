"""`treewright doctor`: what this machine can do, one check a line, and what to do about the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import typer
from rich.console import Console

from ..domains.code.sandbox.probe import probe
from ..domains.web import NoBrowser, find_chromium
from .errors import teach

State = Literal["good", "weak", "missing", "unused"]
_MARKS: dict[State, str] = {"good": "ok", "weak": "weak", "missing": "missing", "unused": "-"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's.

    Attributes:
        state: "good"; "weak" (works, but see the notes); "missing" (something will not run); "unused" (optional, and
            not here).
        text: what was looked at and what was found.
        notes: further lines: what it does not do, how to mend it.
    """

    state: State
    text: str
    notes: tuple[str, ...] = ()


def sandbox() -> Iterable[Finding]:
    """Which walls stand for programs that models write, which one is used, and what it does not stop."""
    found = probe()
    for name, why in found.refused.items():
        yield Finding("unused", f"sandbox {name}: {why}")
    for strength in found.standing:
        chosen = " (used by default)" if strength == found.chosen else ""
        yield Finding("good", f"sandbox {strength.name}: {strength.about}{chosen}")
    if found.chosen is None:
        yield Finding("missing", "sandbox: no wall stands; code tasks will be refused", (found.help,))
        return
    yield Finding("good", "what it does not stop:", found.chosen.leaves)
    for lacking in found.lacking:
        yield Finding("weak", lacking)


def browser() -> Iterable[Finding]:
    """Which Chromium the web domain would use, or how to get one."""
    try:
        yield Finding("good", f"browser: {find_chromium()}")
    except NoBrowser as error:
        yield Finding("unused", "browser: none; web tasks will be refused", (str(error),))


CHECKS: tuple[Callable[[], Iterable[Finding]], ...] = (sandbox, browser)


@teach
def doctor() -> None:
    """Says what this machine can do: which sandbox stands for programs that models write, which browser there is."""
    console, missing = Console(), False
    for check in CHECKS:
        for finding in check():
            missing = missing or finding.state == "missing"
            for number, line in enumerate((finding.text, *finding.notes)):
                mark = f"{_MARKS[finding.state]:>8}  " if number == 0 else " " * 12
                console.print(mark + line, markup=False, highlight=False, soft_wrap=True)
    if missing:
        raise typer.Exit(1)

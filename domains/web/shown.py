"""An outline as a model reads it: within a budget, marked as data, with what is new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from .outline import Line, Outline

CHARACTERS_A_TOKEN = 4
_BRIEF_TOKENS = 120
_ABOVE = 200.0  # pixels of what is scrolled out of sight at the top that are still shown


def shown(page: Outline, before: Outline | None, tokens: int) -> str:
    """The lines of a page, new ones marked with "+", between <page> and </page>.

    A page over the budget is shown from where it is scrolled to, as far as the budget goes; scrolling shows the rest.

    Args:
        page: what is shown.
        before: the page as it was a step ago; None marks nothing.
        tokens: budget, at four characters a token.
    """
    new = _new(page.lines, before)
    lines = [("+ " if fresh else "") + line.written for line, fresh in zip(page.lines, new, strict=True)]
    head = [f"Address: {page.url}"] + ([f"Title: {page.title}"] if page.title else [])
    left = tokens * CHARACTERS_A_TOKEN - sum(map(len, head))
    start = 0
    if sum(len(line) + 1 for line in lines) > left:
        start = next((place for place, line in enumerate(page.lines) if line.y >= page.scroll[1] - _ABOVE), 0)
    kept: list[str] = [f"({start} lines above)"] if start else []
    for place, line in enumerate(lines[start:], start):
        if left < len(line) + 1 and kept:
            kept.append(f"({len(lines) - place} more lines; scroll down to see them)")
            break
        kept.append(line[: max(left, 0)])
        left -= len(line) + 1
    gone = 0 if before is None or before.url != page.url else _gone(page.lines, before.lines)
    if gone:
        kept.append(f"({gone} lines of the page before are gone)")
    return "<page>\n" + as_data("\n".join([*head, *kept])) + "\n</page>"


def in_brief(page: Outline) -> str:
    """A page's text and fields in one short line."""
    lines = [line.text for line in page.lines if not line.bid or "=" in line.text or line.text.endswith(")")]
    return as_data("; ".join(lines))[: _BRIEF_TOKENS * CHARACTERS_A_TOKEN]


def as_data(text: str) -> str:
    """A page's text without anything that could end the block that marks it as data."""
    return text.replace("<page>", "(page)").replace("</page>", "(/page)")


def _new(lines: Sequence[Line], before: Outline | None) -> list[bool]:
    if before is None:
        return [False] * len(lines)
    known = Counter(line.text for line in before.lines)
    new = []
    for line in lines:
        new.append(known[line.text] == 0)
        known[line.text] -= known[line.text] > 0
    return [False] * len(lines) if all(new) else new


def _gone(lines: Sequence[Line], before: Sequence[Line]) -> int:
    return (Counter(line.text for line in before) - Counter(line.text for line in lines)).total()

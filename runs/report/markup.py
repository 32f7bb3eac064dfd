"""HTML by construction: every text is escaped where it enters, and only what `tag` made is taken as it is."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape


class Markup(str):
    """HTML that `tag` or `raw` made."""

    __slots__ = ()


def raw(html: str) -> Markup:
    """HTML that this package wrote itself; never a model's text."""
    return Markup(html)


def tag(name: str, *content: str | Markup, **attributes: str | float) -> Markup:
    """An element; content that is no `Markup` is text. An attribute's trailing underscore is dropped: class_."""
    given = "".join(f' {key.rstrip("_")}="{escape(str(value))}"' for key, value in attributes.items())
    return Markup(f"<{name}{given}>{joined(content)}</{name}>")


def joined(content: Iterable[str | Markup]) -> Markup:
    """Contents after each other."""
    return Markup("".join(part if isinstance(part, Markup) else escape(part) for part in content))


def table(head: Iterable[str], rows: Iterable[Iterable[str | Markup]], numbers: int = 10**6) -> Markup:
    """A table.

    Args:
        head: the columns' names.
        rows: their cells.
        numbers: how many columns are texts; those after them are numbers, and stand to the right.
    """

    def row(kind: str, cells: Iterable[str | Markup]) -> Markup:
        told = (tag(kind, cell, **({"class_": "number"} if i >= numbers else {})) for i, cell in enumerate(cells))
        return tag("tr", *told)

    return tag("table", tag("thead", row("th", head)), tag("tbody", *(row("td", cells) for cells in rows)))

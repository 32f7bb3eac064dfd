"""Cards: what a registered recipe says of itself, and its constants with their values."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from inspect import Parameter, getdoc, signature
from typing import Any

from .recipe import recipe_names
from .registry import load

_ARGUMENT = re.compile(r"^    (?P<name>\w+(?:, \w+)*): (?P<text>.*)$")


@dataclass(frozen=True, slots=True)
class Constant:
    """One constant of a recipe: its default, and what it is, with where it comes from."""

    name: str
    value: Any
    about: str


@dataclass(frozen=True, slots=True)
class Card:
    """A recipe's card.

    Attributes:
        name: as registered.
        summary: the first sentence of its documentation.
        domains: what it is for, as it says itself; empty where it does not.
        text: the documentation without the constants.
        constants: in the order in which the recipe takes them.
    """

    name: str
    summary: str
    domains: tuple[str, ...]
    text: str
    constants: tuple[Constant, ...]


def card(name: str) -> Card:
    """The card of a registered recipe.

    Raises:
        UnknownName: no such recipe; the message gives the nearest one.
    """
    factory: Callable[..., Any] = load("recipes", name)
    written = getdoc(factory) or "Has no documentation."
    text, _, arguments = written.partition("\nArgs:\n")
    arguments, _, rest = arguments.partition("\n\n")
    about = _arguments(arguments)
    domains = next((line.removeprefix("For: ") for line in text.splitlines() if line.startswith("For: ")), "")
    return Card(
        name=name,
        summary=text.partition("\n")[0],
        domains=tuple(part.strip() for part in domains.rstrip(".").split(",") if part.strip()),
        text=f"{text.strip()}\n\n{rest.strip()}".strip(),
        constants=tuple(
            Constant(constant.name, constant.default, about.get(constant.name, ""))
            for constant in signature(factory).parameters.values()
            if constant.kind is not Parameter.VAR_KEYWORD
        ),
    )


def cards() -> list[Card]:
    """The cards of all registered recipes, by name."""
    return [card(name) for name in recipe_names()]


def _arguments(text: str) -> dict[str, str]:
    """What an Args section says of each name; further lines of an entry are indented deeper."""
    found: dict[str, str] = {}
    names: list[str] = []
    for line in text.splitlines():
        if entry := _ARGUMENT.match(line):
            names = entry["name"].split(", ")
            found.update((name, entry["text"].strip()) for name in names)
        else:
            found.update((name, f"{found[name]} {line.strip()}") for name in names)
    return found

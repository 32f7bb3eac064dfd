"""A recipe as plain data, and back."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from importlib import import_module
from typing import Any

from .errors import JournalError, UnknownName
from .recipe import Recipe
from .registry import load

_PUBLIC = ("treewright.search", "treewright.search.terms", "treewright.mcts")


def described(part: object) -> Any:
    """A recipe or one of its parts as plain data: its type's name and its fields."""
    if is_dataclass(part) and not isinstance(part, type):
        return {"type": type(part).__name__, **{f.name: described(getattr(part, f.name)) for f in fields(part)}}
    if isinstance(part, Mapping):
        return {"entries": {key: described(value) for key, value in part.items()}}
    if isinstance(part, tuple | list):
        return [described(item) for item in part]
    return part if part is None or isinstance(part, str | int | float | bool) else repr(part)


def completed(description: Any) -> Any:
    """A recipe's description with the fields that parts have gained since, at their defaults.

    One that cannot be read back is given as it is.
    """
    try:
        return described(recipe_of(description))
    except JournalError:
        return description


def domain_name(meta: Mapping[str, Any]) -> str:
    """The name under which a run's domain was given, else the domain's own: several names may share one class."""
    return str((meta.get("names") or {}).get("domain") or meta["domain"])


def recipe_of(description: Any) -> Recipe:
    """The recipe that was described.

    Types are looked up by name among the public names of `treewright.search`, its terms, and `treewright.mcts`, and in
    the module of the registered recipe of that name; nothing else is imported.

    Raises:
        JournalError: a type that is not there, or fields that it does not have.
    """
    modules = list(_PUBLIC)
    # A recipe that no package registers may still be made of public parts.
    with suppress(UnknownName, KeyError, TypeError):
        modules.append(load("recipes", str(description["name"])).__module__)
    recipe = _made(description, modules)
    if not isinstance(recipe, Recipe):
        raise JournalError(f"the run's recipe cannot be read back: {description!r}; give recipe=...")
    return recipe


def _made(description: Any, modules: list[str]) -> Any:
    if isinstance(description, list):
        return tuple(_made(item, modules) for item in description)
    if not isinstance(description, dict):
        return description
    if "entries" in description:
        return {key: _made(value, modules) for key, value in description["entries"].items()}
    name = description.get("type")
    for module in modules:
        kind = getattr(import_module(module), str(name), None)
        if isinstance(kind, type) and is_dataclass(kind):
            try:
                return kind(**{key: _made(value, modules) for key, value in description.items() if key != "type"})
            except (TypeError, ValueError) as error:
                raise JournalError(f"the run's recipe has a {name} that is none here: {error}") from error
    raise JournalError(f"the run's recipe has a part of type {name!r}, which is not installed; give recipe=...")

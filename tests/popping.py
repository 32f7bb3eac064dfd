"""Scripted answers that are given one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from treewright.value_models import Prompt


def popping(texts: Iterable[str]) -> Callable[[Prompt], Sequence[str]]:
    """A script that gives one text a request, in this order."""
    left: Iterator[str] = iter(texts)
    return lambda _: [next(left)]


def by_path(texts: Mapping[str, Sequence[str]]) -> Callable[[Prompt], Sequence[str]]:
    """A script that gives, at each path, one text a request."""
    left = {path: iter(given) for path, given in texts.items()}
    return lambda prompt: [next(left[prompt.prefix.strip()])]


class Prompts:
    """Remembers the prompts of a script."""

    def __init__(self, script: Callable[[Prompt], Sequence[str]]) -> None:
        self._script = script
        self.seen: list[Prompt] = []

    def __call__(self, prompt: Prompt) -> Sequence[str]:
        """The script's answer."""
        self.seen.append(prompt)
        return self._script(prompt)

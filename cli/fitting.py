"""Whether a recipe is for a domain, as its card says."""

from __future__ import annotations

from contextlib import suppress

from ..search.cards import card
from ..search.errors import UnknownName
from ..search.registry import module_of

_OWN = __package__.rpartition(".")[0] + ".domains."


def not_for(recipe: str, domain: str) -> str | None:
    """That a recipe's card names no domain of this one's kind; None where it does, or nothing is known of either.

    Domains of one kind are made in one package: a recipe for `web` is for `miniwob` too.
    """
    with suppress(UnknownName):
        named, kind = card(recipe).domains, _kind(domain)
        if named and kind.startswith(_OWN) and kind not in map(_kind, named):
            return f"note: {recipe} is for {', '.join(named)}, not for {domain}: it may come to nothing there"
    return None


def _kind(domain: str) -> str:
    return module_of("domains", domain).rpartition(".")[0]

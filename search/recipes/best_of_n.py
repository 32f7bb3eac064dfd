"""Best of n: independent whole solutions, the best one given."""

from __future__ import annotations

from ..operators import Propose
from ..recipe import Recipe
from ..selection import RootOnly


def best_of_n(n: int = 8, temperature: float = 0.8, leaves: int = 8) -> Recipe:
    """Draws whole solutions until the budget ends and gives the best by the domain's reward, else by the value model.

    For: math, game24, countdown, code.

    The baseline that every search result is printed beside, at the same number of policy tokens. It stops at the first
    solution that the domain itself rewards in full, as the searches do.

    Args:
        n: solutions drawn in one request; one request is one expansion of the root.
        temperature: of the draw.
        leaves: requests of one task in flight at once.
    """
    return Recipe(
        name="best_of_n",
        operator=Propose(n, temperature, whole=True),
        selection=RootOnly(),
        evaluate="children",
        leaves=leaves,
    )

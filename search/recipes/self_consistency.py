"""Self-consistency: independent whole solutions, the most frequent answer given."""

from __future__ import annotations

from ..operators import Propose
from ..recipe import Recipe
from ..selection import RootOnly


def self_consistency(n: int = 8, temperature: float = 0.8, leaves: int = 8) -> Recipe:
    """Draws whole solutions until the budget ends and votes by canonical answer (Wang et al. 2023).

    For: math, code.

    No value model is asked, and the domain's reward neither stops the draw nor weighs a vote.

    Args:
        n: solutions drawn in one request; one request is one expansion of the root.
        temperature: of the draw.
        leaves: requests of one task in flight at once.
    """
    return Recipe(
        name="self_consistency",
        operator=Propose(n, temperature, whole=True),
        selection=RootOnly(),
        evaluate="none",
        answer="vote",
        stop_reward=None,
        leaves=leaves,
    )

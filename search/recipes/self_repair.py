"""Self-repair: attempts that follow each other, each one shown what came of the last."""

from __future__ import annotations

from ..operators import Propose, WriteChecks
from ..recipe import Recipe
from ..selection import Chain


def self_repair(length: int = 4, temperature: float = 0.8, own_checks: bool = False) -> Recipe:
    """Repairs one attempt `length` - 1 times, then starts anew, until the budget ends (Olausson et al. 2024).

    For: code.

    For domains that show what came of an attempt and let the next one better it. The answer is the best attempt by the
    visible checks.

    Args:
        length: attempts in one chain.
        temperature: of the draws.
        own_checks: let the policy write checks of its own first, and do without where it writes none (AgentCoder,
            Huang et al. 2023).
    """
    return Recipe(
        name="self_repair",
        operator=Propose(1, temperature),
        selection=Chain(length),
        evaluate="none",
        leaves=1,
        after={"root": WriteChecks(1)} if own_checks else {},
    )

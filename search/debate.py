"""A debate over the ends of a finished search: stages in which a model argues, then names one."""

from __future__ import annotations

from .answer import VERDICT
from .picks import Finalists
from .roles import Write
from .stages import Stage

ARGUE = (
    "The user shows a task and several answers to it. Say which of them you hold to be right and why, and what "
    "is wrong with the others. If others have argued before you, say where they err. Write no answer of your own."
)
DECIDE = (
    "The user shows a task and several answers to it, in their order. Give the number of the right one "
    "and nothing else."
)


def debate(agents: int = 5, rounds: int = 3, finalists: int = 5, temperature: float = 1.0) -> tuple[Stage, ...]:
    """Stages for `Recipe.closing`; `Choice("verdict")` reads their outcome, and `reserve=rounds` keeps them affordable.

    In each round but the last every agent argues, shown the ends and what was said in the round before; in the last one
    each gives a number. The ends are shown without their values, so that the judge does not repeat them.

    Args:
        agents: voices a round.
        rounds: the last of which decides.
        finalists: ends with different answers, the best by worth.
        temperature: of all draws.

    Raises:
        ValueError: fewer than one agent or round.
    """
    if agents < 1 or rounds < 1:
        raise ValueError(f"agents and rounds are at least 1, not {agents} and {rounds}")
    argue = Stage(Write("argument", ARGUE, agents, temperature), Finalists(finalists, ("argument",)))
    decide = Write(VERDICT, DECIDE, agents, temperature, tokens=8, lead="Number:")
    return (*[argue] * (rounds - 1), Stage(decide, Finalists(finalists, ("argument",))))

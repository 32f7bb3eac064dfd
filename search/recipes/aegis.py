"""AEGIS: a short context, then a state machine of create, execute, verify, modify, restart."""

from __future__ import annotations

from ..recipe import Recipe
from ..roles import Attempt, Write
from ..transitions import Transition, Transitions

CONTEXT = "Sum up what matters for the task, in at most ten lines: where, what is expected, what happens instead."
VERIFY = (
    "Verify the attempt by what came of it. Answer with one word first: ACCEPT where it does what the task "
    "asks, MODIFY where it can be mended, RESTART where its approach is wrong. Then say why, in one sentence."
)
MODIFY = "Modify the attempt by the verification."
SHOWS = ("context", "verification")


def aegis(temperature: float = 0.8) -> Recipe:
    """A concise context first, then create -> execute -> verify -> modify or restart (AEGIS, Wang et al. 2024).

    For: code.

    The domain executes what is created or modified; a verifier reads what came of it and names the next state: accepted
    ends the search, modify betters the attempt, restart creates another from the context. The search also ends at an
    attempt that passes all visible checks; the answer is the best one.

    Reported [abstract and notes]: +23.0 % fail-to-pass tests from issues, and with them 12.5 % more issues, relatively,
    resolved by Agentless. The machine is after the abstract; its published form was not to be had.

    Args:
        temperature: of all draws but the verification (ours).
    """
    create = Attempt("script", n=1, temperature=temperature)
    modify = Attempt("script", MODIFY, 1, temperature)
    return Recipe(
        name="aegis",
        operator=create,
        selection=Transitions(
            (
                Transition("root", Write("context", CONTEXT, 1, temperature)),
                Transition("context", create, shows=SHOWS),
                Transition("script", Write("verification", VERIFY, 1, 0.0), shows=("context",)),
                Transition("verification", modify, says="^modify", shows=SHOWS),
                Transition("verification", create, says="^restart", at="context", shows=("context",)),
            )
        ),
        evaluate="none",
        leaves=1,
    )

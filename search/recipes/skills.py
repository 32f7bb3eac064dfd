"""Skills: programs that worked are kept, and shown where a task is like theirs."""

from __future__ import annotations

from ..memory import CaseBase, Recall
from ..operators import Propose
from ..recipe import Recipe
from ..selection import Chain


def skills(library: str = "skills.jsonl", k: int = 5, length: int = 20, temperature: float = 0.8) -> Recipe:
    """Programs that better each other, with functions of a library shown (DynaSaur, Nguyen et al. 2024).

    For: code.

    What solved a task becomes a skill; of a library, the `k` whose tasks are nearest by cosine are shown, to be used or
    called as they stand. A search only reads the file; after a run,

        CaseBase("skills.jsonl").learn(results, kind="step")

    adds what worked and what did not, of which only the former is shown. In the paper every function that the agent
    defines is saved while a task is still being worked on, and its actions are Python in a live interpreter.

    Args:
        library: the file; one that is not there holds no skills.
        k: skills shown (ours).
        length: attempts that better each other (paper: 20 steps).
        temperature: of all draws (ours).
    """
    shown = CaseBase(library, k, successes=True).fixed()
    return Recipe(
        name="skills",
        operator=Recall(Propose(1, temperature), shown, good="Functions that solved tasks like this one"),
        selection=Chain(length),
        evaluate="none",
        leaves=1,
    )

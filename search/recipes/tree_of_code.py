"""Tree-of-Code: whole programs, level by level, below those that failed."""

from __future__ import annotations

from ..answer import Choice, Keep
from ..picks import Each, Root
from ..recipe import Recipe
from ..roles import Attempt
from ..stages import Stage, Stages

PROMPTS = (
    "Think step by step before you write.",
    "First work out the edge cases.",
    "Use the simplest data structure that can work.",
    "Write it as small helper functions.",
    "Prefer the standard library.",
    "Check each line against the examples before you write the next one.",
)


def tree_of_code(
    width: int = 3, depth: int = 3, prompts: tuple[str, ...] = PROMPTS, temperature: float = 0.1
) -> Recipe:
    """Whole programs, breadth first; each that fails gets `width` successors (Tree-of-Code, Ni et al. 2024).

    For: code.

    A node is a complete program; only failed ones are expanded, each request with the error, the programs above it, and
    an instruction drawn from the pool. Those that succeed grow no further: here by the visible checks, in the paper by
    running without an error and saying that they are done. After `depth` levels the answer is the majority's among the
    successes, or among all programs where none succeeded. In the paper a model words the voted answer; answers are
    canonical here, so there is nothing to word.

    Reported: M3ToolEval 67.1 against CodeAct's 49.4, API-Bank level 3 38.0 against 19.2, with pools of ten models and
    six prompts. Here there is one policy, and the pool is of prompts; a mixed pool of models is a policy of its own.

    Args:
        width: successors of a failed program (paper: 3).
        depth: levels (paper: 3).
        prompts: the pool (its size: paper; its texts: ours).
        temperature: of the draws (paper: 0.1).
    """
    program = Attempt("program", n=1, temperature=temperature, pool=prompts)
    failed = Each(("program",), fresh=True, history=True)
    return Recipe(
        name="tree_of_code",
        operator=program,
        selection=Stages((Stage(program, Root(), times=width),), (Stage(program, failed, times=width),), depth - 1),
        evaluate="none",
        answer=Choice("vote", keep=(Keep("worth", "passing", 1.0),)),
        stop_reward=None,
    )

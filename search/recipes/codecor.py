"""CodeCoR: four agents with pools, each pruned before the next one works."""

from __future__ import annotations

from ..answer import Choice, Keep
from ..operators import WriteChecks
from ..picks import Each, Root
from ..recipe import Recipe
from ..roles import Attempt, Write
from ..stages import Stage, Stages

PROMPT = "Write instructions for a programmer who is to solve the task: what to do, step by step. Write no program."
REPAIR = "The user shows a program and what came of it. Advise how to repair it. Write no program."
RULE = (
    "Judge the text shown last: is it clear, relevant, concise, and does it give the context that is needed? "
    "Answer with four figures, 1 for yes and 0 for no, and nothing else."
)
PARSES = 0.05


def codecor(pool: int = 3, rounds: int = 3, temperature: float = 0.8) -> Recipe:
    """Prompts, tests, programs and repairs, each a pool that is pruned (CodeCoR, Pan et al. 2025).

    For: code.

    The prompt agent writes `pool` prompts; those that a ruling does not give 1 on clarity, relevance, conciseness and
    context are pruned. The test agent writes checks for each prompt that is left, of which only single assertions that
    parse are kept; the programmer writes `pool` programs for each set; those that do not parse are pruned. In `rounds`
    rounds the repair agent advises on each program that fails, its advice is ruled on alike, and the programmer follows
    what is left. A pool that is pruned empty ends the search without an answer. The answer is the program that passes
    the most checks.

    Reported, GPT-3.5: HumanEval 86.6, MBPP 79.2; without the test agent 45.1 on average, without the repair agent 75.6.

    Args:
        pool: prompts, and programs a set of checks (ours; not known).
        rounds: of repair (ours; not known).
        temperature: of all draws but the rulings (ours).
    """
    program = Attempt("program", n=pool, temperature=temperature)
    rule = Write("ruling", RULE, 1, 0.0, tokens=16)
    failing = Each(("program",), fresh=True, least=PARSES, nearest=1)
    return Recipe(
        name="codecor",
        operator=program,
        selection=Stages(
            (
                Stage(Write("prompt", PROMPT, pool, temperature), Root()),
                Stage(rule, Each(("prompt",))),
                Stage(WriteChecks(1, temperature, needed=True), Each(("prompt",), approved="ruling")),
                Stage(program, Each(("checks",))),
            ),
            (
                Stage(Write("repair", REPAIR, 1, temperature), failing),
                Stage(rule, Each(("repair",), last=True, nearest=1)),
                Stage(
                    Attempt("program", "Follow the repair advice.", 1, temperature),
                    Each(("repair",), approved="ruling", fresh=True, nearest=1),
                ),
            ),
            rounds,
        ),
        evaluate="none",
        answer=Choice("best", keep=(Keep("passed"),)),
    )

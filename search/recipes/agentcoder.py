"""AgentCoder: a test designer, a programmer, and what the tests say."""

from __future__ import annotations

from ..answer import Choice
from ..gates import Counted
from ..operators import WriteChecks
from ..picks import Each, Root
from ..recipe import Recipe
from ..roles import Attempt
from ..stages import Stage, Stages


def agentcoder(
    feedback: bool = True,
    completions: int = 5,
    tests: int = 10,
    rounds: int = 5,
    enough: int | None = None,
    temperature: float = 0.8,
) -> Recipe:
    """Tests by the model, programs against them, and rounds until they pass (AgentCoder, Huang et al. 2023).

    For: code.

    `tests` sets of checks are drawn at the root, apart from any program, and each gets `completions` programs, run
    against the visible checks and the set. With `feedback` each program of a round is bettered once, shown what came of
    it, as the paper has it; without, programs are drawn anew from the tests alone, as the published code does. The
    search ends at the first program that passes all its checks (paper), or once `enough` of them pass (3 in the
    published code). Where no text holds a check (counted as "no_checks"), programs are written without. The answer is
    the program worth most by the checks there are; hidden tests play no part.

    Reported, GPT-3.5: HumanEval-ET 77.4, MBPP-ET 89.1 (best baselines 69.5 and 63.0).

    Args:
        feedback: better what failed (paper), or draw anew (code).
        completions: programs a set of tests (code: 5).
        tests: sets of tests (code: 10).
        rounds: of programs (paper and code: 5).
        enough: passed checks that end the search; None asks for all of one program's (paper; code: 3).
        temperature: of all draws (ours).
    """
    write = WriteChecks(tests, temperature)
    program = Attempt("program", n=completions, temperature=temperature)
    better = Attempt("program", n=1, temperature=temperature)
    again = Stage(better, Each(("program",), last=True)) if feedback else Stage(program, Each(("checks",)))
    return Recipe(
        name="agentcoder",
        operator=program,
        selection=Stages(
            (Stage(write, Root()), Stage(program, Each(("checks",)))),
            (again,),
            rounds - 1,
            None if enough is None else Counted(("program",), "passed", enough),
        ),
        evaluate="none",
        answer=Choice("best", kinds=("program",)),
    )

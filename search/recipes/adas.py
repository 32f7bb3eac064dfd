"""ADAS: a meta agent that sees all that was tried and writes the next."""

from __future__ import annotations

from ..picks import Each, Root
from ..recipe import Recipe
from ..roles import Attempt, Write
from ..stages import Stage, Stages

INVENT = (
    "The user shows every attempt so far with its fitness. Describe the next one: an interesting design that differs "
    "from all of them, and what is to be learnt from it. Write no solution."
)
NOVEL = "Is the design new, and is it the best use of what the attempts show? Write it again, made better."
SOUND = "Look for mistakes in the design that would make it fail when it is carried out. Write it again without them."
BUILD = "Carry out the design."
MEND = "The attempt does not run. Mend it."


def adas(generations: int = 30, seeds: int = 3, debug: int = 3, runs: float = 0.1, temperature: float = 0.8) -> Recipe:
    """An append-only archive, all of it shown to whoever writes the next entry (ADAS, Hu et al. 2024).

    For: code.

    What the visible checks say is the fitness. There is no parent selection: each generation is made at the root from
    the whole archive, in words first, which are reflected on twice; it is then built, and mended up to `debug` times
    while it does not run, that is while it is worth less than `runs`. Nothing is ever removed. The answer is the
    fittest. The fitness is told with a 95 % bootstrap interval where the domain counts its checks.

    Reported [abstract]: agents found so beat hand-made ones and carry over between models and domains. There an entry
    is an agent's code, tried on 128 validation tasks and reported on 800 others; here it is an attempt at one task.

    Args:
        generations: entries beside the seeds (code: 30).
        seeds: entries drawn without an archive (ours; the paper starts from seven known agents).
        debug: attempts to mend one that does not run (code: 3).
        runs: worth below which an attempt does not run (ours: a program that fails before any test is worth 0.05).
        temperature: of all draws (code: 0.8).
    """
    entry = Attempt("agent", BUILD, 1, temperature)
    design, novel, sound = (Write("design", text, 1, temperature) for text in (INVENT, NOVEL, SOUND))
    latest = Each(("design",), last=True, nearest=1)
    mend = Stage(Attempt("agent", MEND, 1, temperature), Each(("agent",), last=True, below=runs), tells=True)
    return Recipe(
        name="adas",
        operator=entry,
        selection=Stages(
            (Stage(Attempt("agent", "", seeds, temperature), Root()),),
            (
                Stage(design, Root(("agent",)), tells=True),
                Stage(novel, latest),
                Stage(sound, latest),
                Stage(entry, latest),
                *[mend] * debug,
            ),
            generations,
        ),
        evaluate="children",
    )

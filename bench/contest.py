"""Tree cores in turn within one process, so that whatever slows the machine down slows all of them.

What runs on one thread is measured in processor time: while other work has the processor, no time passes.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from cores import Evaluations, Open, Run
from table_evaluator import TableEvaluator

Clock = Callable[[], float]


def seconds_of(call: Callable[[], object], clock: Clock = time.perf_counter) -> float:
    """Seconds of one call by a clock."""
    begin = clock()
    call()
    return clock() - begin


@dataclass
class Contestant:
    """A core under measurement: seconds a simulation of its runs with the evaluator, and of those without.

    `clock`: the wall's for a core with threads of its own, else the process's.
    """

    name: str
    open_run: Open
    trees: int
    simulations: int
    clock: Clock = time.process_time
    whole: list[float] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)
    depth: float = math.nan
    run: Run = field(init=False)

    def prepare(self, evaluator: TableEvaluator) -> None:
        """Opens the run; a small one warms the core up."""
        self.open_run(evaluator, 2, 10)(Evaluations(evaluator))
        self.run = self.open_run(evaluator, self.trees, self.simulations)

    def measure(self, evaluator: TableEvaluator) -> None:
        """One more run with the evaluator, and one on its answers alone if they can be told apart."""
        evaluations = Evaluations(evaluator)

        def with_evaluator() -> None:
            self.depth = self.run(evaluations)

        work = self.trees * self.simulations
        self.whole.append(seconds_of(with_evaluator, self.clock) / work)
        if evaluations.kept:
            evaluations.replay = iter(evaluations.kept)
            self.alone.append(seconds_of(lambda: self.run(evaluations), self.clock) / work)

    @property
    def rate(self) -> float:
        """Simulations a second of the tree alone."""
        return 1 / statistics.median(self.alone)


def in_turn(contestants: list[Contestant], evaluator: TableEvaluator, repeats: int) -> None:
    """Measures A, B, ..., A, B, ..."""
    for contestant in contestants:
        contestant.prepare(evaluator)
    for _ in range(repeats):
        for contestant in contestants:
            contestant.measure(evaluator)


def times_faster(fast: Contestant, slow: Contestant) -> float:
    """Median over the turns of how many times the first is faster than the second; tree alone where both know it."""
    if slow.alone:
        return statistics.median(s / f for s, f in zip(slow.alone, fast.alone, strict=True))
    return statistics.median(s / f for s, f in zip(slow.whole, fast.whole, strict=True))

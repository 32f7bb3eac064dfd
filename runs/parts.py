"""What a run's value models said beside or below their values, by part: a judge's flags, the metrics of a rubric."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from statistics import fmean

from ..search import RunReader
from ..value_models.steps import STEP


@dataclass(frozen=True, slots=True)
class PartOfScores:
    """One part of the scores of one value model.

    Attributes:
        model: its provenance in the journal.
        part: the part's name in `Score.parts`.
        states, mean: how many states have it, and its mean over them.
        answers, mean_of_answers: those that are the answer of a finished task, and its mean over these; NaN where there
            are none.
    """

    model: str
    part: str
    states: int
    mean: float
    answers: int
    mean_of_answers: float


def parts_of(run: RunReader) -> list[PartOfScores]:
    """Each part of a run's scores; the steps of a process reward, which are states of their own, are left out."""
    answers = {row["id"]: row["node"] for row in run.overview()}
    every: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    given: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for event in run.events():
        if event["kind"] != "score" or event["error"] is not None:
            continue
        for part, value in event["answer"].get("parts", {}).items():
            if part.startswith(STEP):
                continue
            every[event["model"], part].append(value)
            if answers[event["task"]] == event["node"]:
                given[event["model"], part].append(value)
    return [
        PartOfScores(*key, len(values), fmean(values), len(given[key]), fmean(given[key]) if given[key] else math.nan)
        for key, values in every.items()
    ]

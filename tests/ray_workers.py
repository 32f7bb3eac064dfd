"""Models for the workers of a Ray cluster, which log what they answer: one line a request, with the process's id."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NoReturn

from treewright.runs.distributed import Models
from treewright.value_models import ScriptedPolicy, ScriptedValue
from treewright.value_models.protocols import Evidence, Prompt, Ranking, Score


def note(log: Path, *asked: str) -> None:
    with log.open("a") as lines:
        lines.write(json.dumps([os.getpid(), *asked]) + "\n")


class LoggedPolicy(ScriptedPolicy):
    def __init__(self, log: Path, latency: float) -> None:
        super().__init__(latency=latency)
        self._log = log

    async def rank(self, prompts: Sequence[Prompt], candidates: Sequence[Sequence[str]]) -> list[Ranking]:
        answer = await super().rank(prompts, candidates)
        note(self._log, "rank", prompts[0].user, prompts[0].prefix)
        return answer


class LoggedValue(ScriptedValue):
    def __init__(self, log: Path, latency: float) -> None:
        super().__init__(latency=latency)
        self._log = log

    async def score(self, evidence: Sequence[Evidence]) -> list[Score]:
        answer = await super().score(evidence)
        for item in evidence:
            note(self._log, "score", item.task, item.state, item.question)
        return answer


def broken(number: int, of: int) -> NoReturn:
    raise LookupError(f"no such model for worker {number} of {of}")


def answered(log: Path) -> Counter[tuple[str, ...]]:
    """How often each request was answered."""
    return Counter(tuple(json.loads(line)[1:]) for line in log.read_text().splitlines())


def logged(log: Path, latency: float = 0.0) -> Models:
    return partial(_models, log, latency)


def _models(log: Path, latency: float, number: int, of: int) -> tuple[LoggedPolicy, LoggedValue]:
    return LoggedPolicy(log, latency), LoggedValue(log, latency)

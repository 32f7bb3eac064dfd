"""Memory over tasks: a file of cases, the nearest of which are shown to an operator."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

import numpy as np

from ..domains.protocol import Domain, Observation, State
from .errors import SearchError
from .expansion import Expansion
from .operators import Operator, Request
from .result import Result
from .similarity import Embedder, Vectors, hashed_words


@dataclass(frozen=True, slots=True)
class Case:
    """What was tried on one task, and whether it was solved so."""

    task: str
    text: str
    good: bool


@dataclass(frozen=True, slots=True)
class CaseBase:
    """Cases in a file of JSON lines, found again by the cosine between tasks.

    A search reads the file and never writes it, so that a run is the same whenever its tasks are finished; `learn` adds
    a run's results to it afterwards.

    Attributes:
        file: the file; one that is not there holds no cases.
        k: cases shown at most.
        successes: leave out what failed.
        embedder: texts to vectors, [N, D]; by default hashed bags of words.
    """

    file: str
    k: int = 4
    successes: bool = False
    embedder: Embedder | None = None

    def __post_init__(self) -> None:
        if self.k < 1:
            raise ValueError(f"k is a number of cases and at least 1, not {self.k}")

    def nearest(self, task: str) -> list[Case]:
        """The cases whose tasks are the most like this one, likest first; of equal ones the oldest.

        Raises:
            SearchError: the file is none of cases.
        """
        cases, vectors = self._known()
        if not cases:
            return []
        alike = vectors @ self._embed([task])[0]
        order = np.argsort(-alike, kind="stable")[: self.k]
        return [cases[i] for i in order.tolist()]

    def learn(self, results: Iterable[Result], kind: str) -> int:
        """Adds what the graded results did, solved or not, and gives their number.

        Args:
            results: of a finished search; ungraded ones are passed over.
            kind: of the node on the way to the answer whose text is kept, the last one of that kind; where an answer's
                way has none, and for results without an answer, nothing is kept.
        """
        learnt = 0
        with Path(self.file).open("a", encoding="utf-8") as file:
            for result in results:
                kept = [node.text for node in result.path if node.kind == kind]
                if result.grade is None or result.grade.correct is None or not kept:
                    continue
                case = {"task": result.task.text, "text": kept[-1], "good": result.solved}
                file.write(json.dumps(case) + "\n")
                learnt += 1
        return learnt

    def _known(self) -> tuple[tuple[Case, ...], Vectors]:
        path = Path(self.file)
        stamp = path.stat().st_mtime_ns if path.exists() else 0
        cases = tuple(case for case in read_cases(self.file, stamp) if case.good or not self.successes)
        return cases, _vectors(tuple(case.task for case in cases), self.embedder or hashed_words)

    def _embed(self, texts: Sequence[str]) -> Vectors:
        return (self.embedder or hashed_words)(texts)


@lru_cache(maxsize=8)
def read_cases(file: str, stamp: int) -> tuple[Case, ...]:
    """The cases of a file that was last written at `stamp`, 0 where there is none.

    Raises:
        SearchError: a line is no case.
    """
    if stamp == 0:
        return ()
    cases = []
    for number, line in enumerate(Path(file).read_text(encoding="utf-8").splitlines(), 1):
        try:
            cases.append(Case(**json.loads(line)))
        except (TypeError, ValueError) as error:
            raise SearchError(f"{file}:{number}: expected a case with task, text and good: {error}") from error
    return tuple(cases)


@lru_cache(maxsize=8)
def _vectors(tasks: tuple[str, ...], embedder: Embedder) -> Vectors:
    return embedder(tasks)


@dataclass(frozen=True, slots=True)
class Recall:
    """An operator that is shown the cases nearest to its task, what worked apart from what failed.

    Attributes:
        operator: who is shown them.
        cases: where they come from.
        good, bad: the headings of the two parts.
    """

    name: ClassVar[str] = "recall"
    operator: Operator
    cases: CaseBase
    good: str = "What worked for tasks like this one"
    bad: str = "What failed for tasks like this one"

    @property
    def kind(self) -> str:
        """The operator's."""
        return self.operator.kind

    @property
    def whole(self) -> bool:
        """The operator's."""
        return self.operator.whole

    @property
    def draws(self) -> bool:
        """The operator's."""
        return self.operator.draws

    def request(self, observation: Observation, seed: int) -> Request:
        """The operator's request, with the cases before what is noted."""
        nearest = self.cases.nearest(observation.task)
        parts = []
        for heading, good in ((self.good, True), (self.bad, False)):
            told = [f"Task: {case.task}\n{case.text}" for case in nearest if case.good == good]
            parts += ["\n\n".join([f"{heading}:", *told])] if told else []
        notes = "\n\n".join([*parts, observation.notes] if observation.notes else parts)
        return self.operator.request(replace(observation, notes=notes), seed)

    def children(
        self, domain: Domain, state: State, texts: Sequence[str], logprobs: Sequence[float] | None
    ) -> Expansion:
        """The operator's children."""
        return self.operator.children(domain, state, texts, logprobs)

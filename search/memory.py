"""Memory over tasks: a file of cases, some of which are shown to an operator."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np

from ..domains.protocol import Domain, Observation, State
from .case_value import UNTAUGHT, Numbers, features, q_values, taught
from .errors import SearchError
from .expansion import Expansion
from .operators import Operator, Request
from .result import Result
from .similarity import Embedder, Vectors, hashed_words

Retrieval = Literal["cosine", "learned"]


@dataclass(frozen=True, slots=True)
class Case:
    """What was tried on one task, whether it was solved so, and the keys of the cases that were shown before."""

    task: str
    text: str
    good: bool
    shown: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The same for cases that say the same, in whatever file."""
        said = "\0".join((self.task, self.text, str(self.good)))
        return blake2b(said.encode(errors="surrogatepass"), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class CaseBase:
    """Cases in a file of JSON lines, of which the most useful for a task are found again.

    A search reads the file and never writes it, so that a run is the same whenever its tasks are finished; `learn` adds
    a run's results to it afterwards, at its end. The recipes fix how many of its cases they see when they are made, so
    that a run is resumed and replayed alike after the file has grown.

    With retrieval by "cosine" the cases come first whose tasks are the most like this one; with "learned" those of the
    highest Q(s, c), which `treewright.search.case_value` is taught anew from the cases seen, each time the file has
    grown: s is a case's task, c a case that was shown there, the outcome whether s was solved.

    Attributes:
        file: the file; one that is not there holds no cases.
        k: cases shown at most.
        successes: leave out what failed.
        embedder: texts to vectors, [N, D]; by default hashed bags of words.
        retrieval: "cosine" or "learned".
        known: cases that are seen, the oldest; None sees all.
    """

    file: str
    k: int = 4
    successes: bool = False
    embedder: Embedder | None = None
    retrieval: Retrieval = "cosine"
    known: int | None = None

    def __post_init__(self) -> None:
        if self.k < 1:
            raise ValueError(f"k is a number of cases and at least 1, not {self.k}")
        if self.retrieval not in ("cosine", "learned"):
            raise ValueError(f"retrieval is 'cosine' or 'learned', not {self.retrieval!r}")
        if self.known is not None and self.known < 0:
            raise ValueError(f"known is a number of cases and at least 0, not {self.known}")

    def fixed(self) -> CaseBase:
        """The same cases whatever is added to the file from now on.

        Raises:
            SearchError: the file is none of cases.
        """
        return replace(self, known=len(self._seen()))

    def nearest(self, task: str) -> list[Case]:
        """The cases of the highest cosine or Q, the highest first; of equal ones the oldest.

        Raises:
            SearchError: the file is none of cases.
        """
        cases = self._seen()
        if not cases:
            return []
        embedder = self.embedder or hashed_words
        rank = alike = _vectors(cases, embedder) @ embedder([task])[0]
        if self.retrieval == "learned":
            rank = q_values(_features(cases, alike), _weights(cases, embedder))
        order = np.argsort(-rank, kind="stable").tolist()
        return [cases[i] for i in order if cases[i].good or not self.successes][: self.k]

    def learn(self, results: Iterable[Result], kind: str) -> int:
        """Adds what the graded results did, solved or not, and gives their number.

        Args:
            results: of a finished search, or of a `Replay`, or as `RunReader` has them; these last do not say which
                cases were shown, so that Q learns nothing from them. Ungraded ones are passed over.
            kind: of the node on the way to the answer whose text is kept, the last one of that kind; where an answer's
                way has none, and for results without an answer, nothing is kept.
        """
        learnt = 0
        with Path(self.file).open("a", encoding="utf-8") as file:
            for result in results:
                kept = [node for node in result.path if node.kind == kind]
                if result.grade is None or result.grade.correct is None or not kept:
                    continue
                case = Case(result.task.text, kept[-1].text, result.solved, kept[-1].recalled)
                file.write(json.dumps(asdict(case)) + "\n")
                learnt += 1
        return learnt

    def _seen(self) -> tuple[Case, ...]:
        path = Path(self.file)
        return read_cases(self.file, path.stat().st_mtime_ns if path.exists() else 0)[: self.known]


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
            said = json.loads(line)
            cases.append(Case(**{**said, "shown": tuple(said.get("shown", ()))}))
        except (AttributeError, TypeError, ValueError) as error:
            raise SearchError(f"{file}:{number}: expected a case with task, text and good: {error}") from error
    return tuple(cases)


@lru_cache(maxsize=8)
def _vectors(cases: tuple[Case, ...], embedder: Embedder) -> Vectors:
    return embedder([case.task for case in cases])


@lru_cache(maxsize=8)
def _weights(cases: tuple[Case, ...], embedder: Embedder) -> Numbers:
    """Q's weights, taught by each case that was shown for each: those that the file no longer has are passed over."""
    place = {case.key: i for i, case in enumerate(cases)}
    pairs = [(i, place[key]) for i, case in enumerate(cases) for key in case.shown if key in place]
    if not pairs:
        return UNTAUGHT
    tried, shown = map(list, zip(*pairs, strict=True))
    vectors = _vectors(cases, embedder)
    x = _features([cases[i] for i in shown], (vectors[tried] * vectors[shown]).sum(axis=1))
    return taught(x, np.array([cases[i].good for i in tried], float))


def _features(cases: Sequence[Case], likeness: Vectors) -> Numbers:
    good = np.array([case.good for case in cases], float)
    words = np.array([len(case.text.split()) for case in cases], float)
    return features(likeness.astype(float), good, words)


@dataclass(frozen=True, slots=True)
class Recall:
    """An operator that is shown the cases found for its task, what worked apart from what failed.

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
        """The operator's children, with the keys of the cases that it was shown."""
        made = self.operator.children(domain, state, texts, logprobs)
        shown = tuple(case.key for case in self.cases.nearest(domain.observe(state).task))
        for child in made.children:
            child.recalled += shown
        return made

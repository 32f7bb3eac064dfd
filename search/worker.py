"""One trial from request to outcome: the policy, the domain's steps, the value model, the journal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field, is_dataclass, replace
from time import monotonic, time
from typing import Any, TypeVar

from ..domains.protocol import Domain, Grade
from ..value_models.batching import Batched
from ..value_models.errors import BadAnswer, ModelError
from ..value_models.protocols import Evidence, Policy, Proposals, Ranker, Ranking, Score, Usage, ValueModel
from .errors import MissingPart
from .expansion import Expansion
from .journal import Event, EventKind, Journal
from .result import Result
from .status import Status
from .trial import Outcome, Trial

T = TypeVar("T")


class DomainFailed(Exception):
    """A domain raised something that is no `BadProposal`: the node fails, visibly, and the search goes on."""


@dataclass(slots=True)
class Spent:
    """What a trial has used so far, also where it then fails."""

    policy: Usage = field(default_factory=Usage)
    value: Usage = field(default_factory=Usage)


class Worker:
    """Does the work of trials: asks the models, steps the domain in threads, records each answer.

    Args:
        domain: shows and steps the states; called from several threads at once.
        policy: proposes or ranks.
        value: scores; None for recipes that ask for no value. What many trials ask at one moment goes out together.
        concurrency: model requests in flight at once.
        journal: records each answer before it is returned; None keeps no record.
        status: kept up to date.
    """

    def __init__(
        self,
        domain: Domain,
        policy: Policy | Ranker,
        value: ValueModel | None,
        *,
        concurrency: int,
        journal: Journal | None,
        status: Status,
    ) -> None:
        self._domain = domain
        self._policy = policy
        self._proposer = policy if isinstance(policy, Policy) else None
        self._ranker = policy if isinstance(policy, Ranker) else None
        self._slots = _Slots(concurrency, status)
        self._value = None if value is None else Batched(_Slotted(value, self._slots))
        self._journal = journal
        self._status = status
        # Not asyncio's own pool: slow steps must not hold up what else uses that, such as the look-up of addresses.
        self._threads = ThreadPoolExecutor(thread_name_prefix="domain")

    def close(self) -> None:
        """Gives the threads back; a step that still runs is not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def outcome(self, trial: Trial, spent: Spent) -> Outcome:
        """Expands and scores a leaf, both at once where the trial wants both.

        Raises:
            ModelError: a model could not answer.
            DomainFailed: the domain raised.
            MissingPart: the policy or the value model cannot do what the recipe needs.
        """
        await self._in_thread(lambda: trial.observation)
        # Both requests run to their end even where one fails, so that what the other cost is counted.
        expansion, score = await asyncio.gather(
            self._expand(trial, spent) if trial.wants_children else _nothing(),
            self._score(trial, spent) if trial.wants_value else _nothing(),
            return_exceptions=True,
        )
        if isinstance(expansion, BaseException):
            raise expansion
        if isinstance(score, BaseException):
            raise score
        return Outcome(
            expansion=expansion,
            value=None if score is None else score.value,
            feedback=None if score is None else score.feedback,
            policy=spent.policy,
            value_usage=spent.value,
        )

    async def graded(self, result: Result) -> Result:
        """Grades a finished task, now that its answer is fixed, and records it; a grader that raises is no verdict."""
        started, clock = time(), monotonic()
        error = None
        try:
            grade = await self._in_thread(lambda: self._domain.grade(result.task, result.answer))
        except DomainFailed as failure:
            error = str(failure)
            grade = Grade(None, f"grading failed: {failure}")
        result = replace(result, grade=grade)
        if self._journal is not None:
            answer = {"correct": grade.correct, "detail": grade.detail}
            self._record(
                "grade",
                result.task.id,
                result.node or 0,
                {"answer": result.answer},
                answer,
                started,
                clock,
                error=error,
            )
            self._journal.finish(result)
        return result

    async def _expand(self, trial: Trial, spent: Spent) -> Expansion:
        texts, logprobs = await self._propose(trial, spent)
        started, clock = time(), monotonic()
        asked = {"texts": list(texts)}
        try:
            expansion = await self._in_thread(lambda: trial.expand(texts, logprobs))
        except DomainFailed as error:
            self._record("step", trial.task.id, trial.node, asked, None, started, clock, error=str(error))
            raise
        children = [
            {"text": c.text, "reward": c.step.reward, "answer": c.step.answer, "terminated": c.step.terminated}
            for c in expansion.children
        ]
        answer = {"children": children, "dropped": dict(expansion.dropped)}
        self._record("step", trial.task.id, trial.node, asked, answer, started, clock)
        return expansion

    async def _propose(self, trial: Trial, spent: Spent) -> tuple[Sequence[str], Sequence[float]]:
        request = trial.request
        asked = {"prompt": request.prompt, "n": request.n, "candidates": request.candidates}
        if request.candidates:
            ranker = self._ranker
            if ranker is None:
                raise MissingPart(
                    f"domain {self._domain.name!r} lists its actions and needs a policy that ranks them; "
                    f"{type(self._policy).__name__} has no rank()"
                )
            async with self._asking("rank", trial, asked, spent) as answered:
                async with self._slots.one():
                    (ranking,) = await ranker.rank([request.prompt], [request.candidates])
                answered(list(ranking.logprobs), ranking)
            return request.candidates, ranking.logprobs
        proposer = self._proposer
        if proposer is None:
            raise MissingPart(
                f"domain {self._domain.name!r} needs a policy that draws text; "
                f"{type(self._policy).__name__} has no propose()"
            )
        async with self._asking("propose", trial, asked, spent) as answered:
            async with self._slots.one():
                (drawn,) = await proposer.propose([request.prompt], request.n)
            answered([asdict(item) for item in drawn.items], drawn)
        return [item.text for item in drawn.items], [item.logprob for item in drawn.items]

    async def _score(self, trial: Trial, spent: Spent) -> Score:
        value, evidence = self._value, trial.evidence
        if value is None:
            raise MissingPart(
                f"domain {self._domain.name!r} leaves rewards open and needs a value model: give value=..., "
                "or a policy that scores too"
            )
        async with self._asking("score", trial, {"evidence": evidence}, spent) as answered:
            (score,) = await value.score([evidence])
            described = {"value": score.value, "uncertainty": score.uncertainty, "feedback": score.feedback}
            answered(described, score)
        low, high = value.value_range
        if not low <= score.value <= high:
            raise BadAnswer(f"{score.provenance} got value {score.value}; it must lie in [{low:g}, {high:g}]")
        return score

    @asynccontextmanager
    async def _asking(
        self, kind: EventKind, trial: Trial, asked: dict[str, Any], spent: Spent
    ) -> AsyncIterator[Callable[[Any, Proposals | Ranking | Score], None]]:
        """Books and records one model call: its answer, given to what this yields, or its error."""
        started, clock = time(), monotonic()

        def book(usage: Usage) -> None:
            if kind == "score":
                spent.value += usage
                self._status.value_tokens += usage.tokens
            else:
                spent.policy += usage
                self._status.policy_tokens += usage.tokens

        def answered(answer: Any, told: Proposals | Ranking | Score) -> None:
            book(told.usage)
            model = told.provenance if isinstance(told, Score) else told.model
            self._record(kind, trial.task.id, trial.node, asked, answer, started, clock, told.usage, model)

        try:
            yield answered
        except ModelError as error:
            usage = error.usage or Usage(calls=1)
            book(usage)
            self._record(kind, trial.task.id, trial.node, asked, None, started, clock, usage, error=str(error))
            raise

    def _record(
        self,
        kind: EventKind,
        task: str,
        node: int,
        asked: dict[str, Any],
        answer: Any,
        started: float,
        clock: float,
        usage: Usage | None = None,
        model: str | None = None,
        error: str | None = None,
    ) -> None:
        if self._journal is None:
            return
        request = {key: _plain(value) for key, value in asked.items()}
        seconds = monotonic() - clock
        self._journal.record(Event(task, node, kind, request, answer, usage or Usage(), started, seconds, model, error))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except Exception as error:
            raise DomainFailed(f"{type(error).__name__}: {error}") from error


class _Slots:
    """The one limit on model requests in flight."""

    def __init__(self, count: int, status: Status) -> None:
        self._semaphore = asyncio.Semaphore(count)
        self._status = status

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        async with self._semaphore:
            self._status.requests += 1
            try:
                yield
            finally:
                self._status.requests -= 1


class _Slotted:
    """A value model whose requests, each for a whole batch of states, take a slot."""

    def __init__(self, model: ValueModel, slots: _Slots) -> None:
        self._model = model
        self._slots = slots

    @property
    def value_range(self) -> tuple[float, float]:
        return self._model.value_range

    @property
    def max_batch(self) -> int:
        return self._model.max_batch

    async def score(self, evidence: Sequence[Evidence]) -> list[Score]:
        async with self._slots.one():
            return await self._model.score(evidence)


async def _nothing() -> None:
    return None


def _plain(value: Any) -> Any:
    """A dataclass as plain data for the journal; anything else as it is."""
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value

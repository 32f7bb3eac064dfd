"""The asynchronous driver: works on the engine's trials until every task is finished, many requests in flight."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Sequence
from dataclasses import asdict, dataclass, field, is_dataclass, replace
from time import monotonic, time
from typing import Any, TypeVar

from ..value_models.batching import Batched
from ..value_models.errors import BadAnswer, ModelError, Refused, ServerUnreachable, UnknownModel, WrongPath
from ..value_models.protocols import Policy, Proposals, Ranker, Ranking, Score, Usage, ValueModel
from .engine import Engine
from .errors import MissingPart
from .expansion import Expansion
from .journal import Event, Journal
from .operators import Request
from .result import Result
from .trial import Outcome, Trial

T = TypeVar("T")

# What no other leaf could be luckier with: the search ends with the error instead of failing node after node.
_FATAL = (ServerUnreachable, WrongPath, UnknownModel, Refused)


@dataclass(slots=True)
class Status:
    """How far a search is; the driver keeps it up to date for whoever shows it.

    Attributes:
        tasks, done, solved: tasks given, finished, and passed by the grader.
        requests: model requests in flight.
        policy_tokens, value_tokens: used so far.
        started, ended: `time.monotonic()` at the search's start and end.
    """

    tasks: int = 0
    done: int = 0
    solved: int = 0
    requests: int = 0
    policy_tokens: int = 0
    value_tokens: int = 0
    started: float | None = None
    ended: float | None = None

    @property
    def seconds(self) -> float:
        """Wall-clock seconds since the start, or from start to end."""
        if self.started is None:
            return 0.0
        return (monotonic() if self.ended is None else self.ended) - self.started


class Driver:
    """Drives one engine with one policy and one value model.

    Args:
        engine: the engine, with its tasks added.
        policy: proposes or ranks.
        value: scores; None for recipes that ask for no value.
        concurrency: model requests in flight at once, over all tasks.
        journal: records each answer before the engine is told of it; None keeps no record.
        status: kept up to date while the search goes on.
    """

    def __init__(
        self,
        engine: Engine,
        policy: Policy | Ranker,
        value: ValueModel | None,
        *,
        concurrency: int,
        journal: Journal | None = None,
        status: Status | None = None,
    ) -> None:
        self._engine = engine
        self._policy = policy
        self._proposer = policy if isinstance(policy, Policy) else None
        self._ranker = policy if isinstance(policy, Ranker) else None
        self._value = None if value is None else Batched(value)
        self._concurrency = concurrency
        self._journal = journal
        self._status = status or Status()
        self._slots = asyncio.Semaphore(concurrency)
        self._woken = asyncio.Event()
        self._ready: deque[Result] = deque()
        self._fatal: BaseException | None = None

    async def results(self) -> AsyncGenerator[Result]:
        """Yields each task's graded result as soon as it is finished.

        Raises:
            ModelError: no further request could succeed: the server is away, or lacks the model or the endpoint.
            MissingPart: the recipe needs something that the policy or the value model cannot do.
        """
        self._status.started = monotonic()
        working: set[asyncio.Task[None]] = set()
        closing: set[asyncio.Task[None]] = set()
        try:
            while True:
                self._woken.clear()
                for trial in self._engine.ask(self._concurrency - len(working)):
                    self._start(self._work(trial), working)
                for result in self._engine.finished():
                    self._start(self._close(result), closing)
                while self._ready:
                    yield self._ready.popleft()
                if self._fatal is not None:
                    raise self._fatal
                if not working and not closing and not self._ready:
                    assert self._engine.unfinished == 0, "the engine has tasks left and hands out nothing"
                    return
                await self._woken.wait()
        finally:
            self._status.ended = monotonic()
            for task in (*working, *closing):
                task.cancel()
            await asyncio.gather(*working, *closing, return_exceptions=True)

    def _start(self, work: Coroutine[Any, Any, None], among: set[asyncio.Task[None]]) -> None:
        def end(task: asyncio.Task[None]) -> None:
            among.discard(task)
            if not task.cancelled():
                self._fatal = self._fatal or task.exception()
            self._woken.set()

        task = asyncio.create_task(work)
        among.add(task)
        task.add_done_callback(end)

    async def _work(self, trial: Trial) -> None:
        """Takes one trial from request to outcome; an error that fails only this leaf becomes its outcome."""
        spent = _Spent()
        try:
            outcome = await self._outcome(trial, spent)
        except _FATAL:
            raise
        except (ModelError, _DomainFailed) as error:
            outcome = Outcome.failed(error, spent.policy, spent.value)
        self._status.policy_tokens += spent.policy.tokens
        self._status.value_tokens += spent.value.tokens
        self._engine.tell(trial, outcome)

    async def _outcome(self, trial: Trial, spent: _Spent) -> Outcome:
        if self._engine.domain.restore == "replay":
            await _in_thread(lambda: trial.observation)
        # Both requests run to their end even where one fails, so that what the other cost is counted.
        expansion, score = await asyncio.gather(
            self._children(trial, spent) if trial.wants_children else _nothing(),
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

    async def _children(self, trial: Trial, spent: _Spent) -> Expansion:
        request = trial.request
        texts, logprobs, usage = await self._propose(trial, request)
        spent.policy += usage
        started, clock = time(), monotonic()
        expansion = await _in_thread(lambda: trial.expand(texts, logprobs))
        children = [
            {"text": c.text, "reward": c.step.reward, "answer": c.step.answer, "terminated": c.step.terminated}
            for c in expansion.children
        ]
        self._record(
            trial, "step", {"texts": list(texts)}, {"children": children, "dropped": dict(expansion.dropped)}, Usage(),
            started, monotonic() - clock,
        )  # fmt: skip
        return expansion

    async def _propose(self, trial: Trial, request: Request) -> tuple[Sequence[str], Sequence[float], Usage]:
        asked = {"prompt": request.prompt, "n": request.n, "candidates": request.candidates}
        if request.candidates:
            ranker = self._ranker
            if ranker is None:
                raise MissingPart(
                    f"domain {self._engine.domain.name!r} lists its actions and needs a policy that ranks them; "
                    f"{type(self._policy).__name__} has no rank()"
                )
            ranking = await self._call(
                trial, "rank", asked, lambda: ranker.rank([request.prompt], [request.candidates]), _ranked
            )
            return request.candidates, ranking.logprobs, ranking.usage
        policy = self._proposer
        if policy is None:
            raise MissingPart(
                f"recipe {self._engine.recipe.name!r} draws text; {type(self._policy).__name__} has no propose()"
            )
        drawn = await self._call(trial, "propose", asked, lambda: policy.propose([request.prompt], request.n), _drawn)
        return [item.text for item in drawn.items], [item.logprob for item in drawn.items], drawn.usage

    async def _score(self, trial: Trial, spent: _Spent) -> Score:
        value, evidence = self._value, trial.evidence
        if value is None:
            raise MissingPart(
                f"recipe {self._engine.recipe.name!r} needs a value model for domain {self._engine.domain.name!r}: "
                "give value=..., or a policy that scores too"
            )
        score = await self._call(trial, "score", {"evidence": evidence}, lambda: value.score([evidence]), _scored)
        spent.value += score.usage
        low, high = value.value_range
        if not low <= score.value <= high:
            raise BadAnswer(f"{score.provenance} got value {score.value}; it must lie in [{low:g}, {high:g}]")
        return score

    async def _call(
        self, trial: Trial, kind: Any, asked: Any, call: Callable[[], Awaitable[list[T]]], describe: Callable[[T], Any]
    ) -> T:
        """One model request: waits for a free slot, asks, records the answer or the error."""
        async with self._slots:
            self._status.requests += 1
            started, clock = time(), monotonic()
            try:
                (answer,) = await call()
            except ModelError as error:
                self._record(trial, kind, asked, None, Usage(), started, monotonic() - clock, error=str(error))
                raise
            finally:
                self._status.requests -= 1
        described, usage, model = describe(answer)
        self._record(trial, kind, asked, described, usage, started, monotonic() - clock, model=model)
        return answer

    def _record(
        self, trial: Trial, kind: Any, asked: Any, answer: Any, usage: Usage, started: float, seconds: float,
        model: str | None = None, error: str | None = None,
    ) -> None:  # fmt: skip
        if self._journal is None:
            return
        request = {key: _plain(value) for key, value in asked.items()}
        self._journal.record(
            Event(trial.task.id, trial.node, kind, request, answer, usage, started, seconds, model, error)
        )

    async def _close(self, result: Result) -> None:
        """Grades a finished task, now that its answer is fixed, and records it."""
        started, clock = time(), monotonic()
        grade = await asyncio.to_thread(self._engine.domain.grade, result.task, result.answer)
        result = replace(result, grade=grade)
        if self._journal is not None:
            answer = {"correct": grade.correct, "detail": grade.detail}
            request = {"answer": result.answer}
            self._journal.record(
                Event(result.task.id, result.node or 0, "grade", request, answer, Usage(), started, monotonic() - clock)
            )
            self._journal.finish(result)
        self._status.done += 1
        self._status.solved += result.solved
        self._ready.append(result)


@dataclass(slots=True)
class _Spent:
    """What a trial has used so far, also where it then fails."""

    policy: Usage = field(default_factory=Usage)
    value: Usage = field(default_factory=Usage)


class _DomainFailed(Exception):
    """A domain raised something that is no `BadProposal`: the node fails, visibly, and the search goes on."""


async def _in_thread(work: Callable[[], T]) -> T:
    try:
        return await asyncio.to_thread(work)
    except Exception as error:
        raise _DomainFailed(f"{type(error).__name__}: {error}") from error


async def _nothing() -> None:
    return None


def _plain(value: Any) -> Any:
    """A dataclass as plain data for the journal; anything else as it is."""
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value


def _drawn(answer: Proposals) -> tuple[Any, Usage, str]:
    return [asdict(item) for item in answer.items], answer.usage, answer.model


def _ranked(answer: Ranking) -> tuple[Any, Usage, str]:
    return list(answer.logprobs), answer.usage, answer.model


def _scored(answer: Score) -> tuple[Any, Usage, str]:
    described = {"value": answer.value, "uncertainty": answer.uncertainty, "feedback": answer.feedback}
    return described, answer.usage, answer.provenance

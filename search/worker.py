"""One trial from request to outcome: the policy, the domain's steps, the value model, the journal."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from time import monotonic, time
from typing import Any, Literal, TypeVar, cast

from ..domains.protocol import Domain, Grade
from ..value_models.batching import Batched
from ..value_models.errors import BadAnswer, ModelError, RequestLate
from ..value_models.protocols import Evidence, Policy, Proposals, Ranker, Ranking, Score, Usage, ValueModel
from .cache import AnswerCache, identity
from .deadlines import Deadlines, Stopwatch
from .errors import MissingPart
from .expansion import Expansion
from .journal import Event, EventKind, Journal
from .journal.event import request_key
from .journaled import Answer, answer_of, described, described_expansion, expansion_of, model_of, plain, usage_of
from .patience import Patience
from .reexecution import Recorded
from .result import Result
from .slots import Slots
from .status import Status
from .steps import StepThreads
from .trial import Outcome, Trial

T = TypeVar("T")


class DomainFailed(Exception):
    """A domain raised something that is no `BadProposal`: the node fails, visibly, and the search goes on."""


class StepLate(DomainFailed):
    """The domain took longer than its deadline."""


@dataclass(slots=True)
class Spent:
    """What a trial has used so far, also where it then fails, and whether its policy has yet to answer."""

    policy: Usage = field(default_factory=Usage)
    value: Usage = field(default_factory=Usage)
    unanswered: bool = True

    def book(self, kind: EventKind, usage: Usage) -> None:
        """Adds what one call used."""
        if kind == "score":
            self.value += usage
        else:
            self.policy += usage


@dataclass(slots=True)
class _Call:
    """One model call or step on its way: since when, and since when it is its turn (seconds of `monotonic`)."""

    asked: float = field(default_factory=monotonic)
    sent: float | None = None
    started: float = field(default_factory=time)

    def send(self) -> None:
        """Notes that the wait is over."""
        self.sent = monotonic()

    @property
    def times(self) -> tuple[float, float]:
        """Seconds waited, and seconds taken since."""
        now, sent = monotonic(), self.asked if self.sent is None else self.sent
        return sent - self.asked, now - sent


class Worker:
    """Does the work of trials: asks the models, steps the domain in threads, records each answer.

    Args:
        domain: shows and steps the states; called from several threads at once.
        policy: proposes or ranks.
        value: scores; None for recipes that ask for no value. What many trials ask at one moment goes out together.
        concurrency: model requests in flight at once; `slots.limit` changes it.
        journal: records each answer before it is returned; None keeps no record.
        status: kept up to date.
        recorded: answers that a resumed run has already.
        patience: seconds to wait for a server that answered before and is away.
        deadlines: when a request or a step is given up.
        alone: score each state in a request of its own, whatever else is asked at the moment.
        cache: answers, at no cost, what another run asked already; None asks the models.

    Attributes:
        slots: the limit on model requests in flight.
        on_answer: called once a trial, when its policy has answered or the trial has ended.
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
        recorded: Recorded | None = None,
        patience: float = 60.0,
        deadlines: Deadlines | None = None,
        alone: bool = False,
        cache: AnswerCache | None = None,
    ) -> None:
        self._domain = domain
        self._policy = policy
        self._proposer = policy if isinstance(policy, Policy) else None
        self._ranker = policy if isinstance(policy, Ranker) else None
        self._deadlines = deadlines or Deadlines()
        self._stopwatch = Stopwatch(self._deadlines)
        self.on_answer: Callable[[], None] | None = None
        self.slots = Slots(concurrency, status)
        self._slotted = None if value is None else _Slotted(value, self.slots, Stopwatch(self._deadlines))
        self._value = None if self._slotted is None else Batched(self._slotted, 1 if alone else None)
        self._journal = journal
        self._cache = cache
        self._value_model = value
        self._identities: dict[str, str] = {}
        self._status = status
        self._recorded = recorded or Recorded()
        self._patience = {kind: Patience(patience) for kind in ("policy", "value")}
        # Not asyncio's own pool: slow steps must not hold up what else uses that, such as the look-up of addresses.
        self._threads = StepThreads()

    def close(self) -> None:
        """Gives the threads back; a step that still runs is not waited for."""
        self._threads.close()

    async def outcome(self, trial: Trial, spent: Spent) -> Outcome:
        """Expands and scores a leaf, both at once where the trial wants both.

        Raises:
            ModelError: a model could not answer.
            DomainFailed: the domain raised.
            JournalError: an answer could not be recorded.
            MissingPart: the policy or the value model cannot do what the recipe needs.
        """
        try:
            return await self._outcome(trial, spent)
        finally:
            self._answered(spent)

    def _answered(self, spent: Spent) -> None:
        if spent.unanswered:
            spent.unanswered = False
            if self.on_answer is not None:
                self.on_answer()

    async def _outcome(self, trial: Trial, spent: Spent) -> Outcome:
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
        """Grades a finished task, now that its answer is fixed, and records it; a grader that raises is no verdict.

        Raises:
            JournalError: the grade could not be recorded.
        """
        task = result.task
        known = self._recorded.grade(task.id, result.answer)
        if known is not None:
            result = replace(result, grade=known)
            if self._journal is not None and task.id not in self._recorded.finished:
                await self._journal.finish(result)
            return result
        call, error = _Call(), None
        try:
            grade = await self._in_thread(lambda: self._domain.grade(task, result.answer))
        except DomainFailed as failure:
            error = str(failure)
            grade = Grade(None, f"grading failed: {failure}")
        result = replace(result, grade=grade)
        if self._journal is not None:
            asked, answer = {"answer": result.answer}, {"correct": grade.correct, "detail": grade.detail}
            waited, seconds = call.times
            event = Event(
                task.id, result.node or 0, "grade", asked, answer, Usage(), call.started, seconds, error=error,
                waited=waited,
            )  # fmt: skip
            await self._journal.finish(result, event)
        return result

    async def _expand(self, trial: Trial, spent: Spent) -> Expansion:
        texts, logprobs = await self._propose(trial, spent)
        self._answered(spent)
        asked = {"texts": list(texts), "seed": trial.seed}
        if self._recorded.answers:
            known, _ = self._recorded.take(trial.task.id, "step", request_key("step", asked))
            if known is not None:
                return expansion_of(known["answer"])
        call = _Call()
        try:
            expansion = await self._in_thread(lambda: trial.expand(texts, logprobs))
        except DomainFailed as error:
            await self._record("step", trial, asked, None, call, error=str(error))
            raise
        await self._record("step", trial, asked, expansion, call)
        return expansion

    async def _propose(self, trial: Trial, spent: Spent) -> tuple[Sequence[str], Sequence[float]]:
        request = trial.request
        prompt, n, candidates = request.prompt, request.n, request.candidates
        asked = {"prompt": prompt, "n": n, "candidates": candidates}
        if candidates:
            ranker = self._ranker
            if ranker is None:
                raise MissingPart(
                    f"domain {self._domain.name!r} lists its actions and needs a policy that ranks them; "
                    f"{type(self._policy).__name__} has no rank()"
                )

            async def rank(call: _Call) -> Answer:
                async with self.slots, self._stopwatch.running():
                    call.send()
                    return (await ranker.rank([prompt], [candidates]))[0]

            ranking = cast(Ranking, await self._ask("rank", trial, asked, spent, rank))
            return candidates, ranking.logprobs
        proposer = self._proposer
        if proposer is None:
            raise MissingPart(
                f"domain {self._domain.name!r} needs a policy that draws text; "
                f"{type(self._policy).__name__} has no propose()"
            )

        async def propose(call: _Call) -> Answer:
            async with self.slots, self._stopwatch.running():
                call.send()
                return (await proposer.propose([prompt], n))[0]

        drawn = cast(Proposals, await self._ask("propose", trial, asked, spent, propose))
        return [item.text for item in drawn.items], [item.logprob for item in drawn.items]

    async def _score(self, trial: Trial, spent: Spent) -> Score:
        value, evidence = self._value, trial.evidence
        if value is None:
            raise MissingPart(
                f"domain {self._domain.name!r} leaves rewards open and needs a value model: give value=..., "
                "or a policy that scores too"
            )

        async def score(call: _Call) -> Answer:
            assert self._slotted is not None
            with self._slotted.noting(evidence, call.send):
                return (await value.score([evidence]))[0]

        told = cast(Score, await self._ask("score", trial, {"evidence": evidence}, spent, score))
        low, high = value.value_range
        if not low <= told.value <= high:
            raise BadAnswer(f"{told.provenance} got value {told.value}; it must lie in [{low:g}, {high:g}]")
        return told

    async def _ask(
        self,
        kind: EventKind,
        trial: Trial,
        asked: dict[str, Any],
        spent: Spent,
        send: Callable[[_Call], Awaitable[Answer]],
    ) -> Answer:
        """One model's answer: the recorded one, or a live one that is booked and recorded, as each failure is.

        Raises:
            ModelError: no answer, and none is to be expected from asking again.
        """
        if self._recorded.answers:
            known, usage = self._recorded.take(trial.task.id, kind, request_key(kind, plain(asked)))
            spent.book(kind, usage)
            if known is not None:
                return answer_of(kind, known["answer"], usage_of(known), known["model"])
        who: Literal["policy", "value"] = "value" if kind == "score" else "policy"
        if self._cache is not None:
            cached = self._cache.get(await self._identity(who), kind, plain(asked))
            if cached is not None:
                self._status.cached += 1
                await self._record(kind, trial, asked, cached, _Call(), Usage(), model_of(cached), cached=True)
                return cached
        patience = self._patience[who]
        attempt = 0
        while True:
            attempt += 1
            call = _Call()
            try:
                told = await send(call)
            except ModelError as error:
                usage = error.usage or Usage(calls=1)
                self._book(kind, spent, usage)
                await self._record(kind, trial, asked, None, call, usage, error=str(error))
                late = isinstance(error, RequestLate)
                self._status.late += late
                again = attempt <= self._deadlines.retries if late else await patience.again(error, attempt)
                if not again:
                    raise
                continue
            patience.answered()
            self._book(kind, spent, told.usage)
            await self._record(kind, trial, asked, told, call, told.usage, model_of(told))
            if self._cache is not None:
                await self._cache.put(await self._identity(who), kind, plain(asked), told)
            return told

    async def _identity(self, who: Literal["policy", "value"]) -> str:
        if who not in self._identities:
            self._identities[who] = await identity(self._policy if who == "policy" else self._value_model)
        return self._identities[who]

    def _book(self, kind: EventKind, spent: Spent, usage: Usage) -> None:
        spent.book(kind, usage)
        if kind == "score":
            self._status.value_tokens += usage.tokens
        else:
            self._status.policy_tokens += usage.tokens

    async def _record(
        self,
        kind: EventKind,
        trial: Trial,
        asked: dict[str, Any],
        told: Answer | Expansion | None,
        call: _Call,
        usage: Usage | None = None,
        model: str | None = None,
        error: str | None = None,
        *,
        cached: bool = False,
    ) -> None:
        if self._journal is None:
            return
        waited, seconds = call.times
        operator = None if kind == "score" else trial.operator.name
        answer = described_expansion(told) if isinstance(told, Expansion) else told and described(told)
        await self._journal.record(
            Event(
                trial.task.id, trial.node, kind, plain(asked), answer, usage or Usage(), call.started, seconds, model,
                error, trial.number, operator, waited, cached,
            )
        )  # fmt: skip

    async def _in_thread(self, work: Callable[[], T]) -> T:
        deadline = None
        try:
            if self._deadlines.step is None:
                return await self._threads.run(work)
            async with asyncio.timeout(self._deadlines.step) as deadline:
                return await self._threads.run(work)
        except Exception as error:
            if deadline is not None and deadline.expired():
                self._status.late += 1
                raise StepLate(f"{self._domain.name} took longer than {self._deadlines.step:g} s") from error
            raise DomainFailed(f"{type(error).__name__}: {error}") from error


class _Slotted:
    """A value model whose requests, each for a whole batch of states, take a slot."""

    def __init__(self, model: ValueModel, slots: Slots, stopwatch: Stopwatch) -> None:
        self._model = model
        self._slots = slots
        self._stopwatch = stopwatch
        self._sent: dict[int, Callable[[], None]] = {}

    @contextmanager
    def noting(self, evidence: Evidence, sent: Callable[[], None]) -> Iterator[None]:
        """Calls `sent` when the request with this very piece of evidence has got its slot."""
        self._sent[id(evidence)] = sent
        try:
            yield
        finally:
            del self._sent[id(evidence)]

    @property
    def value_range(self) -> tuple[float, float]:
        return self._model.value_range

    @property
    def max_batch(self) -> int:
        return self._model.max_batch

    async def score(self, evidence: Sequence[Evidence]) -> list[Score]:
        # Many states wait for this one request: it goes ahead of those for a single node.
        await self._slots.take(first=True)
        try:
            async with self._stopwatch.running():
                for item in evidence:
                    if id(item) in self._sent:
                        self._sent[id(item)]()
                return await self._model.score(evidence)
        finally:
            self._slots.give()


async def _nothing() -> None:
    return None

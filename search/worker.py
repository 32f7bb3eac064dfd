"""One trial from request to outcome: the models asked, the domain stepped, the result graded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from ..domains.protocol import Domain, Doubtful, Grade
from ..value_models.protocols import Policy, Ranker, Score, Usage, ValueModel
from .asking import Models
from .cache import AnswerCache
from .deadlines import Deadlines
from .doubts import Doubts
from .expansion import Expansion
from .journal import Event, Journal
from .journal.event import request_key
from .journaled import expansion_of
from .record import Call, Record, Spent
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
        self._deadlines = deadlines or Deadlines()
        self._journal = journal
        self._record = Record(journal)
        self._recorded = recorded or Recorded()
        self._status = status
        self.on_answer: Callable[[], None] | None = None
        self.slots = Slots(concurrency, status)
        self._models = Models(
            domain,
            policy,
            value,
            slots=self.slots,
            status=status,
            record=self._record,
            recorded=self._recorded,
            patience=patience,
            deadlines=self._deadlines,
            alone=alone,
            cache=cache,
        )
        # Not asyncio's own pool: slow steps must not hold up what else uses that, such as the look-up of addresses.
        self._threads = StepThreads()
        self._doubts = Doubts(domain, self._models, self._in_thread) if isinstance(domain, Doubtful) else None

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
        await self._in_thread(trial.prepare)
        expansion: Expansion | None = None
        score: Score | None = None
        if trial.wants_children and trial.wants_value:
            scoring = asyncio.create_task(self._models.score(trial, spent))
            try:
                expansion = await self._expand(trial, spent)
            except BaseException:
                # Both requests run to their end even where one fails, so that what the other cost is counted.
                await _ended(scoring)
                raise
            score = await scoring
        elif trial.wants_children:
            expansion = await self._expand(trial, spent)
        elif trial.wants_value:
            score = await self._models.score(trial, spent)
        return Outcome(
            expansion=expansion,
            value=None if score is None else score.value,
            feedback=None if score is None else score.feedback,
            parts={} if score is None else score.parts,
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
        call, error = Call(), None
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
        texts, logprobs = await self._models.propose(trial, spent)
        self._answered(spent)
        asked = {"texts": list(texts), "seed": trial.seed}
        if self._recorded.answers:
            known, _ = self._recorded.take(trial.task.id, "step", request_key("step", asked))
            if known is not None:
                return expansion_of(known["answer"])
        if self._doubts is not None:
            await self._doubts.settle(trial, texts, spent)
        call = Call()
        try:
            expansion = await self._in_thread(lambda: trial.expand(texts, logprobs))
        except DomainFailed as error:
            self._record.failure("step", trial, asked, error, call, Usage())
            raise
        self._record.step(trial, asked, expansion, call)
        return expansion

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


async def _ended(task: asyncio.Task[Score]) -> None:
    """Waits for a task to end, however it does; a caller that is cancelled cancels it."""
    try:
        await asyncio.wait([task])
    except asyncio.CancelledError:
        task.cancel()
        raise
    if not task.cancelled():
        task.exception()  # taken note of, so that asyncio does not report it where another error is raised

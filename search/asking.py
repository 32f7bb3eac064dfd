"""Asking the models for a trial: the policy or ranker, and the value model."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal, TypeVar

from ..domains.protocol import Domain
from ..value_models.batching import Batched
from ..value_models.concurrency import settled
from ..value_models.errors import BadAnswer, ModelError, RequestLate
from ..value_models.protocols import Evidence, Policy, Proposals, Ranker, Ranking, Score, Usage, ValueModel
from .cache import AnswerCache, identity
from .deadlines import Deadlines, Stopwatch
from .errors import MissingPart
from .faces import joined
from .journal import EventKind
from .journal.event import OF_VALUE, request_key
from .journaled import answer_of, plain, usage_of
from .patience import Patience
from .record import Call, Record, Spent
from .reexecution import Recorded
from .slots import Slots
from .status import Status
from .trial import Trial

A = TypeVar("A", Proposals, Ranking, Score)
Who = Literal["policy", "value"]


class Models:
    """The models of a search, asked trial by trial: each answer has its slot, its deadline, its price and its record.

    Args:
        domain: for messages.
        policy: proposes or ranks.
        value: scores; None for recipes that ask for no value. What many trials ask at one moment goes out together.
        slots: the limit on requests in flight.
        status: kept up to date.
        record: takes each answer before it is returned.
        recorded: answers that a resumed run has already.
        patience: seconds to wait for a server that answered before and is away.
        deadlines: when a request is given up.
        alone: score each state in a request of its own, whatever else is asked at the moment.
        cache: answers, at no cost, what another run asked already; None asks the models.
    """

    def __init__(
        self,
        domain: Domain,
        policy: Policy | Ranker,
        value: ValueModel | None,
        *,
        slots: Slots,
        status: Status,
        record: Record,
        recorded: Recorded,
        patience: float,
        deadlines: Deadlines,
        alone: bool,
        cache: AnswerCache | None,
    ) -> None:
        self._domain = domain
        self._policy = policy
        self._proposer = policy if isinstance(policy, Policy) else None
        self._ranker = policy if isinstance(policy, Ranker) else None
        self._value_model = value
        self._slots = slots
        self._stopwatch = Stopwatch(deadlines)
        self._slotted = None if value is None else _Slotted(value, slots, Stopwatch(deadlines))
        self._value = None if self._slotted is None else Batched(self._slotted, 1 if alone else None)
        self._status = status
        self._record = record
        self._recorded = recorded
        self._patience = {kind: Patience(patience) for kind in ("policy", "value")}
        proposer: object = policy
        if value is proposer:  # one server: what it proposed counts for its scores
            self._patience["value"] = self._patience["policy"]
        self._retries = deadlines.retries
        self._cache = cache
        self._identities: dict[Who, str] = {}

    async def propose(self, trial: Trial, spent: Spent) -> tuple[Sequence[str], Sequence[float]]:
        """Texts to go on with and their log-probabilities: drawn, or the domain's own actions, ranked.

        Raises:
            ModelError: the policy could not answer.
            MissingPart: it has no method for this.
            JournalError: its answer could not be recorded.
        """
        request = trial.request
        asked = {"prompt": request.prompt, "n": request.n, "candidates": request.candidates}
        if request.n == 0 and not request.candidates:  # given, or none is legal here
            return request.given, [0.0] * len(request.given)
        if request.candidates:
            ranking = await self._ask("rank", trial, asked, spent, self._rank)
            return request.candidates, ranking.logprobs
        drawn = await self._ask("propose", trial, asked, spent, self._draw)
        return [item.text for item in drawn.items], [item.logprob for item in drawn.items]

    async def score(self, trial: Trial, spent: Spent) -> Score:
        """The value model's score of the trial's state.

        Raises:
            ModelError: the value model could not answer, or its value is out of its own range.
            MissingPart: there is none.
            JournalError: its answer could not be recorded.
        """
        value = self._value
        if value is None:
            raise MissingPart(
                f"domain {self._domain.name!r} leaves rewards open and needs a value model: give value=..., "
                "or a policy that scores too"
            )
        evidences = trial.evidences
        asking = [self._ask("score", trial, {"evidence": one}, spent, self._judge) for one in evidences]
        # All of them run to their end even where one fails, so that what the others cost is counted.
        answers = await settled(asking)
        scores: dict[str, Score] = {}
        for evidence, told in zip(evidences, answers, strict=True):
            _check_range(told, value.value_range)
            scores[evidence.question] = told
        return joined(trial.faces, scores) if trial.faces else scores[evidences[0].question]

    async def judge(self, trial: Trial, evidence: Evidence, spent: Spent) -> float:
        """The value model's answer to a doubt of the domain's, scaled to [0, 1].

        Raises:
            ModelError: the value model could not answer, or its value is out of its own range.
            MissingPart: there is none.
            JournalError: its answer could not be recorded.
        """
        if self._value is None:
            raise MissingPart(
                f"domain {self._domain.name!r} has a model judge actions before they are done and needs a value model: "
                "give value=..., or a policy that scores too"
            )
        told = await self._ask("doubt", trial, {"evidence": evidence}, spent, self._judge)
        _check_range(told, self._value.value_range)
        return scaled(told.value, self._value.value_range)

    async def _rank(self, asked: dict[str, Any], call: Call) -> Ranking:
        ranker = self._ranker
        if ranker is None:
            raise MissingPart(
                f"domain {self._domain.name!r} lists its actions and needs a policy that ranks them; "
                f"{type(self._policy).__name__} has no rank()"
            )
        async with self._slots:
            call.send()
            (ranking,) = await self._stopwatch.timed(ranker.rank([asked["prompt"]], [asked["candidates"]]))
        return ranking

    async def _draw(self, asked: dict[str, Any], call: Call) -> Proposals:
        proposer = self._proposer
        if proposer is None:
            raise MissingPart(
                f"domain {self._domain.name!r} needs a policy that draws text; "
                f"{type(self._policy).__name__} has no propose()"
            )
        async with self._slots:
            call.send()
            (drawn,) = await self._stopwatch.timed(proposer.propose([asked["prompt"]], asked["n"]))
        return drawn

    async def _judge(self, asked: dict[str, Any], call: Call) -> Score:
        assert self._slotted is not None
        assert self._value is not None
        evidence = asked["evidence"]
        with self._slotted.noting(evidence, call.send):
            (score,) = await self._value.score([evidence])
        return score

    async def _ask(
        self,
        kind: EventKind,
        trial: Trial,
        asked: dict[str, Any],
        spent: Spent,
        send: Callable[[dict[str, Any], Call], Awaitable[A]],
    ) -> A:
        """One model's answer: the recorded one, or a live one that is booked and recorded, as each failure is.

        Raises:
            ModelError: no answer, and none is to be expected from asking again.
        """
        if self._recorded.answers:
            known, usage = self._recorded.take(trial.task.id, kind, request_key(kind, plain(asked)))
            spent.book(kind, usage)
            if known is not None:
                return answer_of(kind, known["answer"], usage_of(known), known["model"])  # type: ignore[return-value]
        who: Who = "value" if kind in OF_VALUE else "policy"
        if self._cache is not None:
            cached = self._cache.get(await self._identity(who), kind, plain(asked))
            if cached is not None:
                self._status.cached += 1
                self._record.answer(kind, trial, asked, cached, Call(), cached=True)
                return cached  # type: ignore[return-value]
        told = await self._live(kind, who, trial, asked, spent, send)
        if self._cache is not None:
            await self._cache.put(await self._identity(who), kind, plain(asked), told)
        return told

    async def _live(
        self,
        kind: EventKind,
        who: Who,
        trial: Trial,
        asked: dict[str, Any],
        spent: Spent,
        send: Callable[[dict[str, Any], Call], Awaitable[A]],
    ) -> A:
        attempt = 0
        while True:
            attempt += 1
            call = Call()
            try:
                told = await send(asked, call)
            except ModelError as error:
                usage = error.usage or Usage(calls=1)
                self._book(kind, spent, usage)
                self._record.failure(kind, trial, asked, error, call, usage)
                late = isinstance(error, RequestLate)
                self._status.late += late
                again = attempt <= self._retries if late else await self._patience[who].again(error, attempt)
                if not again:
                    raise
                continue
            self._patience[who].answered()
            self._book(kind, spent, told.usage)
            self._record.answer(kind, trial, asked, told, call)
            return told

    async def _identity(self, who: Who) -> str:
        if who not in self._identities:
            self._identities[who] = await identity(self._policy if who == "policy" else self._value_model)
        return self._identities[who]

    def _book(self, kind: EventKind, spent: Spent, usage: Usage) -> None:
        spent.book(kind, usage)
        if kind in OF_VALUE:
            self._status.value_tokens += usage.tokens
            self._status.dollars += self._status.prices.dollars(Usage(), usage)
        else:
            self._status.policy_tokens += usage.tokens
            self._status.dollars += self._status.prices.dollars(usage, Usage())


def _check_range(told: Score, value_range: tuple[float, float]) -> None:
    low, high = value_range
    if not low <= told.value <= high:
        raise BadAnswer(f"{told.provenance} got value {told.value}; it must lie in [{low:g}, {high:g}]")


def scaled(value: float, value_range: tuple[float, float]) -> float:
    """A value of a model's own range as one in [0, 1]."""
    low, high = value_range
    return (value - low) / (high - low)


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
            for item in evidence:
                if id(item) in self._sent:
                    self._sent[id(item)]()
            return await self._stopwatch.timed(self._model.score(evidence))
        finally:
            self._slots.give()

"""Replay: a run's journal answers in place of the models, so another rule or constant is tried without a model call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from ..domains.protocol import Domain, Grade, Observation, State, Step, Task
from ..value_models.protocols import Usage
from .budget import Budget
from .collector import rare_collections
from .described import domain_name
from .doubts import settle_again
from .engine import EVERYTHING, Engine
from .errors import MissingPart
from .expansion import Expansion
from .faces import spoken, together
from .journal import RunReader
from .journal.event import request_key
from .journaled import expansion_of, plain, usage_of
from .operators import Operator, Request
from .recipe import Recipe
from .registry import load
from .result import Result
from .shown import Source
from .trial import Outcome, Trial

Event = Mapping[str, Any]


class Place:
    """A state of a task, shared by all replayed searches that come to it; what it shows is asked of the domain once."""

    __slots__ = ("_domain", "_from", "_observation", "_state", "expanded", "key", "scored")

    def __init__(self, domain: Domain, key: Any, state: State = None, came: tuple[Place, str] | None = None) -> None:
        self._domain = domain
        self._state = state
        self._from = came
        self._observation: Observation | None = None
        self.key = key
        self.expanded: dict[tuple[int, int, tuple[Source, ...]], Outcome] = {}
        self.scored: Outcome | None = None

    @property
    def state(self) -> State:
        """The domain's state here, stepped to when it is first needed."""
        if self._state is None:
            assert self._from is not None
            place, text = self._from
            state = place.state
            for action in self._domain.parse(state, text):
                step = self._domain.step(state, action)
                state = step.state
                if step.terminated or step.truncated:
                    break
            self._state = state
        return self._state

    @property
    def observation(self) -> Observation:
        """What the state shows."""
        if self._observation is None:
            self._observation = self._domain.observe(self.state)
        return self._observation

    def placed(self, expansion: Expansion) -> Expansion:
        """The same children with places in place of states."""
        children = tuple(
            replace(child, step=replace(child.step, state=Place(self._domain, child.key, came=(self, child.text))))
            for child in expansion.children
        )
        return Expansion(children, expansion.dropped)


class _Places:
    """A domain whose states are places: what an engine needs to grow a tree of them."""

    restore: Literal["fork", "replay", "snapshot"] = "fork"

    def __init__(self, domain: Domain, tasks: Mapping[str, Task]) -> None:
        self.name = domain.name
        self._domain = domain
        self._roots = {task.id: Place(domain, (), domain.reset(task.visible())) for task in tasks.values()}

    def reset(self, task: Task) -> Place:
        return self._roots[task.id]

    def observe(self, state: Place) -> Observation:
        return state.observation

    def parse(self, state: Place, proposal: str) -> Any:
        raise NotImplementedError("places are stepped by the journal")

    def step(self, state: Place, action: Any) -> Step:
        raise NotImplementedError("places are stepped by the journal")

    def grade(self, task: Task, answer: str | None) -> Grade:
        return self._domain.grade(task, answer)


@dataclass(slots=True)
class Replayed:
    """What a replayed search came to.

    Attributes:
        recipe, budget: what was replayed.
        results: one a task, in the run's order, graded.
        asked: model requests made of the journal.
        missed: those that it could not answer; their branches were not expanded.
    """

    recipe: Recipe
    budget: Budget
    results: tuple[Result, ...]
    asked: int
    missed: int

    @property
    def miss_rate(self) -> float:
        """Share of the requests that the journal could not answer, in [0, 1]; read every other figure with it."""
        return self.missed / self.asked if self.asked else 0.0

    @property
    def solved(self) -> int:
        """Tasks whose answer passed the hidden checks."""
        return sum(result.solved for result in self.results)


@dataclass(slots=True)
class _Counts:
    asked: int = 0
    missed: int = 0


class Replay:
    """A run's journal in memory, to search its tasks again without a model.

    A request is answered where the journal holds an answer to the very same one: same prompt, same draw, same seed.
    What it cannot answer is a miss: counted, and its leaf fails as if the model had. So a replay says what another
    rule or constant would have done with the answers there are; the miss rate says how much of the search that was.

    All leaves that the recipe lets be in flight are worked on in rounds, as in a deterministic run.

    Args:
        run: a run directory, finished or not.
        domain: by default the run's own, by name.
        tasks: the run's tasks; needed only where their hidden part is no plain data.

    Raises:
        JournalError: no run there.
        MissingPart: the run's domain cannot be stepped again.
    """

    def __init__(self, run: Path | str, *, domain: Domain | None = None, tasks: list[Task] | None = None) -> None:
        reader = RunReader(run)
        self.meta = reader.meta()
        self.tasks = reader.given() if tasks is None else tasks
        self._domain: Domain = load("domains", domain_name(self.meta))() if domain is None else domain
        if self._domain.restore == "snapshot":
            raise MissingPart(f"domain {self._domain.name!r} restores by snapshots, which a journal does not hold")
        self._places = _Places(self._domain, {task.id: task for task in self.tasks})
        self._events: dict[tuple[str, str], Event] = {}
        self._grades: dict[tuple[str, str | None], Grade] = {}
        self._operators: list[tuple[Operator, Mapping[str, Operator]]] = []
        self._doubts: dict[str, Usage] = {}
        settle_again(self._domain, reader)
        unsettled: dict[tuple[str, int], Usage] = {}
        for event in reader.events():
            self._index(event, unsettled)

    def search(self, recipe: Recipe, budget: Budget, *, seed: int | None = None) -> Replayed:
        """Searches all tasks with the journal answering.

        Args:
            recipe: how to search.
            budget: limits for each task; seconds are not limited.
            seed: by default the run's own; another one asks for draws that the journal does not have.

        Raises:
            MissingPart: the budget is in seconds alone.
        """
        with rare_collections():
            return self._search(recipe, budget, self.meta["seed"] if seed is None else seed)

    def _search(self, recipe: Recipe, budget: Budget, seed: int) -> Replayed:
        engine = Engine(
            self._places,
            recipe,
            budget,
            value_range=tuple(self.meta.get("value_range", (0.0, 1.0))),
            tasks_at_once=len(self.tasks),
            seed=seed,
            clock=_stopped,
        )
        engine.add(self.tasks)
        counts = _Counts()
        operator = self._operator(recipe)
        results: dict[str, Result] = {}
        while trials := engine.ask(EVERYTHING):
            engine.tell_all([(trial, self._outcome(trial, operator, counts)) for trial in trials])
            for result in engine.finished():
                results[result.task.id] = replace(result, grade=self._grade(result))
        for result in engine.finished():
            results[result.task.id] = replace(result, grade=self._grade(result))
        return Replayed(recipe, budget, tuple(results[t.id] for t in self.tasks), counts.asked, counts.missed)

    def _index(self, event: Event, doubts: dict[tuple[str, int], Usage]) -> None:
        if event["kind"] == "grade":
            if event["error"] is None:
                answer = event["request"]["answer"]
                self._grades[event["task"], answer] = Grade(event["answer"]["correct"], event["answer"]["detail"])
            return
        trial = event["task"], event["trial"]
        if event["kind"] == "doubt":
            doubts[trial] = doubts.get(trial, Usage()) + usage_of(event)
            return
        if event["kind"] == "step" and trial in doubts:
            self._doubts.setdefault(event["key"], doubts.pop(trial))
        key = event["kind"], event["key"]
        known = self._events.get(key)
        if known is None or known["error"] is not None:
            self._events[key] = event

    def _operator(self, recipe: Recipe) -> int:
        operators = (recipe.operator, recipe.after)
        if operators not in self._operators:
            self._operators.append(operators)
        return self._operators.index(operators)

    def _outcome(self, trial: Trial, operator: int, counts: _Counts) -> Outcome:
        place: Place = trial.state if trial.wants_children else trial.live.tree.nodes[trial.node].state
        if not trial.wants_children:
            counts.asked += 1
            scored = self._scored(place, trial)
            counts.missed += scored is MISS
            return scored
        key = operator, trial.seed, (*trial.sources, *trial.hints)
        outcome = place.expanded.get(key)
        if outcome is None:
            outcome = place.expanded[key] = self._expanded(place, trial)
        counts.asked += 1
        counts.missed += outcome is MISS
        if not trial.wants_value:
            return outcome
        counts.asked += 1
        scored = self._scored(place, trial)
        counts.missed += scored is MISS
        return _both(outcome, scored)

    def _scored(self, place: Place, trial: Trial) -> Outcome:
        if place.scored is None:
            found = [
                self._events.get(("score", request_key("score", plain({"evidence": one})))) for one in trial.evidences
            ]
            events = [event for event in found if event is not None]
            place.scored = MISS if len(events) < len(found) else _score_outcome(trial, events)
        return place.scored

    def _expanded(self, place: Place, trial: Trial) -> Outcome:
        request = trial.request
        if request.n == 0 and not request.candidates:
            given = list(request.given)
            return Outcome(place.placed(trial.operator.children(self._domain, place.state, given, [0.0] * len(given))))
        kind = "rank" if request.candidates else "propose"
        asked = {"prompt": request.prompt, "n": request.n, "candidates": request.candidates}
        event = self._events.get((kind, request_key(kind, plain(asked))))
        if event is None:
            return MISS
        if event["error"] is not None:
            return Outcome(policy=usage_of(event), error=event["error"])
        texts, logprobs = _drawn(request, event)
        stepped = request_key("step", {"texts": texts, "seed": trial.seed})
        step = self._events.get(("step", stepped))
        if step is None or step["error"] is not None:
            expansion = trial.operator.children(self._domain, place.state, texts, logprobs)
        else:
            expansion = expansion_of(step["answer"])
        doubts = self._doubts.get(stepped, Usage())
        return Outcome(expansion=place.placed(expansion), policy=usage_of(event), value_usage=doubts)

    def _grade(self, result: Result) -> Grade:
        key = result.task.id, result.answer
        if key not in self._grades:
            self._grades[key] = self._domain.grade(result.task, result.answer)
        return self._grades[key]


MISS = Outcome(error="not in the journal")


def _score_outcome(trial: Trial, events: Sequence[Event]) -> Outcome:
    usage = sum((usage_of(event) for event in events), Usage())
    failed = next((event["error"] for event in events if event["error"] is not None), None)
    if failed is not None:
        return Outcome(value_usage=usage, error=failed)
    values = {event["request"]["evidence"]["question"]: event["answer"]["value"] for event in events}
    value = together(trial.faces, values) if trial.faces else events[0]["answer"]["value"]
    feedback = spoken([event["answer"].get("feedback") for event in events])
    parts = {} if trial.faces else events[0]["answer"].get("parts", {})
    return Outcome(value=value, feedback=feedback, value_usage=usage, parts=parts)


def _drawn(request: Request, event: Event) -> tuple[list[str], list[float]]:
    if request.candidates:
        return list(request.candidates), event["answer"]
    return [item["text"] for item in event["answer"]], [item["logprob"] for item in event["answer"]]


def _both(expanded: Outcome, scored: Outcome) -> Outcome:
    """The outcome of a trial that wanted children and a value."""
    return Outcome(
        expanded.expansion,
        scored.value,
        scored.feedback,
        expanded.policy,
        expanded.value_usage + scored.value_usage,
        expanded.error or scored.error,
        scored.parts,
    )


def _stopped() -> float:
    return 0.0

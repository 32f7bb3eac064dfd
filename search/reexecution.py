"""Resuming: a run's turns are repeated with the journal answering; what it holds beyond them waits to be asked for."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from ..domains.protocol import Grade
from ..value_models.protocols import Usage
from .engine import Engine
from .errors import JournalError
from .faces import spoken, together
from .journal import RunReader, Turn
from .journal.event import OF_VALUE
from .journaled import expansion_of, usage_of
from .trial import Outcome, Trial

Event = dict[str, Any]


class RunClock:
    """Seconds that a run was worked on; it moves at each turn and stands still in between, so a turn can be
    repeated.
    """

    def __init__(self) -> None:
        self._now = 0.0
        self._since = monotonic()

    def __call__(self) -> float:
        """The current turn's time."""
        return self._now

    def advance(self) -> float:
        """Moves on to the present and gives it."""
        self._now = monotonic() - self._since
        return self._now

    def set(self, at: float) -> None:
        """Moves to a recorded turn's time; from there the clock runs on."""
        self._now = at
        self._since = monotonic() - at


@dataclass(slots=True)
class Recorded:
    """What the journal holds of work that the engine has not heard of yet.

    Attributes:
        finished: ids of tasks whose result is stored.
    """

    finished: frozenset[str] = frozenset()
    _answers: defaultdict[tuple[str, str, str], deque[Event]] = field(default_factory=lambda: defaultdict(deque))
    _grades: dict[str, Event] = field(default_factory=dict)

    def add(self, event: Event) -> None:
        """Puts an event in, behind those that asked the same."""
        if event["kind"] == "grade":
            self._grades[event["task"]] = event
        else:
            self._answers[event["task"], event["kind"], event["key"]].append(event)

    @property
    def answers(self) -> bool:
        """Whether any answer is left."""
        return bool(self._answers)

    def take(self, task: str, kind: str, key: str) -> tuple[Event | None, Usage]:
        """The next answer to a request in recorded order, if there is one, and what it and failures before it cost."""
        events = self._answers.pop((task, kind, key), deque())
        usage = Usage()
        while events:
            event = events.popleft()
            usage += usage_of(event)
            if event["error"] is None:
                if events:
                    self._answers[task, kind, key] = events
                return event, usage
        return None, usage

    def grade(self, task: str, answer: str | None) -> Grade | None:
        """The verdict on a task's answer, where it was given."""
        event = self._grades.get(task)
        if event is None or event["request"]["answer"] != answer:
            return None
        if event["error"] is not None:
            return Grade(None, f"grading failed: {event['error']}")
        return Grade(event["answer"]["correct"], event["answer"]["detail"])


def repeat(
    engine: Engine, reader: RunReader, clock: RunClock, told_to: Callable[[Sequence[Trial]], None] | None = None
) -> tuple[list[Trial], Recorded]:
    """Repeats a run's turns on a new engine that has the run's tasks; no model is asked and nothing is stepped.

    Returns the trials that were in flight when the run stopped, and what the journal holds beyond the last turn.

    Args:
        engine, clock: of the same recipe, budget and seed as the run.
        reader: the run.
        told_to: called in each turn with the trials that the engine has just been told, before it is asked for more.

    Raises:
        JournalError: the engine hands out other leaves than it did: another recipe, budget, seed or version.
    """
    recorded = Recorded(frozenset(reader.tasks()))
    events = _Events(reader.events(), recorded)
    out: dict[int, Trial] = {}
    for number, turn in enumerate(reader.turns(), 1):
        events.read(turn.after)
        if turn.asked != engine.asked or not out.keys() >= set(turn.told):
            raise JournalError(f"{reader.directory}: turn {number} cannot be repeated; {_DIVERGED}")
        clock.set(turn.at)
        told = [out.pop(number) for number in turn.told]
        engine.tell_all([(trial, _outcome(trial, events.of_trial.pop(trial.number, []), turn)) for trial in told])
        if told_to is not None:
            told_to(told)
        out.update((trial.number, trial) for trial in engine.ask(turn.limit))
    events.read()
    for left in events.of_trial.values():
        for event in left:
            recorded.add(event)
    return list(out.values()), recorded


_DIVERGED = "the recipe, the budget, the seed or treewright's own version is another one than the run's"


class _Events:
    """The events of a run, read as far as they are needed; grades go to `recorded`."""

    def __init__(self, events: Iterator[Event], recorded: Recorded) -> None:
        self.of_trial: defaultdict[int, list[Event]] = defaultdict(list)
        self._events = events
        self._recorded = recorded
        self._seq = 0

    def read(self, last: int | None = None) -> None:
        """Reads on to the event of this number, or to the end."""
        while last is None or self._seq < last:
            event = next(self._events, None)
            if event is None:
                return
            self._seq = event["seq"]
            if event["trial"] is None:
                self._recorded.add(event)
            else:
                self.of_trial[event["trial"]].append(event)


def _value(trial: Trial, scores: dict[str, Any]) -> float:
    """The value that the answers to one or several questions make."""
    values: dict[str, float] = {question: answer["value"] for question, answer in scores.items()}
    return together(trial.faces, values) if trial.faces else next(iter(values.values()))


def _feedback(trial: Trial, scores: dict[str, Any]) -> str | None:
    """What was said to them, in the order in which they were asked."""
    return spoken(
        [scores[face.question]["feedback"] for face in trial.faces] or [a["feedback"] for a in scores.values()]
    )


def _outcome(trial: Trial, events: list[Event], turn: Turn) -> Outcome:
    """What became of a trial, by its events."""
    answers: dict[str, Event] = {}
    scores: dict[str, Any] = {}
    policy, value = Usage(), Usage()
    for event in events:
        if (event["task"], event["node"]) != (trial.task.id, trial.node):
            raise JournalError(
                f"the journal has trial {trial.number} at node {event['node']} of {event['task']!r}, the engine at "
                f"node {trial.node} of task {trial.task.id!r}; {_DIVERGED}"
            )
        if event["kind"] in OF_VALUE:
            value += usage_of(event)
        else:
            policy += usage_of(event)
        if event["error"] is None:
            answers[event["kind"]] = event
            if event["kind"] == "score":
                scores[event["request"]["evidence"]["question"]] = event["answer"]
    if trial.number in turn.errors:
        return Outcome(policy=policy, value_usage=value, error=turn.errors[trial.number])
    missing = [kind for kind, wanted in (("step", trial.wants_children), ("score", trial.wants_value)) if wanted]
    for kind in missing:
        if kind not in answers:
            raise JournalError(
                f"the journal has no {kind} of trial {trial.number}, which was told; try treewright repair"
            )
    step, score = answers.get("step"), answers.get("score")
    return Outcome(
        expansion=None if step is None else expansion_of(step["answer"]),
        value=None if score is None else _value(trial, scores),
        feedback=None if score is None else _feedback(trial, scores),
        parts={} if score is None or trial.faces else score["answer"].get("parts", {}),
        policy=policy,
        value_usage=value,
    )

"""What a domain is: five methods that turn text into steps of an environment and grade the final answer."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

State = Any
Action = Any


class DomainError(Exception):
    """A task or a file that a domain cannot use; the message says what was given and what was expected."""


class BadProposal(DomainError):
    """A proposal that is no action in its state; it is dropped and counted under `reason`.

    Attributes:
        reason: one or two words, the same for all proposals that fail alike: "format", "illegal", ...
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Diverged(DomainError):
    """A state that was had again is not the state that was recorded."""


@dataclass(frozen=True, slots=True)
class Task:
    """One problem to solve.

    Attributes:
        id: unique within its suite.
        text: the problem as a user would say it.
        hidden: what only `Domain.grade` may see: the gold answer, where hidden tests lie.
        given: what the domain is given beside the text, and search may use: visible tests, a repository.
    """

    id: str
    text: str
    hidden: Any = None
    given: Any = None

    def visible(self) -> Task:
        """The same task without its hidden part: what search is given."""
        return Task(self.id, self.text, None, self.given)


@dataclass(frozen=True, slots=True)
class Format:
    """Where one proposal ends: at any of the `stop` strings, or after `max_tokens`."""

    stop: tuple[str, ...]
    max_tokens: int


@dataclass(frozen=True, slots=True)
class Observation:
    """What a state shows to the models.

    Attributes:
        instruction: how an answer must look; the same text for all states of a domain.
        task: the problem; the same text for all states of a task.
        path: the answer so far; a proposal continues it.
        notes: what was tried and what came of it, shown between `task` and `path`; a whole attempt that the next
            proposal is to better, rather than continue, stands here.
        question: asked of a value model about `task`, `notes` and `path`; Yes means good.
        step: where one step ends.
        solution: where a whole solution ends.
        actions: every legal action as the text that would follow `path`, where the domain can list them; else empty.
        brief: the state in the fewest words, where it makes `task` and `path` needless: actions are then ranked as what
            follows it (it is read once an action, so it is what ranking costs), and `question` is asked without them.
        checks: the instruction that asks a model for visible checks of its own, where the domain can use such.
        kind: what kind of action led here, where the domain has kinds ("edit", "test"): a judge may have a question and
            a scale for each.
        images: pictures of the state, as data URLs, for models that see; shown with what asks a model to write.
    """

    instruction: str
    task: str
    path: str
    question: str
    step: Format
    solution: Format
    actions: tuple[str, ...] = ()
    brief: str = ""
    notes: str = ""
    checks: str = ""
    kind: str = ""
    images: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """What an action led to.

    Attributes:
        state: the new state.
        key: equal for two states exactly when the search may treat them as one; so is its repr, in any process.
        reward: what the domain pays for this step, in [0, 1]; None where only the grader could tell.
        terminated: the domain ended the task here.
        truncated: a limit of the domain cut it here.
        answer: the answer that this step came to, in canonical form; where the step ended nothing, one that can be
            given as it stands although work on it may go on.
        checked: what the state is worth by the domain's visible checks, in [0, 1], where they can tell before the end.
        irreversible: no restore can undo this step.
        measures: what the visible checks counted, by name, where one figure says too little: {"broken": 2}. A step that
            adds checks of the model's own says how many: {"checks": 3}.
    """

    state: State
    key: Hashable
    reward: float | None = 0.0
    terminated: bool = False
    truncated: bool = False
    answer: str | None = None
    irreversible: bool = False
    checked: float | None = None
    measures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Grade:
    """The hidden verdict on an answer: `correct`, or None where the task has nothing to grade by, and why."""

    correct: bool | None
    detail: str = ""


class Domain(Protocol):
    """A kind of task. States are values: `step` returns a new one and leaves the old one as it was.

    The methods are called from several threads at once, for different states.

    Attributes:
        name: as registered.
        restore: how a state is had again for a second visit: "fork" (the engine keeps it), "replay" (the engine resets
            and repeats the actions), "snapshot" (a token of the domain's own).
    """

    name: str
    restore: Literal["fork", "replay", "snapshot"]

    def reset(self, task: Task) -> State:
        """The first state of a task.

        Raises:
            DomainError: the task's text is none of this domain's.
        """
        ...

    def observe(self, state: State) -> Observation:
        """What the models see of a state."""
        ...

    def parse(self, state: State, proposal: str) -> Sequence[Action]:
        """The actions that a proposal's text stands for: one for a step, several for a whole solution.

        Raises:
            BadProposal: the text is no action here.
        """
        ...

    def step(self, state: State, action: Action) -> Step:
        """Executes one action.

        Raises:
            BadProposal: the action is not legal in this state.
        """
        ...

    def grade(self, task: Task, answer: str | None) -> Grade:
        """Judges the final answer by the hidden checks; called once, after the search has chosen."""
        ...


@runtime_checkable
class ChecksReferences(Protocol):
    """A domain whose tasks hold reference solutions, and that can judge them as it judges answers."""

    def wrong_with(self, task: Task) -> str | None:
        """Why a task's reference solution fails its own visible or hidden checks; None where it passes them all.

        Raises:
            DomainError: there is no verdict.
        """
        ...


@dataclass(frozen=True, slots=True)
class Doubt:
    """What a domain has a model judge before it steps an action.

    Attributes:
        about: the action, and what it is done to.
        question: asked about it; Yes or no.
    """

    about: str
    question: str


@runtime_checkable
class Doubtful(Protocol):
    """A domain that has a model judge some actions before they are stepped.

    A search asks its value model about each doubt of a task once, and records the answer; a search that is resumed or
    replayed tells the domain what was answered.
    """

    def doubts(self, state: State, proposals: Sequence[str]) -> Sequence[Doubt]:
        """What has to be settled before these proposals can be stepped from a state; none where all is."""
        ...

    def settle(self, task: str, doubt: Doubt, value: float) -> None:
        """Takes the answer to a doubt of a task, by its id: how likely Yes is, in [0, 1]."""
        ...

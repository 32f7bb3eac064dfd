"""What the engine hands out and what it gets back: one leaf to work on, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..domains.protocol import Domain, Observation, State, Task
from ..value_models.protocols import Evidence, Usage
from .expansion import Expansion
from .ledger import Hold
from .live import LiveTree
from .operators import ADVICE, Operator, Request, advised


@dataclass(slots=True, eq=False)
class Trial:
    """One leaf to work on: expand it, score it, or both at once. Made by `Engine.ask`.

    Attributes:
        number: how many trials the engine had handed out before this one.
        task: whose tree the leaf is in; without its hidden part.
        node: the leaf's index in the tree.
        wants_children: the outcome must bring an `Expansion`.
        wants_value: the outcome must bring a value.
        seed: makes the policy's draw repeatable: a function of the search's seed, the task, the path and the number of
            times this node was expanded before, so not of the order in which answers arrive.
    """

    number: int
    task: Task
    node: int
    wants_children: bool
    wants_value: bool
    seed: int
    domain: Domain
    operator: Operator
    live: LiveTree
    ticket: int
    hold: Hold
    told: bool = False
    _state: State = None
    _observation: Observation | None = None

    @property
    def state(self) -> State:
        """The domain's state at the leaf, kept or had again by stepping along the path, once."""
        if self._state is None:
            kept = self.live.tree.nodes[self.node].state
            self._state = self._replay() if kept is None else kept
        return self._state

    @property
    def observation(self) -> Observation:
        """What the leaf's state shows, and the advice to follow from there, where the leaf is one."""
        if self._observation is None:
            node = self.live.tree.nodes[self.node]
            shown = self.domain.observe(self.state)
            self._observation = advised(shown, node.text) if node.kind == ADVICE else shown
        return self._observation

    @property
    def request(self) -> Request:
        """What to ask of the policy."""
        return self.operator.request(self.observation, self.seed)

    @property
    def evidence(self) -> Evidence:
        """What to ask of the value model."""
        return evidence_of(self.observation)

    def expand(self, texts: Sequence[str], logprobs: Sequence[float] | None = None) -> Expansion:
        """Makes the leaf's children of proposals, by its operator; see `treewright.search.expansion.expand`."""
        return self.operator.children(self.domain, self.state, texts, logprobs)

    def _replay(self) -> State:
        path = self.live.tree.path(self.node)
        kept = max((i for i, node in enumerate(path) if node.state is not None), default=0)
        state = self.domain.reset(self.task) if path[kept].state is None else path[kept].state
        for node in path[kept + 1 :]:
            if node.kind == ADVICE:
                continue
            # A node that came from a journal has its text alone.
            for action in node.actions or self.domain.parse(state, node.text):
                step = self.domain.step(state, action)
                state = step.state
                if step.terminated or step.truncated:
                    break
        return state


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a trial.

    Attributes:
        expansion: the leaf's children, where the trial wanted them.
        value: the leaf's value, where the trial wanted one.
        feedback: the value model's text on the leaf.
        policy, value_usage: what the models' servers counted.
        error: why the trial failed; the node is then shown as failed, and never selected by a descent again.
    """

    expansion: Expansion | None = None
    value: float | None = None
    feedback: str | None = None
    policy: Usage = field(default_factory=Usage)
    value_usage: Usage = field(default_factory=Usage)
    error: str | None = None

    @classmethod
    def failed(cls, error: BaseException, policy: Usage | None = None, value: Usage | None = None) -> Outcome:
        """The outcome of a trial that raised."""
        return cls(policy=policy or Usage(), value_usage=value or Usage(), error=f"{type(error).__name__}: {error}")

    @property
    def late(self) -> bool:
        """Whether the trial was given up past a deadline; the node itself may be none the worse."""
        return self.error is not None and self.error.startswith(("RequestLate: ", "StepLate: "))

    def check(self, trial: Trial, value_range: tuple[float, float]) -> None:
        """Raises ValueError where something that the trial wanted is missing, or the value is out of range."""
        if self.error is not None:
            return
        where = f"the trial at node {trial.node} of task {trial.task.id!r}"
        if trial.wants_children and self.expansion is None:
            raise ValueError(f"{where} wants children; give expansion=trial.expand(texts)")
        if trial.wants_value and self.value is None:
            raise ValueError(f"{where} wants a value in [{value_range[0]:g}, {value_range[1]:g}]; give value=")
        if self.value is not None and not value_range[0] <= self.value <= value_range[1]:
            raise ValueError(f"{where} got value {self.value}; it must lie in [{value_range[0]:g}, {value_range[1]:g}]")


def evidence_of(shown: Observation) -> Evidence:
    """What a value model is asked about a state that shows this."""
    if shown.brief:
        return Evidence("", "", shown.question)
    return Evidence(shown.task, "\n".join(part for part in (shown.notes, shown.path) if part), shown.question)

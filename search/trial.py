"""What the engine hands out and what it gets back: one leaf to work on, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..domains.protocol import Domain, Observation, State, Task
from ..value_models.protocols import Evidence, Usage
from .errors import MissingPart
from .expansion import Expansion
from .faces import Face
from .ledger import Hold
from .legality import Lawful, Mask
from .live import LiveTree
from .operators import ADVICE, Operator, Request, advised
from .shown import Section, Source, with_sections
from .tree import Node


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
        sources: other nodes that the operator is shown, as they were when the leaf was selected.
        faces: questions about the leaf that the value model is asked; none stands for the domain's own.
        hints: nodes of the feedback channel: shown like sources, and no part of where the children come from.
        legal: which actions may follow which; None allows what the domain does.
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
    sources: tuple[Source, ...] = ()
    hints: tuple[Source, ...] = ()
    faces: tuple[Face, ...] = ()
    told: bool = False
    _state: State = None
    legal: Mask | None = None
    _observation: Observation | None = None
    _evidence: Evidence | None = None

    @property
    def parents(self) -> tuple[int, ...]:
        """Nodes beside the leaf that its children are made from."""
        return tuple(source.node for source in self.sources if source.node != self.node)

    @property
    def state(self) -> State:
        """The domain's state where work at the leaf starts, kept or had again by stepping along the path, once."""
        if self._state is None:
            self._state = self._had_again(self.live.tree.base(self.node))
        return self._state

    @property
    def observation(self) -> Observation:
        """What that state shows, the advice to follow from there, where the leaf is one, and the sources."""
        if self._observation is None:
            node = self.live.tree.nodes[self.node]
            shown = self.domain.observe(self.state)
            shown = advised(shown, node.text) if node.kind == ADVICE else shown
            sections = [self._section(source) for source in self._unseen()]
            sections += [self._hint(source, shown.notes) for source in self.hints]
            self._observation = self._unfolded(with_sections(shown, sections))
        return self._observation

    @property
    def request(self) -> Request:
        """What to ask of the policy: of the actions that a domain lists, the legal ones; with the state's pictures.

        Raises:
            MissingPart: the state has pictures, and actions are to be ranked, which reads text alone.
        """
        request = self.operator.request(self.observation, self.seed)
        if images := self.observation.images:
            if request.candidates:
                raise MissingPart(
                    f"domain {self.domain.name!r} shows pictures, and ranking its actions reads text alone: let the "
                    "model write them, by the domain (of the web: ranked=False) or by a recipe such as webpilot"
                )
            request = replace(request, prompt=replace(request.prompt, images=images))
        if self.legal is None or not request.candidates:
            return request
        allowed = self.legal.allowed(self._history, request.candidates)
        return replace(request, candidates=tuple(allowed))

    def prepare(self) -> None:
        """Has the domain show what the models will be asked about, which may take it a while."""
        _ = self.evidence if self.wants_value else self.observation

    @property
    def evidence(self) -> Evidence:
        """What to ask of the value model."""
        if self._evidence is None:
            self._evidence = self._judged()
        return self._evidence

    def _judged(self) -> Evidence:
        node = self.live.tree.nodes[self.node]
        whole = bool(self.faces)  # their questions do not show the state, as a domain's own may
        if node.acts:
            return evidence_of(self.observation, whole=whole)
        if node.answer is None:
            return evidence_of(with_sections(self.observation, [Section(node.kind, node.text)]), whole=whole)
        return evidence_of(self.domain.observe(self._had_again(self.node)), whole=whole)

    @property
    def evidences(self) -> tuple[Evidence, ...]:
        """What to ask of the value model, one piece a face."""
        evidence = self.evidence
        return tuple(replace(evidence, question=face.question) for face in self.faces) or (evidence,)

    def expand(self, texts: Sequence[str], logprobs: Sequence[float] | None = None) -> Expansion:
        """Makes the leaf's children of proposals, by its operator; see `treewright.search.expansion.expand`."""
        domain = self.domain if self.legal is None else Lawful(self.domain, self.legal, self._history)
        return self.operator.children(domain, self.state, texts, logprobs)

    @property
    def _history(self) -> list[str]:
        """The actions so far, as they were written."""
        return [node.text for node in self.live.tree.path(self.node)[1:] if node.acts]

    def _unseen(self) -> list[Source]:
        """The sources that the leaf's own state does not show."""
        base = self.live.tree.base(self.node)
        return [source for source in self.sources if source.node != base]

    def _hint(self, source: Source, known: str) -> Section:
        """What a source of the feedback channel adds to what the leaf's state shows."""
        node = self.live.tree.nodes[source.node]
        if node.id == self.node or not node.acts:
            return Section(node.kind, "" if node.acts else node.text, source.value, source.feedback)
        section = self._section(source)
        text = section.text.removeprefix(known) if known else section.text
        return replace(section, text=node.text if node.parent == self.node and text == self._written(node) else text)

    def _unfolded(self, shown: Observation) -> Observation:
        """What is shown, its path without what the last source that folds it stands for."""
        folds = [source.node for source in self.sources if source.folds]
        if not folds:
            return shown
        folded = self.domain.observe(self._had_again(self.live.tree.base(folds[-1]))).path
        return replace(shown, path=shown.path.removeprefix(folded))

    def _section(self, source: Source) -> Section:
        """A source as text: the notes of a state that keeps its attempt in notes, else what was written."""
        node = self.live.tree.nodes[source.node]
        notes = self.domain.observe(self._had_again(node.id)).notes if node.acts else ""
        text = notes or self._written(node)
        return Section(node.kind, text, source.value, source.feedback, source.parts, source.interval)

    def _written(self, node: Node) -> str:
        """What was written from where work on a node began, up to it."""
        if not node.acts:
            return node.text
        return "\n".join(above.text for above in self.live.tree.path(node.id)[1:] if above.acts)

    def _had_again(self, node: int) -> State:
        """The state that a node stands for; nodes that do not act are left out of the way to it."""
        kept = self.live.tree.nodes[node].state
        if kept is not None:
            return kept
        path = [above for above in self.live.tree.path(node) if above.acts or above.id == node]
        last = max((i for i, above in enumerate(path) if above.state is not None), default=0)
        state = self.domain.reset(self.task) if path[last].state is None else path[last].state
        for above in path[last + 1 :]:
            state = self._stepped(state, above)
        return state

    def _stepped(self, state: State, node: Node) -> State:
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
        parts: what the value was made of, by name.
        error: why the trial failed; the node is then shown as failed, and never selected by a descent again.
    """

    expansion: Expansion | None = None
    value: float | None = None
    feedback: str | None = None
    policy: Usage = field(default_factory=Usage)
    value_usage: Usage = field(default_factory=Usage)
    error: str | None = None
    parts: Mapping[str, float] = field(default_factory=dict)

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


def evidence_of(shown: Observation, *, whole: bool = False) -> Evidence:
    """What a value model is asked about a state that shows this; `whole` leaves the brief form aside."""
    if shown.brief and not whole:
        return Evidence("", "", shown.question, shown.kind)
    state = "\n".join(part for part in (shown.notes, shown.path) if part)
    return Evidence(shown.task, state, shown.question, shown.kind)

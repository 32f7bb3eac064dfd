"""Operators: how the children of a node are made from what its state shows."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Protocol

from ..domains.protocol import Domain, Format, Observation, State, Step
from ..value_models.protocols import Prompt, Sampling
from .errors import MissingPart
from .expansion import Child, Expansion, expand

ADVICE = "advice"
CHECKS = "checks"
REFLECTION = "reflection"
NOTES = frozenset({REFLECTION})  # kinds whose nodes are shown to others and never worked on themselves

_ADVICE_FORMAT = Format(("\n\n",), 240)
_CHECKS_FORMAT = Format(("```",), 320)
_NO_CHECKS = "none"
_ITEM = re.compile(r"^\s*(?:[-*•]|\(?[0-9]{1,2}[.):])?\s*(?P<text>.*\S)")


@dataclass(frozen=True, slots=True)
class Request:
    """What an operator asks of the policy for one leaf.

    Attributes:
        prompt: the prompt, its draw included.
        n: proposals to draw; 0 where `candidates` are ranked instead.
        candidates: the legal actions to rank, where the domain lists them.
        given: proposals for which no model need be asked.
    """

    prompt: Prompt
    n: int
    candidates: tuple[str, ...] = ()
    given: tuple[str, ...] = ()


class Operator(Protocol):
    """A way to make children.

    Attributes:
        name: the operator's name in the ledger.
        kind: of the nodes that it makes; `Recipe.after` says which operator works on them in turn.
        whole: whether each child is to be a whole solution.
    """

    name: ClassVar[str]

    @property
    def kind(self) -> str:
        """Of the nodes that it makes."""
        ...

    @property
    def whole(self) -> bool:
        """Whether each child is to be a whole solution."""
        ...

    @property
    def draws(self) -> bool:
        """Whether it needs a policy that draws text even where the domain lists its actions."""
        ...

    def request(self, observation: Observation, seed: int) -> Request:
        """The request for a leaf that shows `observation`; `seed` makes its draw repeatable."""
        ...

    def children(
        self, domain: Domain, state: State, texts: Sequence[str], logprobs: Sequence[float] | None
    ) -> Expansion:
        """The children that the policy's texts stand for at a leaf in `state`."""
        ...


@dataclass(frozen=True, slots=True)
class Propose:
    """Continues the path, or betters the attempt in the observation's notes: by one step, or by a whole solution.

    Where the domain lists the legal actions of a state, single steps are not drawn: all of them become children, and
    the policy ranks them.

    Attributes:
        name: the operator's name in the ledger.
        n: proposals drawn in one request.
        temperature: of the draw; 0 is greedy.
        whole: draw whole solutions rather than single steps.
        ranked: let the policy rank where the domain lists its actions; else it draws there too.
        instruction: what to do now, after the domain's own instruction on the form of an answer.
    """

    name: ClassVar[str] = "propose"
    kind: ClassVar[str] = "step"
    n: int = 4
    temperature: float = 0.8
    whole: bool = False
    ranked: bool = True
    instruction: str = ""

    @property
    def draws(self) -> bool:
        """Whether it draws even where the domain lists its actions."""
        return not self.ranked

    def __post_init__(self) -> None:
        check_draw(self.n, self.temperature)

    def request(self, observation: Observation, seed: int) -> Request:
        """The request for a leaf that shows `observation`; `seed` makes its draw repeatable."""
        extent = observation.solution if self.whole else observation.step
        sampling = sampling_of(extent, self.temperature, seed)
        system = " ".join(part for part in (observation.instruction, self.instruction) if part)
        full = Prompt(user_text(observation), system, observation.path, sampling)
        if observation.actions and self.ranked and not self.whole:
            brief = Prompt(observation.brief, self.instruction, sampling=sampling)
            return Request(brief if observation.brief else full, 0, observation.actions)
        return Request(full, self.n)

    def children(
        self, domain: Domain, state: State, texts: Sequence[str], logprobs: Sequence[float] | None
    ) -> Expansion:
        """Parses and steps each text; see `treewright.search.expansion.expand`."""
        return expand(domain, state, texts, logprobs, whole=self.whole)


@dataclass(frozen=True, slots=True)
class Advise:
    """Asks for a list of ways to go on, and makes each of them a child whose state is its parent's.

    Where the notes hold an attempt, the ways are to mend it; elsewhere they are strategies for the task. What is made
    below an advice node is asked to follow it. The policy decides how many there are, up to `width`; the list's order
    is the children's, and their priors are equal.

    Attributes:
        width: children of one node at most.
        temperature: of the draw; 0 is greedy.
    """

    name: ClassVar[str] = "advise"
    kind: ClassVar[str] = ADVICE
    whole: ClassVar[bool] = False
    draws: ClassVar[bool] = True
    width: int = 3
    temperature: float = 0.0

    def __post_init__(self) -> None:
        check_draw(self.width, self.temperature)

    def request(self, observation: Observation, seed: int) -> Request:
        """Asks for one list."""
        if observation.notes:
            system = f"Say what is wrong with the last attempt, as at most {self.width} different ways to mend it"
        else:
            system = f"Say at most {self.width} different strategies to solve the task"
        system += ", one a line, each in one short sentence. Write no solution."
        sampling = sampling_of(_ADVICE_FORMAT, self.temperature, seed)
        return Request(Prompt(user_text(observation), system, "1. ", sampling), 1)

    def children(
        self,
        domain: Domain,  # noqa: ARG002
        state: State,
        texts: Sequence[str],
        logprobs: Sequence[float] | None,  # noqa: ARG002
    ) -> Expansion:
        """One child a line of the texts, without its number or bullet."""
        lines = [found["text"] for text in texts for line in text.splitlines() if (found := _ITEM.match(line))]
        ways = list(dict.fromkeys(lines))[: self.width]
        made = [Child(way, (), Step(state, (ADVICE, way)), {way: 0.0}, prior=1 / len(ways), acts=False) for way in ways]
        return Expansion(tuple(made))


@dataclass(frozen=True, slots=True)
class WriteChecks:
    """Asks for visible checks of the model's own (AgentCoder, Huang et al. 2023), for domains that can use them.

    A domain's step says how many checks a text has added, as the measure "checks"; a text that adds none (a program in
    the place of assertions) is no child. Where no text adds any, work goes on without checks of the model's own, below
    one child that changes nothing and says so.

    Attributes:
        n: sets of checks drawn in one request, each a child of its own.
        temperature: of the draw; 0 is greedy.
        needed: make no child at all where no text adds any.
    """

    name: ClassVar[str] = "write_checks"
    kind: ClassVar[str] = CHECKS
    whole: ClassVar[bool] = False
    draws: ClassVar[bool] = True
    n: int = 1
    temperature: float = 0.8
    needed: bool = False

    def __post_init__(self) -> None:
        check_draw(self.n, self.temperature)

    def request(self, observation: Observation, seed: int) -> Request:
        """Asks for checks by the domain's instruction.

        Raises:
            MissingPart: the domain has no use for checks.
        """
        if not observation.checks:
            raise MissingPart("this recipe lets the model write checks, and the domain's observation asks for none")
        sampling = sampling_of(_CHECKS_FORMAT, self.temperature, seed)
        return Request(Prompt(observation.task, observation.checks, observation.path, sampling), self.n)

    def children(
        self, domain: Domain, state: State, texts: Sequence[str], logprobs: Sequence[float] | None
    ) -> Expansion:
        """Parses and steps each text; one that adds no checks is dropped as "no_checks"."""
        made = expand(domain, state, texts, logprobs)
        kept = tuple(child for child in made.children if child.step.measures.get(CHECKS, 0) > 0)
        share = math.fsum(child.prior for child in kept)
        for child in kept:
            child.prior /= share
        lost = sum(child.multiplicity for child in made.children) - sum(child.multiplicity for child in kept)
        if not kept and not self.needed:
            none = Step(state, (CHECKS, _NO_CHECKS))
            kept = (Child(_NO_CHECKS, (), none, {_NO_CHECKS: 0.0}, prior=1.0, acts=False),)
        return Expansion(kept, made.dropped + Counter(no_checks=lost))


def advised(shown: Observation, advice: str) -> Observation:
    """An observation with the advice to follow at the end of its notes."""
    notes = f"{shown.notes}\n\n" if shown.notes else ""
    return replace(shown, notes=f"{notes}Follow this advice: {advice}")


def user_text(shown: Observation) -> str:
    """What the user says: the task, and the notes."""
    return f"{shown.task}\n\n{shown.notes}" if shown.notes else shown.task


def sampling_of(extent: Format, temperature: float, seed: int) -> Sampling:
    """How a text of this extent is drawn."""
    return Sampling(extent.max_tokens, temperature, stop=extent.stop, seed=seed)


def check_draw(count: int, temperature: float) -> None:
    """Raises ValueError where these cannot be drawn by."""
    if count < 1:
        raise ValueError(f"n is the number of proposals a request and at least 1, not {count}")
    if not 0 <= temperature <= 2:
        raise ValueError(f"temperature lies in [0, 2], not {temperature}")

"""Operators for roles: whole attempts that may be worked on further, and texts about them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from ..domains.protocol import Domain, Observation, State
from ..domains.protocol import Step as DomainStep
from ..value_models.protocols import Prompt, Sampling
from .expansion import Child, Expansion, expand
from .operators import Request, check_draw, sampling_of, user_text


@dataclass(frozen=True, slots=True)
class Attempt:
    """Writes whole solutions, each from where the task stood; one that the domain ends can be worked on further.

    An end below full reward, or whose reward is open, becomes a node that does not act: it has its answer, and the
    reward, where there is one, as what the visible checks said. What is made below it starts where it started itself,
    and is shown it. Where the domain shows an attempt in its own notes (programs and their tests), that state is kept.

    Attributes:
        kind: of the nodes made.
        instruction: what to do, after the domain's own instruction on the form of an answer.
        n: attempts drawn in one request.
        temperature: of the draw; 0 is greedy.
        pool: instructions of which each request draws one, by its seed, and adds it.
    """

    name: ClassVar[str] = "attempt"
    draws: ClassVar[bool] = True
    whole: ClassVar[bool] = True
    kind: str = "attempt"
    instruction: str = ""
    n: int = 1
    temperature: float = 0.8
    pool: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_draw(self.n, self.temperature)

    def request(self, observation: Observation, seed: int) -> Request:
        """Asks for `n` solutions."""
        drawn = random.Random(seed).choice(self.pool) if self.pool else ""
        system = " ".join(part for part in (observation.instruction, self.instruction, drawn) if part)
        sampling = sampling_of(observation.solution, self.temperature, seed)
        return Request(Prompt(user_text(observation), system, observation.path, sampling), self.n)

    def children(
        self, domain: Domain, state: State, texts: Sequence[str], logprobs: Sequence[float] | None
    ) -> Expansion:
        """Parses and steps each text; one that comes to no answer is dropped as "unfinished"."""
        made = expand(domain, state, texts, logprobs, whole=True)
        return Expansion(tuple(_reopened(child) for child in made.children), made.dropped)


@dataclass(frozen=True, slots=True)
class Write:
    """Writes texts: plans, reviews, rankings, verdicts. The task stands where it stood.

    Attributes:
        kind: of the nodes made; the heading under which others are shown them.
        instruction: what to write.
        n: texts drawn in one request.
        temperature: of the draw; 0 is greedy.
        tokens: limit on one text.
        lead: how the text begins.
        lines: make a node of each line, this many at most; 0 makes one of the whole text.
    """

    name: ClassVar[str] = "write"
    draws: ClassVar[bool] = True
    whole: ClassVar[bool] = False
    kind: str
    instruction: str
    n: int = 1
    temperature: float = 0.8
    tokens: int = 240
    lead: str = ""
    lines: int = 0

    def __post_init__(self) -> None:
        check_draw(self.n, self.temperature)
        if self.tokens < 1 or self.lines < 0:
            raise ValueError(f"tokens is at least 1 and lines at least 0, not {self.tokens} and {self.lines}")

    def request(self, observation: Observation, seed: int) -> Request:
        """Asks for `n` texts about what the observation shows."""
        sampling = Sampling(self.tokens, self.temperature, stop=("\n\n\n",), seed=seed)
        return Request(Prompt(_so_far(observation), self.instruction, self.lead, sampling), self.n)

    def children(
        self,
        domain: Domain,  # noqa: ARG002
        state: State,
        texts: Sequence[str],
        logprobs: Sequence[float] | None,  # noqa: ARG002
    ) -> Expansion:
        """One child a text, or a line; equal ones are one, and empty ones are dropped as "empty"."""
        made = Expansion(())
        found: dict[str, Child] = {}
        for text in texts:
            parts = text.strip().splitlines() if self.lines else [text.strip()]
            kept = [part.strip() for part in parts if part.strip()][: self.lines or 1]
            made.dropped["empty"] += not kept
            for part in kept:
                if part in found:
                    found[part].multiplicity += 1
                else:
                    step = DomainStep(state, (self.kind, part))
                    found[part] = Child(part, (), step, {part: 0.0}, acts=False)
        for child in found.values():
            child.prior = child.multiplicity / sum(other.multiplicity for other in found.values())
        return Expansion(tuple(found.values()), +made.dropped)


@dataclass(frozen=True, slots=True)
class Take:
    """Takes given actions, each from the same state; no model is asked.

    Attributes:
        actions: as a policy would write them.
        kind: of the nodes made.
    """

    name: ClassVar[str] = "take"
    draws: ClassVar[bool] = False
    whole: ClassVar[bool] = False
    actions: tuple[str, ...]
    kind: str = "step"

    def request(self, observation: Observation, seed: int) -> Request:  # noqa: ARG002
        """The actions."""
        return Request(Prompt(""), 0, given=self.actions)

    def children(
        self, domain: Domain, state: State, texts: Sequence[str], logprobs: Sequence[float] | None
    ) -> Expansion:
        """Parses and steps each action."""
        return expand(domain, state, texts, logprobs)


def _reopened(child: Child) -> Child:
    """A child that may be worked on although the domain ended it."""
    step = child.step
    if not step.terminated or (step.reward is not None and step.reward >= 1.0):
        return child
    return replace(child, step=replace(step, terminated=False, reward=0.0, checked=step.reward), acts=False)


def _so_far(shown: Observation) -> str:
    """The task, its notes, and what of the answer is written already; an opened code fence alone is nothing yet."""
    written = shown.path.rstrip()
    opened = written.startswith("```") and "\n" not in written
    return user_text(shown) + (f"\n\nSo far:\n{written}" if written and not opened else "")

"""What a policy and a value model are: the two protocols that every model server, wrapper and fake speaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from .load import ServerLoad


@dataclass(frozen=True, slots=True)
class Usage:
    """What one answer cost, as the server counted it.

    Attributes:
        prompt_tokens: tokens read, the cached ones included.
        cached_tokens: the part of `prompt_tokens` that came from the server's prefix cache.
        completion_tokens: tokens generated.
        calls: requests answered.
    """

    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    calls: int = 0

    @property
    def tokens(self) -> int:
        """Prompt and completion tokens together: the number that a token budget counts."""
        return self.prompt_tokens + self.completion_tokens

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.cached_tokens + other.cached_tokens,
            self.completion_tokens + other.completion_tokens,
            self.calls + other.calls,
        )


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a proposal is drawn.

    Attributes:
        max_tokens: limit on the tokens of one proposal.
        temperature: 0 is greedy.
        top_p: nucleus mass in (0, 1].
        stop: strings that end a proposal; they are not part of its text.
        seed: makes the server's draws repeatable; None leaves them free.
    """

    max_tokens: int = 64
    temperature: float = 1.0
    top_p: float = 1.0
    stop: tuple[str, ...] = ()
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Prompt:
    """One request to a policy.

    Attributes:
        user: the task and what has happened, as the user says it.
        system: standing instructions.
        prefix: the answer so far; a proposal continues it.
        sampling: how to draw.
        images: pictures that go before the user's text, as data URLs.
    """

    user: str
    system: str = ""
    prefix: str = ""
    sampling: Sampling = field(default_factory=Sampling)
    images: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """One candidate continuation.

    Attributes:
        text: the continuation alone, without the prompt's prefix.
        tokens: its length in tokens.
        logprob: the sum of its tokens' natural-log probabilities, at most 0; NaN where the server gives none.
        finish: the server's finish reason: "stop", "length", ...
    """

    text: str
    tokens: int
    logprob: float
    finish: str


@dataclass(frozen=True, slots=True)
class Proposals:
    """A policy's answer to one prompt: n proposals and what they cost together."""

    items: tuple[Proposal, ...]
    usage: Usage
    model: str


@dataclass(frozen=True, slots=True)
class Ranking:
    """Log-probabilities of given candidates after one prompt, in their order, natural log."""

    logprobs: tuple[float, ...]
    usage: Usage
    model: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a value model judges.

    Attributes:
        task: the problem.
        state: what was reached in it.
        question: asked about them; Yes is the good answer.
        kind: what kind of action led here, where the domain says; judges may have a question and a scale for each.
    """

    task: str
    state: str
    question: str
    kind: str = ""

    @property
    def shown(self) -> str:
        """The text that shows the state: `state`, or the question, which holds it where a domain is brief."""
        return self.state if self.task or self.state else self.question


@dataclass(frozen=True, slots=True)
class Score:
    """A value model's answer about one state.

    Attributes:
        value: within the model's `value_range`.
        usage: what it cost.
        provenance: which model and method said so.
        uncertainty: standard deviation of `value`, where the model knows it.
        feedback: text for later proposals, where the model gives it.
        parts: what `value` was made of, or what was said beside it, by name: the steps of a process reward, the members
            of an ensemble, the metrics of a rubric, a judge's flags; empty where there are none.
    """

    value: float
    usage: Usage
    provenance: str
    uncertainty: float | None = None
    feedback: str | None = None
    parts: Mapping[str, float] = field(default_factory=dict)


@runtime_checkable
class Policy(Protocol):
    """Who proposes."""

    async def propose(self, prompts: Sequence[Prompt], n: int) -> list[Proposals]:
        """Draws n proposals for each prompt; one `Proposals` a prompt, in order.

        Raises:
            ModelError: the model could not answer (see treewright.value_models.errors).
        """
        ...


@runtime_checkable
class Ranker(Protocol):
    """A policy that can also say how likely given texts are; domains that enumerate their actions need it."""

    async def rank(self, prompts: Sequence[Prompt], candidates: Sequence[Sequence[str]]) -> list[Ranking]:
        """Log-probability of each candidate as the whole next text; one `Ranking` a prompt, in order.

        Raises:
            ModelError: the model could not answer.
        """
        ...


@runtime_checkable
class ValueModel(Protocol):
    """Who judges."""

    @property
    def value_range(self) -> tuple[float, float]:
        """Lowest and highest value that `score` can give; (0, 1) unless the model says otherwise."""
        ...

    @property
    def max_batch(self) -> int:
        """States that one request carries; callers gather up to so many. 1 where each state is a request of its own."""
        ...

    async def score(self, evidence: Sequence[Evidence]) -> list[Score]:
        """Scores each item; one `Score` an item, in order.

        Raises:
            ModelError: the model could not answer.
        """
        ...


@runtime_checkable
class Measured(Protocol):
    """A model whose server tells its load; a search then asks for no more than it can take."""

    async def load(self) -> ServerLoad | None:
        """What the server says of itself at this moment; None where it does not say.

        Raises:
            ModelError: the server could not answer.
        """
        ...

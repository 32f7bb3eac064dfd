"""Operators: how the children of a node are made from what its state shows."""

from __future__ import annotations

from dataclasses import dataclass

from ..domains.protocol import Observation
from ..value_models.protocols import Prompt, Sampling


@dataclass(frozen=True, slots=True)
class Request:
    """What an operator asks of the policy for one leaf.

    Attributes:
        prompt: the prompt, its draw included.
        n: proposals to draw; 0 where `candidates` are ranked instead.
        candidates: the legal actions to rank, where the domain lists them.
    """

    prompt: Prompt
    n: int
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Propose:
    """Continues the path: by one step, or by a whole solution.

    Where the domain lists the legal actions of a state, single steps are not drawn: all of them become children, and
    the policy ranks them.

    Attributes:
        n: proposals drawn in one request.
        temperature: of the draw; 0 is greedy.
        whole: draw whole solutions rather than single steps.
    """

    n: int = 4
    temperature: float = 0.8
    whole: bool = False

    def __post_init__(self) -> None:
        if self.n < 1:
            raise ValueError(f"n is the number of proposals a request and at least 1, not {self.n}")
        if not 0 <= self.temperature <= 2:
            raise ValueError(f"temperature lies in [0, 2], not {self.temperature}")

    def request(self, observation: Observation, seed: int) -> Request:
        """The request for a leaf that shows `observation`; `seed` makes its draw repeatable."""
        extent = observation.solution if self.whole else observation.step
        sampling = Sampling(extent.max_tokens, self.temperature, stop=extent.stop, seed=seed)
        full = Prompt(observation.task, observation.instruction, observation.path, sampling)
        if observation.actions and not self.whole:
            brief = Prompt(observation.brief, sampling=sampling)
            return Request(brief if observation.brief else full, 0, observation.actions)
        return Request(full, self.n)

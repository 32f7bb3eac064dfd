"""What a task may cost, and what it did cost."""

from __future__ import annotations

from dataclasses import dataclass, field

from pydantic import Field, model_validator

from ..value_models.protocols import Usage
from .strict import Strict


class Prices(Strict):
    """Dollars for one million tokens, policy and value model apart."""

    policy_prompt: float = Field(default=0.0, ge=0)
    policy_cached: float = Field(default=0.0, ge=0)
    policy_completion: float = Field(default=0.0, ge=0)
    value_prompt: float = Field(default=0.0, ge=0)
    value_cached: float = Field(default=0.0, ge=0)
    value_completion: float = Field(default=0.0, ge=0)

    def dollars(self, policy: Usage, value: Usage) -> float:
        """What these tokens cost; cached prompt tokens are charged at the cached price alone."""
        micro = (
            (policy.prompt_tokens - policy.cached_tokens) * self.policy_prompt
            + policy.cached_tokens * self.policy_cached
            + policy.completion_tokens * self.policy_completion
            + (value.prompt_tokens - value.cached_tokens) * self.value_prompt
            + value.cached_tokens * self.value_cached
            + value.completion_tokens * self.value_completion
        )
        return micro / 1e6

    def dearest(self, policy_tokens: float, value_tokens: float) -> float:
        """The most that this many tokens can cost, whatever kind they turn out to be."""
        policy = max(self.policy_prompt, self.policy_cached, self.policy_completion)
        value = max(self.value_prompt, self.value_cached, self.value_completion)
        return (policy_tokens * policy + value_tokens * value) / 1e6


class Budget(Strict):
    """Limits for one task; None is no limit, and at least one limit must be set.

    A request starts only where it fits beside those in flight (see `treewright.search.ledger`), so a limit is passed by
    one request at most. Requests in flight when a limit is met are finished and counted.

    Attributes:
        expansions: nodes expanded.
        policy_tokens: prompt and completion tokens of the policy.
        value_tokens: prompt and completion tokens of the value model.
        calls: requests to either model.
        seconds: wall-clock time since the task's first request.
        dollars: by `prices`.
        prices: the price table for `dollars`.
    """

    expansions: int | None = Field(default=None, ge=1)
    policy_tokens: int | None = Field(default=None, ge=1)
    value_tokens: int | None = Field(default=None, ge=1)
    calls: int | None = Field(default=None, ge=1)
    seconds: float | None = Field(default=None, gt=0)
    dollars: float | None = Field(default=None, gt=0)
    prices: Prices = Prices()

    @model_validator(mode="after")
    def _bounded(self) -> Budget:
        limits = ("expansions", "policy_tokens", "value_tokens", "calls", "seconds", "dollars")
        if all(getattr(self, name) is None for name in limits):
            raise ValueError(f"a budget without a limit never ends; set at least one of {', '.join(limits)}")
        if self.dollars is not None and self.prices == Prices():
            raise ValueError("a budget in dollars needs prices=Prices(...): all prices are 0")
        return self

    @property
    def counts_tokens(self) -> bool:
        """Whether a limit depends on the tokens that requests use."""
        return any(limit is not None for limit in (self.policy_tokens, self.value_tokens, self.dollars))

    @property
    def bounds_proposals(self) -> bool:
        """Whether a search that only proposes, and never asks the value model, comes to an end."""
        limits = [self.expansions, self.policy_tokens, self.calls, self.seconds]
        if self.prices.dearest(1, 0) > 0:
            limits.append(self.dollars)
        return any(limit is not None for limit in limits)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one task cost, as the models' servers counted it; `seconds` is wall-clock from its first request on."""

    expansions: int = 0
    policy: Usage = field(default_factory=Usage)
    value: Usage = field(default_factory=Usage)
    seconds: float = 0.0
    dollars: float = 0.0

    @property
    def policy_tokens(self) -> int:
        """Prompt and completion tokens of the policy."""
        return self.policy.tokens

    @property
    def value_tokens(self) -> int:
        """Prompt and completion tokens of the value model."""
        return self.value.tokens

    @property
    def calls(self) -> int:
        """Requests to either model."""
        return self.policy.calls + self.value.calls

    def __str__(self) -> str:
        return (
            f"{self.expansions} expansions, {self.policy_tokens} policy tokens, {self.value_tokens} value tokens, "
            f"{self.calls} calls, {self.seconds:.1f} s" + (f", ${self.dollars:.4f}" if self.dollars else "")
        )

"""Who may start: one task's spending against its budget, with what is in flight held in reserve."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import NamedTuple

from ..value_models.protocols import Usage
from .budget import Budget, Cost


class Hold(NamedTuple):
    """What one trial may use: an expansion or none, requests to the policy, requests to the value model."""

    expansions: int
    policy_calls: int
    value_calls: int


@dataclass(slots=True)
class Sizes:
    """The most tokens that one request was seen to use, on each side, over all tasks that share this."""

    policy: int | None = None
    value: int | None = None
    draw: int = 0

    def saw(self, trial: Hold, policy: Usage, value: Usage) -> None:
        """Notes what one trial used."""
        if trial.policy_calls:
            self.policy = max(self.policy or 0, policy.tokens)
        if trial.value_calls and (value.calls or value.tokens):
            self.value = max(self.value or 0, value.tokens)

    def draws(self, tokens: int) -> None:
        """Notes the most tokens that one request may draw: n proposals of `max_tokens` each."""
        self.draw = max(self.draw, tokens)

    @property
    def next_policy(self) -> float:
        """Tokens to hold for a policy request: twice the largest seen, and at least that and a full draw."""
        return math.inf if self.policy is None else self.policy + max(self.policy, self.draw)

    @property
    def next_value(self) -> float:
        """Tokens to hold for a value request: twice the largest seen."""
        return math.inf if self.value is None else 2 * self.value


# What of a trial a limit counts, in the order in which limits are named.
_USES: dict[str, Callable[[Hold], int]] = {
    "expansions": lambda trial: trial.expansions,
    "policy_tokens": lambda trial: trial.policy_calls,
    "value_tokens": lambda trial: trial.value_calls,
    "calls": lambda _: 1,
    "seconds": lambda _: 1,
    "dollars": lambda _: 1,
}


class Ledger:
    """One task's spending.

    `admits` lets a trial start when what is spent, what is in flight and the trial itself stay within every limit, each
    request held at twice the most that one was seen to use and at least at its full draw. When nothing is in flight it
    lets one start as long as no limit is met. So a budget is used up before a search stops for it, and a limit is
    passed by one trial at most, unless prompts grow more than twofold while several are in flight.

    Attributes:
        sizes: how large requests were seen to be, by this task or by all that share them.
    """

    def __init__(self, budget: Budget, sizes: Sizes, clock: Callable[[], float] = monotonic) -> None:
        self._budget = budget
        self.sizes = sizes
        self._clock = clock
        self._started: float | None = None
        self._ended: float | None = None
        self._in_flight = 0
        self._held = Hold(0, 0, 0)
        self._expansions = 0
        self._policy = Usage()
        self._value = Usage()
        self._limits = [(name, limit) for name in _USES if (limit := getattr(budget, name)) is not None]

    @property
    def in_flight(self) -> int:
        """Trials started and not settled."""
        return self._in_flight

    def admits(self, trial: Hold, spare: int = 0) -> bool:
        """Whether a trial may start now, and leave as much as `spare` expansions may use."""
        if self.met(trial, spare) is not None:
            return False
        if self._in_flight == 0:
            return True
        kept = Hold(spare, spare, 0)
        budget, held = self._budget, _sum(_sum(self._held, trial, 1), kept, 1)
        if trial.expansions and self._expansions + held.expansions > (budget.expansions or math.inf):
            return False
        if self._spent("calls") + held.policy_calls + held.value_calls > (budget.calls or math.inf):
            return False
        return self._tokens_admit(trial, held)

    def start(self, trial: Hold) -> None:
        """Puts a trial in flight; the first one starts the task's clock."""
        if self._started is None:
            self._started = self._clock()
        self._in_flight += 1
        self._held = _sum(self._held, trial, 1)

    def settle(self, trial: Hold, policy: Usage, value: Usage) -> None:
        """Takes a trial out of flight and books what it used."""
        self._in_flight -= 1
        self._held = _sum(self._held, trial, -1)
        self._expansions += trial.expansions
        self._policy += policy
        self._value += value
        self.sizes.saw(trial, policy, value)

    def met(self, trial: Hold, spare: int = 0) -> str | None:
        """The first limit, by its name in `Budget`, that is met and that the trial would pass; None if there is none.

        What `spare` expansions may use counts as spent.

        A trial that only scores does not pass a limit on expansions or policy tokens, so the children of the last
        expansion are still scored.
        """
        for name, limit in self._limits:
            if _USES[name](trial) and self._spent(name) + spare * self._price(name) >= limit:
                return name
        return None

    def close(self) -> None:
        """Stops the task's clock."""
        if self._ended is None:
            self._ended = self._clock()

    def cost(self) -> Cost:
        """What the task has cost so far."""
        end = self._clock() if self._ended is None else self._ended
        return Cost(
            expansions=self._expansions,
            policy=self._policy,
            value=self._value,
            seconds=0.0 if self._started is None else end - self._started,
            dollars=self._budget.prices.dollars(self._policy, self._value),
        )

    def _spent(self, name: str) -> float:
        """What counts against one limit so far."""
        if name == "expansions":
            return self._expansions
        if name == "calls":
            return self._policy.calls + self._value.calls
        spent: float = getattr(self.cost(), name)
        return spent

    def _price(self, name: str) -> float:
        """What one expansion of those kept back may use of a limit, as far as it is known."""
        if name in ("expansions", "calls"):
            return 1
        return float(self.sizes.policy or 0) if name == "policy_tokens" else 0.0

    def _tokens_admit(self, trial: Hold, held: Hold) -> bool:
        budget = self._budget
        bounds_policy = budget.policy_tokens is not None and trial.policy_calls > 0
        bounds_value = budget.value_tokens is not None and trial.value_calls > 0
        if not (bounds_policy or bounds_value or budget.dollars is not None):
            return True
        cost = self.cost()
        # Without end before the first request was seen, so that this one goes alone.
        policy = held.policy_calls * self.sizes.next_policy if held.policy_calls else 0.0
        value = held.value_calls * self.sizes.next_value if held.value_calls else 0.0
        if bounds_policy and cost.policy_tokens + policy > (budget.policy_tokens or 0):
            return False
        if bounds_value and cost.value_tokens + value > (budget.value_tokens or 0):
            return False
        return budget.dollars is None or cost.dollars + budget.prices.dearest(policy, value) <= budget.dollars


def _sum(held: Hold, trial: Hold, sign: int) -> Hold:
    return Hold(
        held.expansions + sign * trial.expansions,
        held.policy_calls + sign * trial.policy_calls,
        held.value_calls + sign * trial.value_calls,
    )

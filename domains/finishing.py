"""Values that a domain gives itself: by its visible checks of a state as it is, or of how a policy finishes it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from statistics import fmean, stdev
from typing import Literal

from ..value_models.concurrency import together
from ..value_models.errors import BadAnswer
from ..value_models.identity import identity
from ..value_models.protocols import Evidence, Policy, Prompt, Sampling, Score, Usage
from .protocol import BadProposal, Domain, State, Step, Task


class Verifier:
    """Values a state by the domain's visible checks: the reward of an end, or `Step.checked`; costs no tokens.

    The state is had by playing its text from the start, so it takes a domain whose path, as `observe` shows it, is an
    answer that `parse` reads. A state on which the checks say nothing gets `otherwise`.

    Args:
        domain: the one that is searched, or another one of the same settings.
        otherwise: in [0, 1].
    """

    value_range = (0.0, 1.0)
    max_batch = 64

    def __init__(self, domain: Domain, otherwise: float = 0.5) -> None:
        if not 0.0 <= otherwise <= 1.0:
            raise ValueError(f"otherwise is a value in [0, 1], not {otherwise}")
        self._domain = domain
        self._otherwise = otherwise
        self.identity = f"verifier {domain.name} {otherwise}"

    async def score(self, evidence: Sequence[Evidence]) -> list[Score]:
        """Plays each state, in a thread.

        Raises:
            BadAnswer: a state's text is none that the domain could have shown.
        """
        return await asyncio.to_thread(lambda: [self._score(item) for item in evidence])

    def _score(self, item: Evidence) -> Score:
        worth, start = self._otherwise, _start(self._domain, item)
        if item.state.strip():
            try:
                told = _worth(_played(self._domain, start, item.state))
            except BadProposal as error:
                raise BadAnswer(f"{self._domain.name} cannot play the state {item.state[:80]!r}: {error}") from error
            worth = self._otherwise if told is None else told
        return Score(worth, Usage(), f"verifier of {self._domain.name}")


class PolicyRollouts:
    """Values a state by how a policy finishes it, drawn `count` times in one request.

    By "checks" the value is the mean worth of the ends by the domain's visible checks; an end without a worth, such as
    one that is no answer, counts 0, and its uncertainty is the standard error of the mean. By "agreement" it is the
    share of the draws that come to the commonest answer (self-consistency, Wang et al. 2023), which needs no checks.

    Args:
        domain: the one that is searched; its path, as `observe` shows it, must begin an answer that `parse` reads.
        policy: finishes.
        count: draws a state, at least 1.
        by: "checks" or "agreement".
        temperature: of the draws.
        seed: another seed gives other draws.
    """

    value_range = (0.0, 1.0)
    max_batch = 1

    def __init__(
        self,
        domain: Domain,
        policy: Policy,
        count: int = 8,
        by: Literal["checks", "agreement"] = "checks",
        *,
        temperature: float = 0.8,
        seed: int = 0,
    ) -> None:
        if by not in ("checks", "agreement"):
            raise ValueError(f"Unknown way to value draws {by!r}. Available: 'checks', 'agreement'.")
        if count < 1:
            raise ValueError(f"count is a number of draws and at least 1, not {count}")
        self._domain, self._policy = domain, policy
        self._count, self._by = count, by
        self._temperature, self._seed = temperature, seed

    async def identity(self) -> str | None:
        """Who finishes, and how; None where the policy does not say who it is."""
        policy = await identity(self._policy)
        how = f"{self._count} {self._by} {self._temperature} {self._seed}"
        return None if policy is None else f"rollouts of {policy} in {self._domain.name}, {how}"

    async def score(self, evidence: Sequence[Evidence]) -> list[Score]:
        """Finishes each state, one request a state.

        Raises:
            BadAnswer: the evidence does not show the task.
            ModelError: the policy could not answer.
        """
        return await together([self._score_one(item) for item in evidence])

    async def _score_one(self, item: Evidence) -> Score:
        start = _start(self._domain, item)
        shown = self._domain.observe(start)
        extent = shown.solution
        sampling = Sampling(extent.max_tokens, self._temperature, stop=extent.stop, seed=self._seed)
        (drawn,) = await self._policy.propose(
            [Prompt(shown.task, shown.instruction, item.state, sampling)], self._count
        )
        texts = [f"{item.state}{proposal.text}" for proposal in drawn.items]
        ends = await asyncio.to_thread(lambda: [_end(self._domain, start, text) for text in texts])
        provenance = f"{drawn.model} rollouts by {self._by}"
        if self._by == "agreement":
            answers = Counter(step.answer for step in ends if step is not None and step.answer is not None)
            commonest = answers.most_common(1)
            return Score(commonest[0][1] / len(ends) if commonest else 0.0, drawn.usage, provenance)
        worths = [0.0 if step is None else _worth(step) or 0.0 for step in ends]
        spread = stdev(worths) / len(worths) ** 0.5 if len(worths) > 1 else None
        return Score(fmean(worths), drawn.usage, provenance, spread)


def _start(domain: Domain, item: Evidence) -> State:
    if not item.task:
        raise BadAnswer(
            f"{domain.name} shows its states in brief, without task and path: they cannot be played from their evidence"
        )
    return domain.reset(Task("evidence", item.task))


def _played(domain: Domain, state: State, text: str) -> Step:
    actions = domain.parse(state, text)
    step: Step | None = None
    for action in actions:
        step = domain.step(state, action)
        state = step.state
        if step.terminated or step.truncated:
            break
    if step is None:
        raise BadProposal("empty", f"no action in {text!r}")
    return step


def _end(domain: Domain, state: State, text: str) -> Step | None:
    """Where a finished text ends; None where the domain cannot read it."""
    try:
        return _played(domain, state, text)
    except BadProposal:
        return None


def _worth(step: Step) -> float | None:
    if step.terminated and step.reward is not None:
        return step.reward
    return step.checked

"""From proposals to children: parse, step, merge duplicates, turn log-probabilities into priors."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..domains.protocol import BadProposal, Domain, State, Step


@dataclass(slots=True)
class Child:
    """A new state that one or more proposals led to; `prior` is its probability among its siblings.

    A child that does not act (advice, a review, an attempt that is to be worked on further) leaves the task where it
    stood: what is made below it starts from the state of the nearest node above that acts. `recalled` are the keys of
    the remembered cases that its maker was shown.
    """

    text: str
    actions: tuple[Any, ...]
    step: Step
    logprobs: dict[str, float]
    multiplicity: int = 1
    prior: float = 0.0
    acts: bool = True
    recalled: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Equal for two children exactly when they are one state, also across processes."""
        key = self.step.key
        return key if isinstance(key, str) else repr(key)


@dataclass(frozen=True, slots=True)
class Expansion:
    """The children of one leaf, and how many proposals were dropped for which reason."""

    children: tuple[Child, ...]
    dropped: Counter[str] = field(default_factory=Counter)


def expand(
    domain: Domain,
    state: State,
    texts: Sequence[str],
    logprobs: Sequence[float] | None = None,
    *,
    whole: bool = False,
) -> Expansion:
    """Parses and steps proposals, all from the same state.

    Proposals that lead to one state (equal `Step.key`) become one child with their number as `multiplicity`. Its prior
    is its share of the probability, prior(i) = p(i) / sum_j p(j) with p(i) the sum of exp(logprob) over its distinct
    texts; where the policy gave no log-probabilities (or NaN, or -inf for all), p(i) is the multiplicity.

    Args:
        domain: parses and steps; `state` is left as it was.
        state: the leaf's state.
        texts: the proposals.
        logprobs: natural-log probabilities of `texts`, or None.
        whole: a proposal must end the task or come to an answer, else it is dropped as "unfinished".

    Raises:
        ValueError: `logprobs` is not as long as `texts`, or one of them is +inf.
    """
    if logprobs is not None and math.inf in logprobs:
        raise ValueError("a log-probability is +inf; they are at most 0")
    if logprobs is None:
        logprobs = [math.nan] * len(texts)
    if len(logprobs) != len(texts):
        raise ValueError(f"{len(texts)} proposals came with {len(logprobs)} log-probabilities; give one for each")
    children: dict[Hashable, Child] = {}
    dropped: Counter[str] = Counter()
    for text, logprob in zip(texts, logprobs, strict=True):
        try:
            actions, step = _play(domain, state, text)
        except BadProposal as error:
            dropped[error.reason] += 1
            continue
        if whole and not (step.terminated or step.truncated or step.answer is not None):
            dropped["unfinished"] += 1
            continue
        known = children.get(step.key)
        if known is None:
            children[step.key] = Child(text, actions, step, {text: logprob})
        else:
            known.multiplicity += 1
            known.logprobs[text] = logprob
            dropped["duplicate"] += 1
    _set_priors(list(children.values()), ranked=not any(math.isnan(logprob) for logprob in logprobs))
    return Expansion(tuple(children.values()), dropped)


def _play(domain: Domain, state: State, text: str) -> tuple[tuple[Any, ...], Step]:
    actions = tuple(domain.parse(state, text))
    if not actions:
        raise BadProposal("format", f"no action in {text!r}")
    for position, action in enumerate(actions):
        step = domain.step(state, action)
        if step.terminated or step.truncated:
            return actions[: position + 1], step
        state = step.state
    return actions, step


def _set_priors(children: Sequence[Child], *, ranked: bool) -> None:
    weights = [_log_weight(child) for child in children]
    if not ranked or max(weights, default=0.0) == -math.inf:
        weights = [math.log(child.multiplicity) for child in children]
    highest = max(weights, default=0.0)
    masses = [math.exp(weight - highest) for weight in weights]
    total = sum(masses)
    for child, mass in zip(children, masses, strict=True):
        child.prior = mass / total


def _log_weight(child: Child) -> float:
    logprobs = child.logprobs.values()
    highest = max(logprobs)
    if highest == -math.inf:
        return highest
    return highest + math.log(sum(math.exp(logprob - highest) for logprob in logprobs))

"""Several value models that score the same states."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal

from ..concurrency import together
from ..protocols import Evidence, Score, Usage, ValueModel
from .wrapper import within


class Ensemble:
    """Asks every member at once; value = weighted mean, or the least, of theirs; `parts` has each member's value.

    With weights w that sum to 1 the mean is m = sum w v and the uncertainty sqrt(sum w (v - m)^2): how far the members
    are apart. The feedback is that of the member of the highest weight that gives any. A member that fails, fails the
    ensemble.

    Args:
        members: by name; all of one range.
        how: "mean" or "min".
        weights: by name, at least 0 and not all 0; equal ones by default. `weights_of` makes them of measured trust.

    Raises:
        ValueError: no members, different ranges, or weights of other names.
    """

    def __init__(
        self,
        members: Mapping[str, ValueModel],
        how: Literal["mean", "min"] = "mean",
        weights: Mapping[str, float] | None = None,
    ) -> None:
        if how not in ("mean", "min"):
            raise ValueError(f"Unknown way to join values {how!r}. Available: 'mean', 'min'.")
        ranges = {model.value_range for model in members.values()}
        if len(ranges) != 1:
            raise ValueError(f"the members' ranges are {sorted(ranges)}; an ensemble needs members, all of one range")
        weights = dict.fromkeys(members, 1.0) if weights is None else dict(weights)
        if weights.keys() != members.keys() or min(weights.values()) < 0 or not sum(weights.values()) > 0:
            raise ValueError(f"weights {weights} do not fit the members {', '.join(members)}: one each, at least 0")
        self._members = dict(members)
        self._how = how
        total = sum(weights.values())
        self._weights = {name: weights[name] / total for name in members}
        self.value_range = ranges.pop()
        self.max_batch = min(model.max_batch for model in members.values())

    async def identity(self) -> str | None:
        """Who this is; None where a member does not say."""
        return await within(f"{self._how} {sorted(self._weights.items())}", *self._members.values())

    async def score(self, evidence: Sequence[Evidence]) -> list[Score]:
        """Scores each item by all members.

        Raises:
            ModelError: a member could not answer.
        """
        told = await together([model.score(evidence) for model in self._members.values()])
        return [self._joined(dict(zip(self._members, row, strict=True))) for row in zip(*told, strict=True)]

    def _joined(self, scores: Mapping[str, Score]) -> Score:
        weights = self._weights
        mean = math.fsum(weights[name] * score.value for name, score in scores.items())
        spread = math.sqrt(math.fsum(weights[name] * (score.value - mean) ** 2 for name, score in scores.items()))
        least = min(score.value for name, score in scores.items() if weights[name] > 0)
        told = [name for name in sorted(scores, key=lambda name: -weights[name]) if scores[name].feedback]
        return Score(
            least if self._how == "min" else mean,
            sum((score.usage for score in scores.values()), Usage()),
            f"{self._how} of {', '.join(scores)}",
            spread,
            scores[told[0]].feedback if told else None,
            {name: score.value for name, score in scores.items()},
        )


def weights_of(trust: Mapping[str, float], executable: Sequence[str] = (), share: float = 0.75) -> dict[str, float]:
    """Weights of members by their measured AUROC a: max(0, 2a - 1), which is 0 for a coin and 1 for a perfect one.

    Evidence that was executed stands above text: its members have at least `share` of the whole weight between them,
    however much text there is. Of {"tests": 0.6, "judge": 0.9} they are 0.2 and 0.8; with executable=["tests"] 0.75 and
    0.25.

    Args:
        trust: AUROC by member, as `treewright trust` measures it.
        executable: members whose values come from running something: verifiers, rollouts.
        share: of those together, at least, in (0, 1].

    Raises:
        ValueError: a name that is no member's, a share that is none, or no member better than a coin.
    """
    if not 0.0 < share <= 1.0:
        raise ValueError(f"share is a part of the whole weight, in (0, 1], not {share}")
    if unknown := [name for name in executable if name not in trust]:
        raise ValueError(f"{unknown} are no members; there are {', '.join(trust)}")
    weights = {name: max(0.0, 2.0 * auroc - 1.0) for name, auroc in trust.items()}
    if not sum(weights.values()) > 0:
        raise ValueError(f"no member is better than a coin: {dict(trust)}")
    run = sum(weights[name] for name in set(executable))
    said = sum(weights.values()) - run
    if run > 0 and said > 0:
        share = max(share, run / (run + said))
        return {name: w * (share / run if name in executable else (1 - share) / said) for name, w in weights.items()}
    return weights

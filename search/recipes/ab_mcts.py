"""AB-MCTS: a new answer or a better one of those that are there, by Thompson sampling."""

from __future__ import annotations

from typing import Literal

from ...mcts import AdaptiveBranching
from ..operators import Propose
from ..recipe import Recipe
from ..selection import Descent


def ab_mcts(
    posterior: Literal["gaussian", "beta"] = "gaussian",
    temperature: float = 0.6,
    leaves: int = 1,
    max_depth: int = 32,
) -> Recipe:
    """Adaptive branching Monte Carlo tree search with aggregation, AB-MCTS-A (Inoue et al. 2025).

    For: code, math.

    At each node on the way down two arms are drawn from the posteriors of their returns: making a new child, whose
    evidence is the first value of each child, and going deeper, whose evidence is all else that was seen below. Where
    the new child wins, one proposal is drawn there; else the descent goes on to the child with the highest draw of its
    own. Every new child is scored and backed up by mean.

    In a domain whose attempts follow each other (code), a child of the root is a fresh answer and a deeper one the
    repair of the answer above; in a domain of steps it is a step.

    Reported: ahead of repeated sampling and of standard MCTS on coding and engineering tasks with frontier models
    (abstract).

    Not here: the mixed model AB-MCTS-M, which fits a posterior by sampling at each node.

    Args:
        posterior: "gaussian" (paper: normal-inverse-gamma) or "beta" (paper: for scores in [0, 1]).
        temperature: of the draws (ours; no source was found).
        leaves: leaves of one tree in flight at once (ours; above 1 the draws know nothing of each other's values).
        max_depth: steps after which a path is cut (ours).
    """
    return Recipe(
        name="ab_mcts",
        operator=Propose(1, temperature, ranked=False),
        selection=Descent(AdaptiveBranching(posterior)),
        evaluate="children",
        leaves=leaves,
        max_depth=max_depth,
    )

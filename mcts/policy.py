"""What a finished search says about its root: the line it believes in, and a better policy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .errors import InvalidInput
from .family import Family
from .records import Snapshot
from .rules.gumbel import improved_logits, softmax


def principal_variation(snapshot: Snapshot) -> NDArray[np.int32]:
    """The node ids [L] from the root on along the most visited child, until no child has a completed visit.

    Of equally visited children the one of higher Q, then the first. A link goes on at the node that it stands for;
    the link's own id is the one listed.

    Raises:
        InvalidInput: a parent or a target that is the node of no row, or links that lead in a circle.
    """
    family = Family(snapshot)
    path = [0]
    while True:
        children = family.children(int(family.target[path[-1]]))
        visits, q = snapshot.visits[children], snapshot.q[children]
        if not visits.any():
            return snapshot.node[path]
        path.append(int(children[np.lexsort((-q, -visits))[0]]))
        if len(path) > len(snapshot.node):
            raise InvalidInput(f"the links of the snapshot lead in a circle through node {snapshot.node[path[-1]]}")


def improved_policy(
    snapshot: Snapshot,
    c_visit: float = 50.0,
    c_scale: float = 1.0,
    value_range: tuple[float, float] = (0.0, 1.0),
) -> NDArray[np.float32]:
    """A policy that is better than the prior, for the A actions of the root (Danihelka et al. 2022, with completed Q).

    pi'(a) = softmax(ln P(a) + (c_visit + max N) * c_scale * completed(a)), with
    completed(a) = Q(a) where N(a) > 0, else v_mix;
    v_mix = (v + sum of N / sum of pi(a) where N(a) > 0 * sum of pi(a) Q(a) where N(a) > 0) / (1 + sum of N), v alone
    while N or that pi is 0; pi = P / sum of P; N completed visits; v the value last given at the root, its Q if none.
    Q and v are first scaled from the value range to [0, 1]. With the default range nothing is scaled: this is then the
    policy that the rule `Gumbel` aims at below the root.

    Args:
        snapshot: of the tree.
        c_visit: as in `Gumbel`.
        c_scale: as in `Gumbel`.
        value_range: (low, high), what Q lies in.

    Returns:
        float32 [A], in child order; it sums to 1. Empty where the root has no children.

    Raises:
        InvalidInput: low is not below high, or a parent or a target is the node of no row.
    """
    low, high = value_range
    if not low < high:
        raise InvalidInput(f"value_range is {value_range}: expected (low, high) with low < high")
    children = Family(snapshot).children(0)
    if not len(children):
        return np.empty(0, np.float32)
    own = float(snapshot.q[0] if np.isnan(snapshot.raw[0]) else snapshot.raw[0])
    q = ((snapshot.q[children].astype(np.float64) - low) / (high - low)).astype(np.float32)
    value = (own - low) / (high - low)
    logits = improved_logits(snapshot.prior[children], q, snapshot.visits[children], value, c_visit, c_scale)
    return np.array(softmax(logits), np.float32)

"""What a rule is shown: columns of a node's children."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from ..rules.view import Children, NodeView
from .nodes import Node
from .shown import Shown


def view_of(node: Node, eligible: list[int], shown: Shown, key: int, tree_key: int) -> NodeView:
    """The view of a node with children, of which those at the `eligible` positions may be chosen."""
    everyone = _columns(node.children, shown)
    chosen = np.array(eligible, np.intp)
    columns = {field.name: getattr(everyone, field.name)[chosen] for field in fields(Children)}
    return NodeView(
        **columns,
        everyone=everyone,
        parent_started=node.started,
        parent_visits=node.visits,
        parent_in_flight=node.in_flight,
        parent_q=shown.q(node),
        parent_raw=shown.normalised(node.raw),
        depth=node.depth,
        is_root=node.parent is None,
        key=key,
        tree_key=tree_key,
        low=shown.low,
        high=shown.high,
        width=shown.width,
        middle=shown.middle,
        discount=shown.discount,
    )


def _columns(children: list[Node], shown: Shown) -> Children:
    return Children(
        index=np.arange(len(children), dtype=np.int32),
        q=np.array([shown.q(child) for child in children], np.float32),
        prior=np.array([child.prior for child in children], np.float32),
        reward=np.array([child.reward for child in children], np.float32),
        started=np.array([child.started for child in children], np.int32),
        visits=np.array([child.visits for child in children], np.int32),
        in_flight=np.array([child.in_flight for child in children], np.int32),
        raw=np.array([child.raw for child in children], np.float32),
        mean=np.array([child.mean for child in children], np.float32),
        max=np.array([child.max for child in children], np.float32),
        m2=np.array([child.m2 for child in children], np.float32),
        variance=np.array([shown.variance(child) for child in children], np.float32),
    )

"""Nodes as the kernel of a custom rule sees them, made by hand, and what it should make of them, restated."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from compiled_rules import compiled
from numpy.typing import NDArray

from treewright.mcts.fields import EXHAUSTED, PLACE, RETURNS, RULE_NODE, SLOT
from treewright.mcts.hashing import splitmix64, uniform

KERNEL = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p)


@dataclass
class Node:
    """The columns of the children, and the record that points to them."""

    slots: NDArray[np.void]
    returns: NDArray[np.void]
    places: NDArray[np.void]
    shown: NDArray[np.float32] | None
    record: NDArray[np.void]

    def pick(self, function: Callable[..., float]) -> int:
        return KERNEL(compiled(function).address)(self.record.ctypes.data)

    def best(self) -> float:
        return float(self.record["best"][0])

    def open(self) -> list[int]:
        skip = bool(self.record["skip"][0])
        return [i for i, flags in enumerate(self.places["flags"]) if not (skip and flags & EXHAUSTED)]

    def given(self, i: int) -> dict[str, Any]:
        """What a rule is given for child i, by name."""
        node, slot, returns = self.record[0], self.slots[i], self.returns[i]
        visits = int(slot["started"]) - int(slot["in_flight"])
        q = float(slot["q"] if self.shown is None else self.shown[i])
        level = splitmix64(int(node["key"]) ^ (i + 2**32))

        def known(number: np.float32) -> float:
            return q if visits == 0 or np.isnan(number) else float(number)

        parent_q = float(node["parent_q"])
        return {
            "q": q,
            "visits": visits,
            "in_flight": int(slot["in_flight"]),
            "started": int(slot["started"]),
            "prior": float(slot["prior"]),
            "reward": float(slot["reward"]),
            "raw": known(returns["raw"]),
            "mean": known(returns["mean"]),
            "best": known(returns["max"]),
            "variance": float(returns["m2"] / np.float32(visits) / node["range_squared"]) if visits else 0.0,
            "index": i,
            "uniform": uniform(splitmix64(level)),
            "children": len(self.slots),
            "parent_visits": int(node["parent_started"]) - int(node["parent_in_flight"]),
            "parent_in_flight": int(node["parent_in_flight"]),
            "parent_started": int(node["parent_started"]),
            "parent_q": parent_q,
            "parent_raw": parent_q if np.isnan(node["parent_raw"]) else float(node["parent_raw"]),
            "depth": int(node["depth"]),
        }

    def scores(self, function: Callable[..., float]) -> list[np.float32]:
        rule = compiled(function)
        return [np.float32(rule(*(self.given(i)[name] for name in rule.names))) for i in range(len(self.slots))]

    def expected(self, function: Callable[..., float]) -> int:
        """What `pick` should answer."""
        scores = self.scores(function)
        for i in self.open():
            if np.isnan(scores[i]):
                return -1 - i
        if not self.open():
            return len(self.slots)
        best = max(scores[i] for i in self.open())
        equal = [i for i in self.open() if scores[i] == best]
        if not self.record["random_ties"][0]:
            return equal[0]
        return max(equal, key=lambda i: splitmix64(int(self.record["key"][0]) ^ i))


def node(count: int, seed: int = 0, *, shown: bool = False, **fields: Any) -> Node:
    """A node of random numbers, few of them different; `fields` are those of its record."""
    draw = np.random.default_rng(seed)
    slots, returns, places = np.zeros(count, SLOT), np.zeros(count, RETURNS), np.zeros(count, PLACE)
    for column, names in ((slots, ("prior", "q", "reward")), (returns, ("raw", "mean", "max", "m2"))):
        for name in names:
            column[name] = draw.integers(0, 9, count) / 8
    returns["raw"][draw.random(count) < 0.2] = np.nan
    slots["in_flight"] = draw.integers(0, 3, count)
    slots["started"] = slots["in_flight"] + draw.integers(0, 6, count)
    places["flags"] = draw.choice([0, 1, 4, 5], count, p=[0.5, 0.1, 0.3, 0.1])
    # The bytes that are no concern of the kernel's.
    slots["first"], slots["parent"], slots["count"], slots["node"], places["held"] = -1, 7, 65_535, -3, 4
    q = (draw.integers(0, 9, count) / 8).astype(np.float32) if shown else None
    record = np.zeros(1, RULE_NODE)
    record["children"], record["returns"], record["places"] = (each.ctypes.data for each in (slots, returns, places))
    record["q"] = 0 if q is None else q.ctypes.data
    record["count"], record["parent_started"], record["parent_in_flight"], record["depth"] = count, 40, 3, 5
    record["parent_q"], record["parent_raw"], record["range_squared"], record["key"] = 0.375, np.nan, 1, 2**63 + seed
    for name, value in fields.items():
        record[name] = value
    return Node(slots, returns, places, q, record)

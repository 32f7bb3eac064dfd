"""The one table of the forest's fields: NumPy reads it, and the native core refuses to load if its structs differ.

Sizes: a slot is 32 bytes, its returns 16, its place 12, its share of the table of ids 4: 64 bytes in all.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

# A tree's node, as selection reads it. Siblings lie side by side; a slot moves when its group of siblings does.
SLOT: Final[np.dtype[Any]] = np.dtype(
    [
        ("prior", np.float32),  # the policy's probability of the action among its siblings, >= 0
        ("q", np.float32),  # what selection reads: mean or max of the returns, before the first one the urgency
        ("started", np.int32),  # visits begun = completed + in flight
        ("first", np.int32),  # slot of the first child, or LEAF, or PENDING
        ("parent", np.int32),  # slot of the parent, or NO_PARENT
        ("count", np.uint16),  # children
        ("in_flight", np.uint16),  # visits begun and not yet backed up or cancelled
        ("node", np.int32),  # the stable id, or FREE where no node lives: no other field has a meaning there
        ("reward", np.float32),  # paid by the edge into this node
    ]
)

# What backup writes beside the slot; without meaning before the first completed visit.
RETURNS: Final[np.dtype[Any]] = np.dtype(
    [
        ("raw", np.float32),  # last value given at this very node, NaN if none
        ("mean", np.float32),  # mean of the returns of the edge into this node, its reward included
        ("max", np.float32),  # highest of them
        ("m2", np.float32),  # sum of their squared deviations from the mean; 0 until the second
    ]
)

# What does not change as visits come in, the flags apart.
PLACE: Final[np.dtype[Any]] = np.dtype(
    [
        ("tree", np.int32),  # tree id
        ("depth", np.uint16),  # edges to the root
        ("capacity", np.uint16),  # children that fit before their group must move
        ("flags", np.uint8),  # bits, below
    ],
    align=True,
)

# By node id, not by slot: where the node is now; negative while the id is free.
SLOT_OF: Final[np.dtype[Any]] = np.dtype(np.int32)

LEAF: Final = -1
PENDING: Final = -2
NO_PARENT: Final = -1
FREE: Final = -1

TERMINAL: Final = 1
PROVEN: Final = 2
EXHAUSTED: Final = 4

MAX_CHILDREN: Final = 65_535
MAX_DEPTH: Final = 65_535
MAX_IN_FLIGHT: Final = 65_535
MAX_STARTED: Final = 2**31 - 1
MAX_SLOTS: Final = 2**31 - 2
# Largest prior, reward, bound of a value range and exploration constant. The largest second moment is then
# (65,536 edges * 1e9)^2 * 2^31 visits = 9.2e36, below float32's 3.4e38: no statistic can overflow.
MAX_MAGNITUDE: Final = 1e9

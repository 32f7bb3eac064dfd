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
        ("first", np.int32),  # slot of the first child, LEAF, PENDING, or LINK_BASE - node id of what a link stands for
        ("parent", np.int32),  # slot of the parent, or NO_PARENT
        ("count", np.uint16),  # children
        ("in_flight", np.uint16),  # visits begun and not yet backed up or cancelled
        ("node", np.int32),  # the stable id; negative where no node lives: no other field has a meaning there
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
        ("held", np.uint16),  # tickets out on this very node
        ("flags", np.uint8),  # bits, below
    ],
    align=True,
)

# What the compiled kernel of a custom rule is shown of a node: csrc/fields.hpp's RuleNode.
RULE_NODE: Final[np.dtype[Any]] = np.dtype(
    [
        ("children", np.uint64),  # address of the slots of the children
        ("returns", np.uint64),  # of their returns
        ("places", np.uint64),  # of their places
        ("q", np.uint64),  # of their shown Q, float32; 0 where it is that of the slots
        ("count", np.int32),  # children
        ("parent_started", np.int32),
        ("parent_in_flight", np.int32),
        ("depth", np.int32),  # of the node
        ("parent_q", np.float32),  # shown
        ("parent_raw", np.float32),  # shown; NaN if none was ever given
        ("range_squared", np.float32),  # by which a variance is divided
        ("skip", np.uint8),  # whether exhausted children are left out
        ("random_ties", np.uint8),
        ("key", np.uint64),  # of the draws at the node
        ("best", np.float32),  # out: the highest score
    ],
    align=True,
)

# By node id (without the bits that name its thread's arena), not by slot: where the node is now.
SLOT_OF: Final[np.dtype[Any]] = np.dtype(np.int32)

LEAF: Final = -1
PENDING: Final = -2
LINK_BASE: Final = -4
NO_PARENT: Final = -1

TERMINAL: Final = 1  # declared terminal when it was made
PROVEN: Final = 2  # its value is known for certain: Q will not change
EXHAUSTED: Final = 4  # nothing below it is left to visit
COMPLETE: Final = 8  # it gets no further children
LINK: Final = 16  # stands for another node of the same tree, which has the children

MAX_CHILDREN: Final = 65_535
MAX_DEPTH: Final = 65_535
MAX_IN_FLIGHT: Final = 65_535
MAX_THREADS: Final = 256
MAX_STARTED: Final = 2**31 - 1
MAX_SLOTS: Final = 2**31 - 8
# Largest prior, reward, bound of a value range and exploration constant. The largest second moment is then
# (65,536 edges * 1e9)^2 * 2^31 visits = 9.2e36, below float32's 3.4e38: no statistic can overflow.
MAX_MAGNITUDE: Final = 1e9

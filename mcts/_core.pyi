"""The native forest."""

from typing import SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .records import Leaves, RootStats, Snapshot
from .rules import Rule
from .settings import Backup, InFlight, Settings, Ties

class Forest:
    """Many search trees in one arena.

    Every call takes whole batches, checks all of its arguments before it changes anything, and releases the GIL. A call
    from a second thread waits until the first has returned; the arrays that a call was given must not change meanwhile.

    Ids: a *tree* and a *node* are integers that stay the same until the tree is released; then they are used again,
    last in, first out. A *ticket* is a reserved visit to a node; it is good for one backup or cancel. Errors are those
    of treewright.mcts.errors.
    """

    settings: Settings

    def __init__(
        self,
        *,
        rule: Rule | None = None,
        backup: Backup = "mean",
        in_flight: InFlight = "wu_uct",
        discount: float = 1.0,
        value_range: tuple[float, float] = (0.0, 1.0),
        skip_exhausted: bool = True,
        ties: Ties = "lowest",
        seed: int = 0,
        capacity: int = 1024,
    ) -> None:
        """An empty forest; `Settings` says what each argument means. Without a rule it is PUCT().

        Raises:
            InvalidInput, LimitExceeded: a setting out of its range.
            MemoryError: `capacity` slots cannot be had.
        """

    def new_trees(self, count: SupportsIndex) -> NDArray[np.int32]:
        """Opens `count` trees, each of one unvisited root with Q in the middle of the value range; tree ids [count].

        Raises:
            InvalidInput: a negative count.
            LimitExceeded, MemoryError: the arena cannot grow that far.
        """

    def release(self, trees: ArrayLike) -> None:
        """Closes trees [T] and frees their nodes and ids; tickets still out on them are stale from then on.

        Raises:
            ClosedTree: a tree that is not open.
            InvalidInput: a tree given twice.
        """

    def root(self, tree: SupportsIndex) -> int:
        """The node id of a tree's root.

        Raises:
            ClosedTree: the tree is not open.
        """

    def children(self, node: SupportsIndex) -> NDArray[np.int32]:
        """The node ids of a node's children, in the order in which they were added.

        Raises:
            UnknownNode: no open tree has the node.
        """

    def select_batch(self, trees: ArrayLike, leaves: SupportsIndex = 1) -> Leaves:
        """`leaves` descents, one after the other, in each of the trees [B]; reserves and returns the leaves they reach.

        A descent goes from the root to a childless node, at each node to the child of the highest score. Every node on
        its way is charged a visit in flight. A descent that ends on a node where a ticket is out already has collided:
        it gives no row, and its charge lasts until the call ends. A tree whose root is exhausted gives no rows, unless
        `skip_exhausted` is off. Rows are ordered by tree as given, then by descent, and no row of a tree depends on
        which other trees are in the call.

        Raises:
            ClosedTree: a tree that is not open.
            InvalidInput: a tree given twice, or `leaves` below 1.
            LimitExceeded: a root would have more than 65,535 visits in flight.
        """

    def reserve_batch(self, nodes: ArrayLike) -> NDArray[np.int64]:
        """Reserves one visit at each of the nodes [M] without a descent; tickets [M].

        The visit is charged up to the root as if a descent had ended there. A node may hold several tickets.

        Raises:
            UnknownNode: no open tree has the node.
            LimitExceeded: a root would have more than 65,535 visits in flight.
        """

    def expand_batch(
        self,
        tickets: ArrayLike,
        counts: ArrayLike,
        priors: ArrayLike,
        rewards: ArrayLike | None = None,
        terminal: ArrayLike | None = None,
        urgency: ArrayLike | None = None,
    ) -> NDArray[np.int32]:
        """Appends `counts[i]` children under the node of `tickets[i]`, for all i; the new node ids [S].

        tickets, counts: [M]; the others [S], S = sum(counts), row after row. The tickets stay out. A node that has
        children already is widened. `counts[i] == 0` on a childless node declares a dead end: the node is exhausted at
        once. New children under an exhausted node reopen it and all above it.

        Args:
            tickets: of the nodes to expand.
            counts: children to append, at least 0.
            priors: probability of each child among its siblings, in [0, 1e9]; they need not sum to 1.
            rewards: paid by the edge into each child, at most 1e9 in magnitude; 0 by default.
            terminal: whether each child ends the task; False by default.
            urgency: the Q that each child shows until its first completed visit, within the value range. By default
                its parent's Q if that has a completed visit, else the middle of the range.

        Raises:
            StaleTicket, DuplicateTicket: a ticket that is not out, or given twice.
            TerminalNode: a ticket of a terminal node.
            InvalidInput: lengths that do not fit, or a number out of its range.
            LimitExceeded: more than 65,535 children, or a depth beyond 65,535, or 2^31 - 2 slots.
            MemoryError: the arena cannot grow.
        """

    def backup_batch(self, tickets: ArrayLike, values: ArrayLike) -> None:
        """Consumes the tickets [M] in order and spreads their values [M], each within the value range.

        With g = value, at the ticket's node and then each node above it: g = reward + discount * g; one more visit is
        completed and one fewer in flight; g joins the node's mean, maximum and second moment; Q becomes the mean, or
        with backup="max" the maximum. So Q of a node is the return of the edge into it, that edge's reward included.
        A terminal node is then exhausted, and so is every node above whose children all are.

        Raises:
            StaleTicket, DuplicateTicket: a ticket that is not out, or given twice.
            InvalidInput: lengths that do not fit, or a value that is NaN or outside the value range.
        """

    def cancel_batch(self, tickets: ArrayLike) -> None:
        """Gives the reservations [M] back: the charges along their paths are undone.

        Raises:
            StaleTicket, DuplicateTicket: a ticket that is not out, or given twice.
        """

    def exhaust_batch(self, tickets: ArrayLike) -> None:
        """Gives the reservations [M] back like `cancel_batch`, and closes their nodes: each is exhausted.

        For nodes whose evaluation failed. A node that has children which are not exhausted stays open.

        Raises:
            StaleTicket, DuplicateTicket: a ticket that is not out, or given twice.
        """

    def root_stats(self, tree: SupportsIndex) -> RootStats:
        """Visits, Q, prior, ... of a root's children, and the root's own.

        Raises:
            ClosedTree: the tree is not open.
        """

    def snapshot(self, tree: SupportsIndex) -> Snapshot:
        """Every field of every node of a tree, copied, breadth first.

        Raises:
            ClosedTree: the tree is not open.
        """

    @property
    def trees_open(self) -> int:
        """Trees opened and not released."""

    @property
    def tickets_out(self) -> int:
        """Tickets neither consumed nor cancelled."""

    @property
    def slots_used(self) -> int:
        """Slots ever handed out to a group of siblings, free ones included: the length of the views."""

    @property
    def slots_capacity(self) -> int:
        """Slots that fit before the arena must grow."""

    @property
    def bytes(self) -> int:
        """Memory held by the arena and its tables."""

    # Views: read-only, without a copy, one element a slot; treewright.mcts.fields has the fields. A view shows the
    # arena as it changes, until the arena grows; then it keeps showing the last state before that: its memory stays.

    @property
    def slots(self) -> NDArray[np.void]:
        """View of the slots, dtype `fields.SLOT`; where `node` is -1 nothing else has a meaning."""

    @property
    def returns(self) -> NDArray[np.void]:
        """View of the returns, dtype `fields.RETURNS`; without meaning before a node's first completed visit."""

    @property
    def places(self) -> NDArray[np.void]:
        """View of each slot's tree, depth, capacity and flags, dtype `fields.PLACE`."""

    @property
    def slot_of(self) -> NDArray[np.int32]:
        """View by node id, not by slot: the slot of each node; negative where the id is free."""

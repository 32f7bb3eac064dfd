"""The native forest."""

import builtins
from os import PathLike
from typing import Final, Literal, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .backups import Backup
from .records import Leaves, RootStats, Snapshot
from .rules import Rule
from .settings import InFlight, Settings, Ties
from .widening import Widening

SIMD: Final[Literal["scalar", "avx2", "avx512"]]
"""Which instructions UCT and PUCT use here: the widest that the machine has, or fewer if TREEWRIGHT_SIMD says so."""

class Forest:
    """Many search trees in one arena.

    Every call takes whole batches, checks all of its arguments before it changes anything, and releases the GIL. A call
    from a second thread waits until the first has returned; the arrays that a call was given must not change meanwhile.

    Ids: a *tree* and a *node* are integers that stay the same until the tree is released or `reroot` gives the node
    back; then they are used again. Tree ids count from 0, the last one given back first; node ids have gaps, and are
    below `arenas` times the slots of the largest arena. A *ticket* is a reserved visit to a node; it is good for one
    backup or cancel. Errors are those of treewright.mcts.errors. Fork a process only while no call is running.
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
        widening: Widening | None = None,
        solver: bool = False,
        normalise: bool = False,
        transpositions: bool = False,
        threads: int = 1,
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

    def reroot(self, tree: SupportsIndex, node: SupportsIndex) -> None:
        """Makes a node (of a link: its target) the root of its tree, and gives back all that cannot be reached from it.

        What stays keeps ids and statistics, and moves together in memory. The new root's reward is taken out of its
        statistics; depths count from it. Tickets of nodes that are given back are stale; the others lose the part of
        their path above the new root.

        Raises:
            ClosedTree, UnknownNode: no such tree or node.
            InvalidInput: a node of another tree.
            LimitExceeded, MemoryError: no room to move to.
        """

    def add_tree(self, snapshot: Snapshot) -> int:
        """A new tree equal to a snapshot, of this or another forest; its id. Node ids are new, in the same order.

        Raises:
            InvalidInput: a row that this forest cannot hold; visits in flight, for one.
            LimitExceeded, MemoryError: the arena cannot grow that far.
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

    def target(self, nodes: ArrayLike) -> NDArray[np.int32]:
        """What each of the nodes [M] stands for: the target of a link, any other node itself; node ids [M].

        Raises:
            UnknownNode: no open tree has the node.
        """

    def batch(self, trees: ArrayLike, leaves: SupportsIndex = 1, width: SupportsIndex = 8) -> Batch:
        """Buffers for a tight loop over the trees [B]: `leaves` rows a tree, at most `width` children a row.

        Raises:
            InvalidInput: `leaves` or `width` below 1.
        """

    def select_batch(self, trees: ArrayLike, leaves: SupportsIndex = 1) -> Leaves:
        """`leaves` descents, one after the other, in each of the trees [B]; reserves and returns the leaves they reach.

        A descent goes from the root to a childless node, at each node to the child that the rule picks; or it ends at a
        node with children where the rule or `widening` asks for a new one (the row's `expanded`). BestFirst and
        SoftmaxMix(scope="tree") go straight to a node. Every node on the way is charged a visit in flight. A descent
        that ends on a childless node where a ticket is out already has collided: it gives no row, and its charge lasts
        until the call ends. A tree whose root is exhausted gives no rows, unless
        `skip_exhausted` is off. Rows are ordered by tree as given, then by descent, and no row of a tree depends on
        which other trees are in the call.

        Raises:
            ClosedTree: a tree that is not open.
            InvalidInput: a tree given twice, or `leaves` below 1.
            LimitExceeded: a root would have more than 65,535 visits in flight.
            RuleError: a custom rule returned NaN; every charge is taken back.
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
        hashes: ArrayLike | None = None,
    ) -> NDArray[np.int32]:
        """Appends `counts[i]` children under the node of `tickets[i]`, for all i; the new node ids [S].

        tickets, counts: [M]; the others [S], S = sum(counts), row after row. The tickets stay out. A node that has
        children already is widened. `counts[i] == 0` says that the node gets no (more) children: a childless one is
        exhausted at once. New children under an exhausted node reopen it and all above it.

        Args:
            tickets: of the nodes to expand.
            counts: children to append, at least 0.
            priors: probability of each child among its siblings, in [0, 1e9]; they need not sum to 1.
            rewards: paid by the edge into each child, at most 1e9 in magnitude; 0 by default.
            terminal: whether each child ends the task; False by default.
            urgency: the Q that each child shows until its first completed visit, within the value range. By default
                its parent's Q if that has a completed visit, else the middle of the range.
            hashes: uint64, of each child's state; 0 for none. With transpositions, a child whose hash the tree knows
                from a node deeper than the child's parent becomes a link to that node: it shares its Q and has no
                children of its own.

        Raises:
            StaleTicket, DuplicateTicket: a ticket that is not out, or given twice.
            TerminalNode: a ticket of a terminal node.
            InvalidInput: lengths that do not fit, or a number out of its range.
            LimitExceeded: more than 65,535 children, or a depth beyond 65,535, or 2^31 - 8 slots.
            MemoryError: the arena cannot grow.
        """

    def backup_batch(self, tickets: ArrayLike, values: ArrayLike) -> None:
        """Consumes the tickets [M] in order and spreads their values [M], each within the value range.

        With g = value, at the ticket's node and then each node above it: g = reward + discount * g; one more visit is
        completed and one fewer in flight; g joins the node's mean, maximum and second moment; Q becomes the mean, or
        what else `backup` says. So Q of a node is the return of the edge into it, that edge's reward included.
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
        """Gives the reservations [M] back like `cancel_batch`, and closes their nodes: they get no (more) children.

        For nodes whose evaluation failed. A childless node is exhausted; one with children is when they all are.

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
        """Slots in the chunks of all trees, open or released; of one arena, the length of its views."""

    @property
    def slots_capacity(self) -> int:
        """Slots that fit before the arena must grow."""

    @property
    def bytes(self) -> int:
        """Memory held by the arena and its tables."""

    def save(self, directory: str | PathLike[str]) -> None:
        """Writes the forest, tickets that are out included, to a directory: new, or that of a saved forest.

        Raises:
            InvalidInput: the directory holds something else.
            OSError: it cannot be written.
        """

    @staticmethod
    def load(directory: str | PathLike[str], *, mmap: bool = False, rule: Rule | None = None) -> Forest:
        """The forest that was saved to a directory.

        Args:
            directory: as given to `save`.
            mmap: map the columns instead of reading them: opened at once, read as they are used, without the check of
                their checksums. Changes stay in this process; the files are never written. They must stay as they are.
            rule: in place of the saved one; a custom rule must be given again.

        Raises:
            SavedForestError: no saved forest there, or a damaged one, or one of another format.
            InvalidInput: it was saved with a custom rule, and none is given.
        """

    @property
    def arenas(self) -> int:
        """Arenas of the forest: a power of two, at least `threads`. Tree t is in arena t % arenas."""

    # Views of an arena: read-only, without a copy, one element a slot; treewright.mcts.fields has the fields. A view
    # shows the arena as it changes, until the arena grows; then it keeps showing the last state before that: its memory
    # stays. `first` and `parent` are slots of the same arena.

    def slots(self, arena: int = 0) -> NDArray[np.void]:
        """View of the slots, dtype `fields.SLOT`; where `node` is negative nothing else has a meaning."""

    def returns(self, arena: int = 0) -> NDArray[np.void]:
        """View of the returns, dtype `fields.RETURNS`; without meaning before a node's first completed visit."""

    def places(self, arena: int = 0) -> NDArray[np.void]:
        """View of each slot's tree, depth, capacity, tickets and flags, dtype `fields.PLACE`."""

    def slot_of(self, arena: int = 0) -> NDArray[np.int32]:
        """View by node id // arenas, not by slot: the slot of each node."""

    def _write(self, paths: list[str]) -> tuple[builtins.bytes, list[int]]: ...
    def _restore(self, tables: builtins.bytes, paths: list[str], capacities: list[int], mapped: bool) -> None: ...

class Batch:
    """The buffers of a loop over the same trees: select, let the caller write its answers, expand and back up.

    R = trees * leaves rows; rows of tree i begin at i * leaves. The arrays are made once and stay the same objects:
    nothing is copied or converted on the way.

    A call checks all rows before it changes anything; it raises what the call of `Forest` does that it stands for. One
    ticket that was consumed elsewhere refuses them all: write -1 to its row to go on without it. Tickets must be of
    their rows' trees.

    Attributes:
        trees: int32 [B].
        ticket: int64 [R], of the visit that the row has selected; -1 where it has none.
        node, depth: int32 [R].
        terminal, expanded: bool [R]; as in `Leaves`.
        counts: int32 [R], written by the caller: children to append, 0 for no (more) children, -1 (as it is at first)
            for no expansion at all.
        priors, rewards: float32 [R, width], written by the caller; the first `counts[r]` of row r are read.
        ends: bool [R, width], written by the caller: whether each child ends the task.
        values: float32 [R], written by the caller.
        children: int32 [R, width], node ids of the children made last.
    """

    forest: Forest
    trees: NDArray[np.int32]
    ticket: NDArray[np.int64]
    node: NDArray[np.int32]
    depth: NDArray[np.int32]
    terminal: NDArray[np.bool_]
    expanded: NDArray[np.bool_]
    counts: NDArray[np.int32]
    priors: NDArray[np.float32]
    rewards: NDArray[np.float32]
    ends: NDArray[np.bool_]
    values: NDArray[np.float32]
    children: NDArray[np.int32]

    def select(self) -> int:
        """`Forest.select_batch` on the rows; answers how many have a ticket.

        Tickets that are still in the rows are forgotten, not given back.
        """

    def expand(self) -> None:
        """`Forest.expand_batch` on the rows that have a ticket and a count of at least 0."""

    def backup(self) -> None:
        """`Forest.backup_batch` on the rows that have a ticket, which they lose."""

    def step(self) -> int:
        """`expand`, `backup` and `select` in one call; answers how many rows have a ticket.

        Raises:
            RuleError: a custom rule returned NaN in the selection; the expansion and the backup stay done.
        """

"""The forest in plain Python and NumPy: the oracle that the native one is compared with, field by field.

Clear before fast. Every call means what `Forest`'s does (see there), with the same float32 arithmetic in the same
order; node ids and tickets are other numbers. The arena is absent (no slots, no views, no byte counts), and so are
`save`, `load` and `batch`; `threads` changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import SupportsIndex, Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .arguments import column, identifier, integer
from .errors import (
    ClosedTree,
    DuplicateTicket,
    InvalidInput,
    LimitExceeded,
    RuleError,
    StaleTicket,
    TerminalNode,
    UnknownNode,
)
from .fields import (
    MAX_CHILDREN,
    MAX_DEPTH,
    MAX_IN_FLIGHT,
    MAX_MAGNITUDE,
    MAX_SLOTS,
    MAX_STARTED,
)
from .hashing import new_salt
from .oracle import (
    Exhaustion,
    Ids,
    Node,
    Returns,
    Selection,
    Ticket,
    Tree,
    breadth_first,
    join,
    make_root,
    note_hash,
    regrow,
)
from .records import Leaves, RootStats, Snapshot
from .rules import PUCT, Rule
from .settings import Options, Settings
from .snapshots import checked

_GENERATIONS = 1 << 31


class ReferenceForest:
    """Same calls, same answers and same errors as `Forest`, in plain Python."""

    def __init__(self, *, rule: Rule | None = None, **options: Unpack[Options]) -> None:
        """An empty forest; `Settings` says what each option means. Without a rule it is PUCT()."""
        self.settings = Settings(rule=PUCT() if rule is None else rule, **options)
        self._low, self._high = (np.float32(bound) for bound in self.settings.value_range)
        self._middle = np.float32(0.5) * (self._low + self._high)
        self._returns = Returns(self.settings)
        self._exhaustion = Exhaustion(self.settings, self._returns)
        self._nodes: dict[int, Node] = {}
        self._trees: dict[int, Tree] = {}
        self._tickets: dict[int, Ticket] = {}
        self._node_ids, self._tree_ids, self._ticket_ids = Ids(), Ids(), Ids()
        self._tree_generation: dict[int, int] = {}
        self._ticket_generation: dict[int, int] = {}
        self._salt = new_salt()

    @property
    def trees_open(self) -> int:
        """Trees opened and not released."""
        return len(self._trees)

    @property
    def tickets_out(self) -> int:
        """Tickets neither consumed nor cancelled."""
        return len(self._tickets)

    # Trees

    def new_trees(self, count: SupportsIndex) -> NDArray[np.int32]:
        """Opens `count` trees of one unvisited root each."""
        ids = []
        for _ in range(integer("count", count, 0, MAX_SLOTS // 2)):
            id_ = self._tree_ids.take()
            root = self._new_node(id_, None, np.float32(1), np.float32(0), self._middle)
            self._trees[id_] = Tree(root, self._tree_generation.setdefault(id_, 0))
            self._trees[id_].push(root)
            ids.append(id_)
        return np.array(ids, np.int32)

    def add_tree(self, snapshot: Snapshot) -> int:
        """Opens a tree that is equal to a snapshot; see `Forest.add_tree`."""
        rows = checked(snapshot, self.settings)
        id_ = self._tree_ids.take()
        generation = self._tree_generation.setdefault(id_, 0)
        self._trees[id_] = regrow(rows, generation, lambda *edge: self._new_node(id_, *edge))
        return id_

    def release(self, trees: ArrayLike) -> None:
        """Closes trees; see `Forest.release`."""
        ids = self._open_trees(column("trees", trees, np.int32))
        late = [ticket for ticket, visit in self._tickets.items() if visit.end.tree in ids]
        for ticket in late:
            self._consume(ticket)
        for id_ in ids:
            self._forget(breadth_first(self._trees.pop(id_).root))
            self._tree_generation[id_] += 1
            self._tree_ids.give_back(id_)

    def reroot(self, tree: SupportsIndex, node: SupportsIndex) -> None:
        """Makes a node the root of its tree; see `Forest.reroot`."""
        grown = self._tree(tree)
        root = self._node(node).real
        if root.tree != grown.root.tree:
            raise InvalidInput(f"node is {node}: it is of another tree than {tree}")
        out = {id_: ticket for id_, ticket in self._tickets.items() if ticket.end.tree == root.tree}
        self._forget(make_root(grown, root, list(out.values())))
        for id_, ticket in out.items():
            if ticket.end.id not in self._nodes:
                self._consume(id_)

    def root(self, tree: SupportsIndex) -> int:
        """The node id of a tree's root."""
        return self._tree(tree).root.id

    def children(self, node: SupportsIndex) -> NDArray[np.int32]:
        """The node ids of a node's children, in order."""
        return np.array([child.id for child in self._node(node).children], np.int32)

    def target(self, nodes: ArrayLike) -> NDArray[np.int32]:
        """The nodes themselves, or what links stand for; see `Forest.target`."""
        return np.array([node.real.id for node in self._known_nodes(nodes)], np.int32)

    # Select

    def select_batch(self, trees: ArrayLike, leaves: SupportsIndex = 1) -> Leaves:
        """`leaves` descents in each tree; see `Forest.select_batch`."""
        given = column("trees", trees, np.int32)
        count = integer("leaves", leaves, 1, MAX_IN_FLIGHT)
        ids = self._open_trees(given)
        for index, id_ in enumerate(ids):
            root = self._trees[id_].root
            if not (self.settings.skip_exhausted and root.exhausted):
                _check_room(f"trees[{index}] is {id_}", root, count)
        selection = Selection(self.settings)
        try:
            for id_ in ids:
                selection.select(self._trees[id_], count)
        except RuleError:
            selection.undo()
            raise
        taken = selection.settle()
        ends = [ticket.end for ticket in taken]
        return Leaves(
            ticket=np.array([self._issue(ticket) for ticket in taken], np.int64),
            tree=np.array([node.tree for node in ends], np.int32),
            node=np.array([node.id for node in ends], np.int32),
            depth=np.array([node.depth for node in ends], np.int32),
            terminal=np.array([node.terminal for node in ends], np.bool_),
            expanded=np.array([bool(node.children) for node in ends], np.bool_),
        )

    def reserve_batch(self, nodes: ArrayLike) -> NDArray[np.int64]:
        """One visit reserved at each node, without a descent; see `Forest.reserve_batch`."""
        reserved = self._known_nodes(nodes)
        wanted: dict[int, int] = {}
        for index, node in enumerate(reserved):
            wanted[node.tree] = wanted.get(node.tree, 0) + 1
            _check_room(f"nodes[{index}] is {node.id}", self._trees[node.tree].root, wanted[node.tree])
        tickets = [Ticket(node.real, [] if node.target is None else [node]) for node in reserved]
        for ticket in tickets:
            ticket.charge(1)
            ticket.end.held += 1
        return np.array([self._issue(ticket) for ticket in tickets], np.int64)

    # Expand

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
        """Appends children under the tickets' nodes; see `Forest.expand_batch`."""
        ticket = column("tickets", tickets, np.int64)
        count = column("counts", counts, np.int32, len(ticket))
        total = int(count.clip(0).sum(dtype=np.int64))
        prior = column("priors", priors, np.float32, total)
        reward = np.zeros(total, np.float32) if rewards is None else column("rewards", rewards, np.float32, total)
        ends = np.zeros(total, np.bool_) if terminal is None else column("terminal", terminal, np.bool_, total)
        given = None if urgency is None else column("urgency", urgency, np.float32, total)
        states = np.zeros(total, np.uint64) if hashes is None else column("hashes", hashes, np.uint64, total)
        self._check_parents(ticket, count)
        for index in range(total):
            _check_magnitude("priors", index, prior[index], 0.0, MAX_MAGNITUDE)
            _check_magnitude("rewards", index, reward[index], -MAX_MAGNITUDE, MAX_MAGNITUDE)
            if given is not None:
                _check_magnitude("urgency", index, given[index], self._low, self._high)
        made: list[Node] = []
        for id_, children in zip(ticket.tolist(), count.tolist(), strict=True):
            parent = self._tickets[id_].end
            tree = self._trees[parent.tree]
            if children == 0:
                self._exhaustion.complete(tree, parent)
                continue
            begin = len(made)
            first_play = parent.q if parent.visits else self._middle
            for index in range(begin, begin + children):
                q = first_play if given is None else given[index]
                child = self._new_node(parent.tree, parent, prior[index], reward[index], q)
                child.terminal = bool(ends[index])
                self._append(tree, parent, child, int(states[index]))
                made.append(child)
            self._exhaustion.reopen(tree, parent, made[begin:])
        return np.array([node.id for node in made], np.int32)

    def _append(self, tree: Tree, parent: Node, child: Node, state: int) -> None:
        parent.children.append(child)
        tree.push(child)
        if self.settings.hashes:
            note_hash(tree, child, state)
        if self.settings.transpositions:
            join(tree, child)

    def _check_parents(self, tickets: NDArray[np.int64], counts: NDArray[np.int32]) -> None:
        for index, count in enumerate(counts):
            if count < 0:
                raise InvalidInput(f"counts[{index}] is {count}: expected at least 0")
        children: dict[int, int] = {}
        for index, ticket in enumerate(self._known_tickets(tickets)):
            node = ticket.end
            if node.terminal:
                raise TerminalNode(f"tickets[{index}] is of node {node.id}, which is terminal: it cannot have children")
            children[node.id] = children.get(node.id, len(node.children)) + int(counts[index])
            if children[node.id] > MAX_CHILDREN:
                raise LimitExceeded(
                    f"counts[{index}] is {counts[index]}: node {node.id} would have {children[node.id]} children, "
                    f"the limit is {MAX_CHILDREN}"
                )
            if counts[index] and node.depth == MAX_DEPTH:
                raise LimitExceeded(f"tickets[{index}] is of node {node.id} at depth {MAX_DEPTH}, the limit")

    def _new_node(self, tree: int, parent: Node | None, prior: np.float32, reward: np.float32, q: np.float32) -> Node:
        depth = 0 if parent is None else parent.depth + 1
        node = Node(self._node_ids.take(), tree, parent, depth, prior, q, reward)
        self._nodes[node.id] = node
        return node

    def _forget(self, nodes: Iterable[Node]) -> None:
        for node in nodes:
            del self._nodes[node.id]
            self._node_ids.give_back(node.id)

    # Backup

    def backup_batch(self, tickets: ArrayLike, values: ArrayLike) -> None:
        """Consumes the tickets and spreads their values; see `Forest.backup_batch`."""
        ids = column("tickets", tickets, np.int64)
        given = column("values", values, np.float32, len(ids))
        known = self._known_tickets(ids)
        for index, number in enumerate(given):
            _check_magnitude("values", index, number, self._low, self._high)
        for id_, ticket, value in zip(ids.tolist(), known, given, strict=True):
            tree = self._trees[ticket.end.tree]
            self._consume(id_)
            self._returns.spread(tree, ticket, value)
            if ticket.end.terminal:
                self._exhaustion.finish(tree, ticket.end, value)

    def cancel_batch(self, tickets: ArrayLike) -> None:
        """Gives reservations back; see `Forest.cancel_batch`."""
        self._give_back(tickets, exhausted=False)

    def exhaust_batch(self, tickets: ArrayLike) -> None:
        """Gives reservations back and closes the nodes; see `Forest.exhaust_batch`."""
        self._give_back(tickets, exhausted=True)

    def _give_back(self, tickets: ArrayLike, *, exhausted: bool) -> None:
        ids = column("tickets", tickets, np.int64)
        for id_, ticket in zip(ids.tolist(), self._known_tickets(ids), strict=True):
            self._consume(id_)
            ticket.charge(-1)
            if exhausted:
                self._exhaustion.complete(self._trees[ticket.end.tree], ticket.end)

    # Looking

    def root_stats(self, tree: SupportsIndex) -> RootStats:
        """A root and its children; see `Forest.root_stats`."""
        root = self._tree(tree).root
        return RootStats(
            node=np.array([child.id for child in root.children], np.int32),
            visits=np.array([child.visits for child in root.children], np.int32),
            in_flight=np.array([child.in_flight for child in root.children], np.int32),
            q=np.array([child.q for child in root.children], np.float32),
            prior=np.array([child.prior for child in root.children], np.float32),
            max=np.array([child.max for child in root.children], np.float32),
            root_visits=root.visits,
            root_q=float(root.q),
        )

    def snapshot(self, tree: SupportsIndex) -> Snapshot:
        """All nodes of a tree, breadth first; see `Forest.snapshot`."""
        nodes = list(breadth_first(self._tree(tree).root))
        return Snapshot(
            node=np.array([node.id for node in nodes], np.int32),
            parent=np.array([-1 if node.parent is None else node.parent.id for node in nodes], np.int32),
            depth=np.array([node.depth for node in nodes], np.int32),
            visits=np.array([node.visits for node in nodes], np.int32),
            in_flight=np.array([node.in_flight for node in nodes], np.int32),
            q=np.array([node.q for node in nodes], np.float32),
            prior=np.array([node.prior for node in nodes], np.float32),
            reward=np.array([node.reward for node in nodes], np.float32),
            raw=np.array([node.raw for node in nodes], np.float32),
            mean=np.array([node.mean for node in nodes], np.float32),
            max=np.array([node.max for node in nodes], np.float32),
            m2=np.array([node.m2 for node in nodes], np.float32),
            flags=np.array([node.flags for node in nodes], np.uint8),
            target=np.array([-1 if node.target is None else node.target.id for node in nodes], np.int32),
            hash=np.array([node.hash for node in nodes], np.uint64),
        )

    # Ids and tickets

    def _open_trees(self, ids: NDArray[np.int32]) -> list[int]:
        """The trees, once all of them are known to be open and distinct."""
        seen: set[int] = set()
        for index, id_ in enumerate(map(int, ids)):
            if id_ not in self._trees:
                raise ClosedTree(f"trees[{index}] is {id_}: no open tree has this id")
            if id_ in seen:
                raise InvalidInput(f"trees[{index}] is {id_}, given before: expected distinct trees")
            seen.add(id_)
        return [int(id_) for id_ in ids]

    def _tree(self, tree: SupportsIndex) -> Tree:
        id_ = identifier("tree", tree)
        if id_ not in self._trees:
            raise ClosedTree(f"tree is {tree}: no open tree has this id")
        return self._trees[id_]

    def _node(self, node: SupportsIndex) -> Node:
        id_ = identifier("node", node)
        if id_ not in self._nodes:
            raise UnknownNode(f"node is {node}: no open tree has a node of this id")
        return self._nodes[id_]

    def _known_nodes(self, nodes: ArrayLike) -> list[Node]:
        ids = column("nodes", nodes, np.int32).tolist()
        for index, id_ in enumerate(ids):
            if id_ not in self._nodes:
                raise UnknownNode(f"nodes[{index}] is {id_}: no open tree has a node of this id")
        return [self._nodes[id_] for id_ in ids]

    def _issue(self, ticket: Ticket) -> int:
        index = self._ticket_ids.take()
        generation = self._ticket_generation.setdefault(index, self._salt)
        id_ = generation << 32 | index
        self._tickets[id_] = ticket
        return id_

    def _consume(self, id_: int) -> None:
        ticket = self._tickets.pop(id_)
        ticket.end.held -= 1
        self._trees[ticket.end.tree].push(ticket.end)
        index = id_ & 0xFFFFFFFF
        self._ticket_generation[index] = (self._ticket_generation[index] + 1) % _GENERATIONS
        self._ticket_ids.give_back(index)

    def _known_tickets(self, ids: Iterable[np.int64]) -> list[Ticket]:
        """The tickets, once all of them are known to be out and distinct."""
        seen: set[int] = set()
        tickets = []
        for index, id_ in enumerate(map(int, ids)):
            if id_ not in self._tickets:
                raise StaleTicket(
                    f"tickets[{index}] is {id_}: it is not out (consumed, cancelled, released or foreign)"
                )
            if id_ in seen:
                raise DuplicateTicket(f"tickets[{index}] is {id_}, given before: expected distinct tickets")
            seen.add(id_)
            tickets.append(self._tickets[id_])
        return tickets


def _check_room(what: str, root: Node, count: int) -> None:
    """A visit is charged along the whole path, so no node holds more than the root."""
    if root.in_flight + count > MAX_IN_FLIGHT:
        raise LimitExceeded(
            f"{what}: its root has {root.in_flight} visits in flight and cannot take {count} more, "
            f"the limit is {MAX_IN_FLIGHT}"
        )
    if root.started + count > MAX_STARTED:
        raise LimitExceeded(f"{what}: its root has {root.started} visits, the limit is {MAX_STARTED}")


def _check_magnitude(
    name: str, index: int, number: np.float32, low: float | np.float32, high: float | np.float32
) -> None:
    if not low <= number <= high:
        raise InvalidInput(f"{name}[{index}] is {number}: expected a number in [{low:g}, {high:g}]")

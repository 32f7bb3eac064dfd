"""The forest in plain Python and NumPy: the oracle that the native one is compared with, field by field.

Clear before fast. Every call means what `Forest`'s does (see there), with the same node, tree and ticket numbering and
the same float32 arithmetic in the same order. Only the arena is absent: no slots, no views, no byte counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .arguments import column, identifier, integer
from .errors import (
    ClosedTree,
    DuplicateTicket,
    InvalidInput,
    LimitExceeded,
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
from .hashing import descent_key, new_salt, tie_draws
from .oracle import Ids, Node, Tree, breadth_first
from .records import Leaves, RootStats, Snapshot
from .rules import PUCT, Rule
from .settings import Backup, InFlight, Settings, Ties

_GENERATIONS = 1 << 31


class ReferenceForest:
    """Same calls, same answers and same errors as `Forest`, in plain Python."""

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
        self.settings = Settings(
            rule=PUCT() if rule is None else rule,
            backup=backup,
            in_flight=in_flight,
            discount=discount,
            value_range=value_range,
            skip_exhausted=skip_exhausted,
            ties=ties,
            seed=seed,
            capacity=capacity,
        )
        self._low, self._high = np.float32(value_range[0]), np.float32(value_range[1])
        self._middle = np.float32(0.5) * (self._low + self._high)
        self._discount = np.float32(discount)
        self._nodes: dict[int, Node] = {}
        self._trees: dict[int, Tree] = {}
        self._tickets: dict[int, Node] = {}
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

    def new_trees(self, count: SupportsIndex) -> NDArray[np.int32]:
        """Opens `count` trees of one unvisited root each."""
        ids = []
        for _ in range(integer("count", count, 0, MAX_SLOTS // 2)):
            tree = self._tree_ids.take()
            generation = self._tree_generation.setdefault(tree, 0)
            self._trees[tree] = Tree(self._new_node(tree, None, np.float32(1), np.float32(0), self._middle), generation)
            ids.append(tree)
        return np.array(ids, np.int32)

    def root(self, tree: SupportsIndex) -> int:
        """The node id of a tree's root."""
        return self._tree(tree).root.id

    def children(self, node: SupportsIndex) -> NDArray[np.int32]:
        """The node ids of a node's children, in order."""
        return np.array([child.id for child in self._node(node).children], np.int32)

    # Select

    def select_batch(self, trees: ArrayLike, leaves: SupportsIndex = 1) -> Leaves:
        """`leaves` descents in each tree; see `Forest.select_batch`."""
        ids = [int(tree) for tree in column("trees", trees, np.int32)]
        count = integer("leaves", leaves, 1, MAX_IN_FLIGHT)
        self._check_select(ids, count)
        ends = [end for tree in ids for end in self._descents(self._trees[tree], tree, count)]
        return Leaves(
            ticket=np.array([self._issue(node) for node in ends], np.int64),
            tree=np.array([node.tree for node in ends], np.int32),
            node=np.array([node.id for node in ends], np.int32),
            depth=np.array([node.depth for node in ends], np.int32),
            terminal=np.array([node.terminal for node in ends], np.bool_),
            expanded=np.array([bool(node.children) for node in ends], np.bool_),
        )

    def _check_select(self, ids: list[int], count: int) -> None:
        seen: set[int] = set()
        for index, id_ in enumerate(ids):
            if id_ not in self._trees:
                raise ClosedTree(f"trees[{index}] is {id_}: no open tree has this id")
            if id_ in seen:
                raise InvalidInput(f"trees[{index}] is {id_}, given before: expected distinct trees")
            seen.add(id_)
            root = self._trees[id_].root
            if not (self.settings.skip_exhausted and root.exhausted):
                self._check_room(f"trees[{index}] is {id_}", root, count)

    def _check_room(self, what: str, root: Node, count: int) -> None:
        if root.in_flight + count > MAX_IN_FLIGHT:
            raise LimitExceeded(
                f"{what}: its root has {root.in_flight} visits in flight and cannot take {count} more, "
                f"the limit is {MAX_IN_FLIGHT}"
            )
        if root.started + count > MAX_STARTED:
            raise LimitExceeded(f"{what}: its root has {root.started} visits, the limit is {MAX_STARTED}")

    def _descents(self, tree: Tree, id_: int, count: int) -> list[Node]:
        if self.settings.skip_exhausted and tree.root.exhausted:
            return []
        ends, collided = [], []
        for _ in range(count):
            end = self._descend(tree, id_)
            for node in end.path():
                node.started += 1
                node.in_flight += 1
            if end.pending:
                collided.append(end)
            else:
                end.pending = True
                ends.append(end)
        for end in collided:
            self._uncharge(end)
        return ends

    def _descend(self, tree: Tree, id_: int) -> Node:
        key = descent_key(self.settings.seed, id_, tree.generation, tree.descents)
        tree.descents += 1
        node = tree.root
        while node.children:
            node = self._best_child(node, key)
        return node

    def _best_child(self, node: Node, key: int) -> Node:
        eligible = [
            index for index, child in enumerate(node.children) if not (self.settings.skip_exhausted and child.exhausted)
        ]
        children = [node.children[index] for index in eligible]
        scores = self.settings.rule.scores(
            np.array([self._selection_q(child) for child in children], np.float32),
            np.array([child.prior for child in children], np.float32),
            np.array([child.started for child in children], np.int32),
            node.started,
        )
        tied: list[int] = np.flatnonzero(scores == scores.max()).tolist()
        if self.settings.ties == "lowest" or len(tied) == 1:
            return children[tied[0]]
        draws = tie_draws(key, node.depth, [eligible[position] for position in tied])
        return children[tied[draws.index(max(draws))]]

    def _selection_q(self, node: Node) -> np.float32:
        """Q, or with virtual loss the mean of the completed visits at Q and those in flight at the lowest value."""
        if self.settings.in_flight == "wu_uct" or node.in_flight == 0:
            return node.q
        lost = np.float32(node.in_flight) * self._low
        return np.float32((np.float32(node.visits) * node.q + lost) / np.float32(node.started))

    def reserve_batch(self, nodes: ArrayLike) -> NDArray[np.int64]:
        """One visit reserved at each node, without a descent; see `Forest.reserve_batch`."""
        ids = column("nodes", nodes, np.int32)
        wanted: dict[int, int] = {}
        for index, id_ in enumerate(ids):
            node = self._nodes.get(int(id_))
            if node is None:
                raise UnknownNode(f"nodes[{index}] is {id_}: no open tree has a node of this id")
            wanted[node.tree] = wanted.get(node.tree, 0) + 1
            self._check_room(f"nodes[{index}] is {id_}", self._trees[node.tree].root, wanted[node.tree])
        reserved = [self._nodes[int(id_)] for id_ in ids]
        for end in reserved:
            for node in end.path():
                node.started += 1
                node.in_flight += 1
            end.pending = not end.children
        return np.array([self._issue(node) for node in reserved], np.int64)

    # Expand

    def expand_batch(
        self,
        tickets: ArrayLike,
        counts: ArrayLike,
        priors: ArrayLike,
        rewards: ArrayLike | None = None,
        terminal: ArrayLike | None = None,
        urgency: ArrayLike | None = None,
    ) -> NDArray[np.int32]:
        """Appends children under the tickets' nodes; see `Forest.expand_batch`."""
        ticket = column("tickets", tickets, np.int64)
        count = column("counts", counts, np.int32, len(ticket))
        total = int(count.clip(0).sum(dtype=np.int64))
        prior = column("priors", priors, np.float32, total)
        reward = np.zeros(total, np.float32) if rewards is None else column("rewards", rewards, np.float32, total)
        ends = np.zeros(total, np.bool_) if terminal is None else column("terminal", terminal, np.bool_, total)
        given = None if urgency is None else column("urgency", urgency, np.float32, total)
        self._check_parents(ticket, count)
        for index in range(total):
            _check_magnitude("priors", index, prior[index], 0.0, MAX_MAGNITUDE)
            _check_magnitude("rewards", index, reward[index], -MAX_MAGNITUDE, MAX_MAGNITUDE)
            if given is not None:
                _check_magnitude("urgency", index, given[index], self._low, self._high)
        made: list[int] = []
        for id_, children in zip(ticket, count, strict=True):
            parent = self._tickets[int(id_)]
            if children == 0 and not parent.children:
                self._exhaust(parent)
            for index in range(len(made), len(made) + int(children)):
                first_play = parent.q if parent.visits else self._middle
                q = first_play if given is None else given[index]
                child = self._new_node(parent.tree, parent, prior[index], reward[index], q)
                child.terminal = bool(ends[index])
                parent.children.append(child)
                parent.pending = False
                self._reopen(parent)
                made.append(child.id)
        return np.array(made, np.int32)

    def _check_parents(self, tickets: NDArray[np.int64], counts: NDArray[np.int32]) -> None:
        for index, count in enumerate(counts):
            if count < 0:
                raise InvalidInput(f"counts[{index}] is {count}: expected at least 0")
        children: dict[int, int] = {}
        for index, node in enumerate(self._nodes_of(tickets)):
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

    def _exhaust(self, node: Node) -> None:
        """Flags a node below which nothing is left, and each ancestor of which that has become true."""
        for above in node.path():
            if not all(child.exhausted for child in above.children):
                return
            above.exhausted = True

    def _reopen(self, node: Node) -> None:
        for above in node.path():
            above.exhausted = False

    # Backup

    def backup_batch(self, tickets: ArrayLike, values: ArrayLike) -> None:
        """Consumes the tickets and spreads their values; see `Forest.backup_batch`."""
        ticket = column("tickets", tickets, np.int64)
        value = column("values", values, np.float32, len(ticket))
        nodes = self._nodes_of(ticket)
        for index, number in enumerate(value):
            _check_magnitude("values", index, number, self._low, self._high)
        for id_, node, own in zip(ticket, nodes, value, strict=True):
            self._consume(int(id_))
            node.raw = own
            ret = own
            for above in node.path():
                ret = above.reward + self._discount * ret
                above.in_flight -= 1
                above.record(ret)
                above.q = above.mean if self.settings.backup == "mean" else above.max
            self._settle(node)
            if node.terminal:
                self._exhaust(node)

    def cancel_batch(self, tickets: ArrayLike) -> None:
        """Gives reservations back; see `Forest.cancel_batch`."""
        self._give_back(tickets, exhausted=False)

    def exhaust_batch(self, tickets: ArrayLike) -> None:
        """Gives reservations back and closes the nodes; see `Forest.exhaust_batch`."""
        self._give_back(tickets, exhausted=True)

    def _give_back(self, tickets: ArrayLike, *, exhausted: bool) -> None:
        ticket = column("tickets", tickets, np.int64)
        for id_, node in zip(ticket, self._nodes_of(ticket), strict=True):
            self._consume(int(id_))
            self._uncharge(node)
            self._settle(node)
            if exhausted:
                self._exhaust(node)

    def _uncharge(self, end: Node) -> None:
        for node in end.path():
            node.started -= 1
            node.in_flight -= 1

    def _settle(self, node: Node) -> None:
        """A childless node is pending exactly while a ticket is out on it."""
        node.pending = not node.children and node.in_flight > 0

    def release(self, trees: ArrayLike) -> None:
        """Closes trees; see `Forest.release`."""
        ids = [int(tree) for tree in column("trees", trees, np.int32)]
        for index, id_ in enumerate(ids):
            if id_ not in self._trees:
                raise ClosedTree(f"trees[{index}] is {id_}: no open tree has this id")
            if id_ in ids[:index]:
                raise InvalidInput(f"trees[{index}] is {id_}, given before: expected distinct trees")
        late = [ticket for ticket, node in self._tickets.items() if node.tree in ids]
        for ticket in sorted(late, key=_ticket_index):
            self._consume(ticket)
        for id_ in ids:
            for node in breadth_first(self._trees.pop(id_).root):
                del self._nodes[node.id]
                self._node_ids.give_back(node.id)
            self._tree_generation[id_] += 1
            self._tree_ids.give_back(id_)

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
        )

    # Ids and tickets

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

    def _issue(self, node: Node) -> int:
        index = self._ticket_ids.take()
        generation = self._ticket_generation.setdefault(index, self._salt)
        ticket = generation << 32 | index
        self._tickets[ticket] = node
        return ticket

    def _consume(self, ticket: int) -> None:
        index = _ticket_index(ticket)
        del self._tickets[ticket]
        self._ticket_generation[index] = (self._ticket_generation[index] + 1) % _GENERATIONS
        self._ticket_ids.give_back(index)

    def _nodes_of(self, tickets: Iterable[np.int64]) -> list[Node]:
        """The tickets' nodes, once all of them are known to be out and distinct."""
        seen: set[int] = set()
        nodes = []
        for index, ticket in enumerate(map(int, tickets)):
            if ticket not in self._tickets:
                raise StaleTicket(
                    f"tickets[{index}] is {ticket}: it is not out (consumed, cancelled, released or foreign)"
                )
            if ticket in seen:
                raise DuplicateTicket(f"tickets[{index}] is {ticket}, given before: expected distinct tickets")
            seen.add(ticket)
            nodes.append(self._tickets[ticket])
        return nodes


def _ticket_index(ticket: int) -> int:
    return ticket & 0xFFFFFFFF


def _check_magnitude(
    name: str, index: int, number: np.float32, low: float | np.float32, high: float | np.float32
) -> None:
    if not low <= number <= high:
        raise InvalidInput(f"{name}[{index}] is {number}: expected a number in [{low:g}, {high:g}]")

"""What outcomes do to the trees: new children, backups and first visits, many leaves in a few calls of the forest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..mcts import Forest
from .expansion import Child
from .live import LiveTree
from .operators import NOTES
from .recipe import Recipe
from .selection import Way
from .tree import ROOT, Node, Tree
from .trial import Outcome, Trial

MAX_LATE = 2  # times that a node's trial may be late; the next time the node fails
MAX_FAILURES = 3  # in a row, after which a node that is drawn from again and again is given up

Told = Sequence[tuple[Trial, Outcome]]


class Growth:
    """Grows the trees of one engine.

    Outcomes that are applied together are applied phase by phase: all children are added, then all values are backed up
    in the order of the outcomes, then new children are visited.

    Args:
        forest: holds the trees' statistics.
        recipe: how the search works.
        keeps_states: whether a node keeps its domain state.
        queue: makes new children wait for the value model.
    """

    def __init__(
        self, forest: Forest, recipe: Recipe, *, keeps_states: bool, queue: Callable[[LiveTree, Sequence[Node]], None]
    ) -> None:
        self._forest = forest
        self._recipe = recipe
        self._keeps_states = keeps_states
        self._queue = queue

    def apply(self, told: Told) -> None:
        """Applies outcomes that were checked."""
        lost: list[int] = []
        exhausted: list[int] = []
        good: list[tuple[Trial, Outcome]] = []
        for trial, outcome in told:
            node = trial.live.tree.nodes[trial.node]
            if outcome.value is not None:
                value = self._agreed(trial.live.tree, node, self._blended(node, outcome.value))
                node.value, node.feedback = value, outcome.feedback
                node.parts = outcome.parts
                gate = self._recipe.stop_value
                if gate is not None and node.ended and node.answer is not None and node.worth >= gate:
                    trial.live.stopped = trial.live.stopped or "accepted"
            if outcome.error is None:
                good.append((trial, outcome))
            elif self._is_lost(trial, outcome, node):
                lost.append(trial.ticket)
            else:
                exhausted.append(trial.ticket)
        expanded = [pair for pair in good if pair[0].wants_children]
        grown = self._expand([pair for pair in expanded if pair[1].value is not None])
        grown += self._expand([pair for pair in expanded if pair[1].value is None])
        self._backup(good, lost, exhausted)
        if grown:
            self._visit(grown)

    def judged(self, node: Node) -> bool:
        """Whether the value model has a say on this node: the domain did not value it, or the recipe trusts both."""
        return not node.paid or (self._recipe.trust > 0 and node.checked is not None)

    def _blended(self, node: Node, value: float) -> float:
        """A value model's estimate, weighed against the domain's visible checks where there are such."""
        if node.checked is None:
            return value
        return (1 - self._recipe.trust) * node.checked + self._recipe.trust * value

    def _agreed(self, tree: Tree, node: Node, value: float) -> float:
        """A value weighed against how many of its parent's proposals led to a node."""
        weight = self._recipe.agreement
        if weight == 0 or node.id == ROOT:
            return value
        siblings = sum(tree.nodes[child].multiplicity for child in tree.nodes[node.parent].children)
        return (1 - weight) * value + weight * node.multiplicity / siblings

    def _is_lost(self, trial: Trial, outcome: Outcome, node: Node) -> bool:
        """Books a failure; whether the visit alone is given back, because the node may be tried again."""
        live = trial.live
        if outcome.late and live.late[node.id] < MAX_LATE:
            live.late[node.id] += 1
            live.dropped["late"] += 1
            return True
        node.failure = outcome.error
        live.failed_in_a_row += trial.wants_children
        if self._recipe.selection.widens and live.failed_in_a_row >= MAX_FAILURES:
            live.stopped = live.stopped or "failed"
        return False

    def _expand(self, told: Told) -> list[tuple[LiveTree, list[Node]]]:
        """Adds the children that the nodes do not have yet; an unvisited child shows its parent's value.

        All of the outcomes have a value, or none has.
        """
        if not told:
            return []
        counts: list[int] = []
        priors: list[float] = []
        rewards: list[float] = []
        ended: list[bool] = []
        urgency: list[float] = []
        grown: list[tuple[LiveTree, list[Node]]] = []
        for trial, outcome in told:
            assert outcome.expansion is not None
            trial.live.failed_in_a_row = 0
            if outcome.expansion.dropped:
                trial.live.dropped.update(outcome.expansion.dropped)
            nodes = self._grow(trial, self._fresh(trial, outcome.expansion.children))
            grown.append((trial.live, nodes))
            counts.append(len(nodes))
            for node in nodes:
                priors.append(node.prior)
                rewards.append(self._recipe.returns.edge(node))
                ended.append(node.terminated or node.truncated)
            value = trial.live.tree.nodes[trial.node].value
            if outcome.value is not None and value is not None:
                urgency += [value] * len(nodes)
        ids = self._forest.expand_batch(
            _i8([trial.ticket for trial, _ in told]),
            np.array(counts, np.int32),
            np.array(priors, np.float32),
            np.array(rewards, np.float32),
            np.array(ended, np.bool_),
            None if told[0][1].value is None else np.array(urgency, np.float32),
        ).tolist()
        start = 0
        for live, nodes in grown:
            live.know(nodes, ids[start : start + len(nodes)])
            start += len(nodes)
        return grown

    def _fresh(self, trial: Trial, children: Sequence[Child]) -> Sequence[Child]:
        """The children that stand for states which the node has no child for; the others raise its multiplicity."""
        if not self._recipe.selection.widens:
            return children
        live = trial.live
        known = live.keys.setdefault(trial.node, {})
        fresh: list[Child] = []
        # What different roles made, or made of different nodes, is not one.
        made_by = (trial.operator.kind, trial.parents)
        for child in children:
            key = f"{made_by} {child.key}"
            if key in known:
                live.tree.nodes[known[key]].multiplicity += child.multiplicity
                live.dropped["duplicate"] += 1
            else:
                known[key] = len(live.tree.nodes) + len(fresh)
                fresh.append(child)
        return fresh

    def _grow(self, trial: Trial, children: Sequence[Child]) -> list[Node]:
        live, nodes, stop = trial.live, trial.live.tree.nodes, self._recipe.stop_reward
        parent = nodes[trial.node]
        depth = parent.depth + 1
        cut = depth >= self._recipe.max_depth
        made = []
        for number, child in enumerate(children, len(nodes)):
            step = child.step
            if stop is not None and step.terminated and step.reward is not None and step.reward >= stop:
                live.stopped = "solved"
            kind = trial.operator.kind
            node = Node(number, parent.id, depth, child.text, kind, child.prior, step.reward, step.terminated)
            node.checked = node.value = step.checked
            node.acts, node.parents, node.measures = child.acts, trial.parents, step.measures
            node.recalled = child.recalled
            node.truncated = step.truncated or (cut and not step.terminated)
            node.answer, node.multiplicity, node.actions = step.answer, child.multiplicity, child.actions
            if self._keeps_states:
                node.state = step.state
            made.append(node)
        nodes += made
        parent.children += range(len(nodes) - len(made), len(nodes))
        return made

    def _backup(self, good: Told, lost: list[int], exhausted: list[int]) -> None:
        """Spreads the leaves' own values, or gives reservations back where only children are valued."""
        valued: list[int] = []
        values: list[float] = []
        for trial, outcome in good:
            node = trial.live.tree.nodes[trial.node]
            if outcome.value is not None and node.value is not None and self._recipe.returns.at_once:
                valued.append(trial.ticket)
                values.append(node.value)
            elif trial.wants_children and not node.children:
                exhausted.append(trial.ticket)
            else:
                lost.append(trial.ticket)
        if valued:
            self._forest.backup_batch(_i8(valued), np.array(values, np.float32))
        if exhausted:
            self._forest.exhaust_batch(_i8(exhausted))
        if lost:
            self._forest.cancel_batch(_i8(lost))

    def _visit(self, grown: Sequence[tuple[LiveTree, list[Node]]]) -> None:
        """Visits new children at once: those that the domain valued, and all others where children are scored."""
        paid: list[int] = []
        ahead: list[float] = []
        closed: list[int] = []
        for live, nodes in grown:
            judged = []
            for node in nodes:
                if node.kind in NOTES:
                    closed.append(live.forest_node[node.id])
                elif self._recipe.evaluates_children and self.judged(node):
                    if self._recipe.scores(node):
                        judged.append(node)
                elif node.paid and self._recipe.returns.at_once:
                    paid.append(live.forest_node[node.id])
                    # The reward of an end is on the edge that leads there; nothing follows it.
                    ended = node.terminated and node.reward is not None
                    ahead.append(0.0 if ended or node.checked is None else node.checked)
            if judged:
                self._queue(live, judged)
        if paid:
            tickets = self._forest.reserve_batch(np.array(paid, np.int32))
            self._forest.backup_batch(tickets, np.array(ahead, np.float32))
        if closed:
            self._forest.exhaust_batch(self._forest.reserve_batch(np.array(closed, np.int32)))

    def bring_back(self, way: Way) -> None:
        """Backs up what a way brings that is over; where that is nothing, its end is passed over from then on."""
        if not way.counts or self._recipe.returns.at_once:
            if way.live.tree.nodes[way.nodes[-1]].ended:
                last = way.live.forest_node[way.nodes[-1]]
                self._forest.exhaust_batch(self._forest.reserve_batch(np.array([last], np.int32)))
            return
        node, value = self._recipe.returns.way(way.live.tree, way.nodes)
        ticket = self._forest.reserve_batch(np.array([way.live.forest_node[node]], np.int32))
        self._forest.backup_batch(ticket, np.array([value], np.float32))


def _i8(tickets: list[int]) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.array(tickets, np.int64)

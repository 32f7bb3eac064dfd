"""Where the next visit goes."""

from __future__ import annotations

import numpy as np

from ..errors import RuleError
from ..fields import MAX_CHILDREN
from ..hashing import WHOLE_TREE, descent_key, tie_draws
from ..rules import AdaptiveBranching, BestFirst, SoftmaxMix
from ..rules.base import ScoredRule
from ..rules.posterior import NODE_STREAM
from ..rules.view import NodeView
from ..settings import Settings
from .frontier import best_first, drawn_from_tree
from .nodes import Node, Ticket, Tree
from .shown import Shown
from .views import view_of


class Selection:
    """The descents of one call: they stay charged for the next ones until `settle` or `undo`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._taken: list[Ticket] = []
        self._collided: list[Ticket] = []
        self._descents: list[tuple[Tree, int]] = []

    def select(self, tree: Tree, count: int) -> None:
        """Begins `count` visits in a tree."""
        self._descents.append((tree, tree.descents))
        if self._settings.skip_exhausted and tree.root.exhausted:
            return
        for _ in range(count):
            ticket, free = self._next(tree)
            tree.descents += 1
            if ticket is None:
                continue
            ticket.charge(1)
            if free:
                ticket.end.held += 1
                self._taken.append(ticket)
            else:
                self._collided.append(ticket)

    def settle(self) -> list[Ticket]:
        """Gives the collisions back; the other visits, in their order."""
        for ticket in self._collided:
            ticket.charge(-1)
        return self._taken

    def undo(self) -> None:
        """Gives all visits back."""
        for ticket in self.settle():
            ticket.charge(-1)
            ticket.end.held -= 1
        for tree, descents in self._descents:
            tree.descents = descents

    def _next(self, tree: Tree) -> tuple[Ticket | None, bool]:
        """A visit, and whether it may be begun: it may not where another is awaited."""
        rule = self._settings.rule
        if isinstance(rule, BestFirst):
            return _visit(best_first(rule, tree)), True
        if isinstance(rule, SoftmaxMix) and rule.scope == "tree":
            return _visit(drawn_from_tree(rule, tree, self._key(tree))), True
        return self._descend(tree)

    def _key(self, tree: Tree) -> int:
        return descent_key(self._settings.seed, tree.root.tree, tree.generation, tree.descents)

    def _descend(self, tree: Tree) -> tuple[Ticket, bool]:
        shown = Shown(self._settings, tree)
        key = self._key(tree)
        tree_key = descent_key(self._settings.seed, tree.root.tree, tree.generation, WHOLE_TREE)
        node = tree.root
        links: list[Node] = []
        while node.children:
            eligible = self._eligible(node)
            view = view_of(node, eligible, shown, key, tree_key)
            if self._wants_child(node, view):
                return Ticket(node, links), True
            if not eligible:
                return Ticket(node, links), node.held == 0 and not node.complete
            child = node.children[eligible[self._pick(node, view)]]
            if child.target is not None:
                links.append(child)
            node = child.real
        return Ticket(node, links), node.held == 0

    def _eligible(self, node: Node) -> list[int]:
        skip = self._settings.skip_exhausted
        return [index for index, child in enumerate(node.children) if not (skip and child.real.exhausted)]

    def _wants_child(self, node: Node, view: NodeView) -> bool:
        """Whether a descent ends at a node with children, for a new one."""
        if node.complete or len(node.children) >= MAX_CHILDREN:
            return False
        if self._settings.widening is not None:
            return self._settings.widening.wants(len(node.children), node.held, node.started)
        if isinstance(self._settings.rule, AdaptiveBranching):
            return len(view.index) == 0 or self._settings.rule.wants_child(view)
        return False

    def _pick(self, node: Node, view: NodeView) -> int:
        """The position of the chosen one among the eligible children."""
        rule = self._settings.rule
        if isinstance(rule, SoftmaxMix):
            return rule.drawn(view.q.tolist(), view.draws(NODE_STREAM).next())
        assert isinstance(rule, ScoredRule)
        scores = rule.scores(view)
        wrong = np.flatnonzero(np.isnan(scores))
        if wrong.size:
            where = f"child {view.index[wrong[0]]} of node {node.id}"
            what = f"depth {node.depth}, {node.visits} visits, {len(node.children)} children"
            raise RuleError(f"rule {getattr(rule, 'name', rule.KIND)!r} returned NaN at {where} ({what})")
        candidates = rule.candidates(view)
        tied: list[int] = np.flatnonzero(candidates & (scores == scores[candidates].max())).tolist()
        if self._settings.ties == "lowest":
            return tied[0]
        draws = tie_draws(view.key, view.depth, view.index[tied].tolist())
        return tied[draws.index(max(draws))]


def _visit(node: Node | None) -> Ticket | None:
    return None if node is None else Ticket(node)

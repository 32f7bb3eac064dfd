"""The engine: select, expand, evaluate, backup over many trees at once, by ask and tell."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any

import numpy as np

from ..domains.protocol import Domain, Task
from ..mcts import Forest
from .answer import choose
from .budget import Budget
from .errors import MissingPart, UnknownTrial
from .expansion import Child, Expansion
from .ledger import Hold, Ledger, Sizes
from .live import LiveTree
from .recipe import Recipe
from .result import Result
from .selection import Leaf
from .tree import ROOT, Node, Tree
from .trial import Outcome, Trial

SCORE = Hold(0, 0, 1)
MAX_FAILURES = 3  # in a row, after which a node that is drawn from again and again is given up


class Engine:
    """Searches many tasks by one recipe; whoever holds it does the work between `ask` and `tell`.

    `ask` selects leaves and reserves a visit on each path; `tell` takes what became of a leaf, in any order, grows the
    tree and backs the values up. The asynchronous driver (`treewright.search.search`) and a caller who evaluates by
    hand use the same two calls:

        engine = Engine(Game24(), mcts(), Budget(expansions=64))
        engine.add([Task("a", "Use 4, 7, 8, 8 and + - * / to make 24.")])
        while trials := engine.ask(8):
            for trial in trials:
                expansion = trial.expand(trial.observation.actions) if trial.wants_children else None
                engine.tell(trial, Outcome(expansion, value=0.5))
        (result,) = engine.finished()

    Args:
        domain: steps and shows the states.
        recipe: how to search.
        budget: limits for each task.
        value_range: lowest and highest value that `tell` takes.
        tasks_at_once: trees that grow at the same time; further tasks wait.
        seed: the search's seed.
    """

    def __init__(
        self,
        domain: Domain,
        recipe: Recipe,
        budget: Budget,
        *,
        value_range: tuple[float, float] = (0.0, 1.0),
        tasks_at_once: int = 32,
        seed: int = 0,
    ) -> None:
        self.domain = domain
        self.recipe = recipe
        self.budget = budget
        if domain.restore not in ("fork", "replay"):
            raise MissingPart(
                f"domain {domain.name!r} restores by {domain.restore!r}; the engine has 'fork' and 'replay'"
            )
        if recipe.selection.widens and not budget.bounds_proposals:
            raise MissingPart(
                f"{recipe.name} draws until a limit on expansions, policy_tokens, calls or seconds; set one"
            )
        if not value_range[0] <= 0.0 <= value_range[1]:
            raise ValueError(f"value_range must contain 0, the value of what follows an end; it is {value_range}")
        self._value_range = value_range
        self._tasks_at_once = tasks_at_once
        self._seed = seed
        self._forest = Forest(rule=recipe.rule, backup=recipe.backup, value_range=value_range, seed=seed)
        self._sizes = Sizes()
        self._waiting: deque[Task] = deque()
        self._live: list[LiveTree] = []
        self._out: set[Trial] = set()
        self._finished: deque[Result] = deque()

    @property
    def in_flight(self) -> int:
        """Trials handed out and not told."""
        return len(self._out)

    @property
    def unfinished(self) -> int:
        """Tasks waiting or in work."""
        return len(self._waiting) + len(self._live)

    def add(self, tasks: Iterable[Task]) -> None:
        """Queues tasks.

        Raises:
            DomainError: a task's text is none of the domain's; no task is queued then.
        """
        tasks = list(tasks)
        for task in tasks:
            self.domain.reset(task.visible())
        self._waiting.extend(tasks)

    def ask(self, limit: int = 1) -> list[Trial]:
        """Selects at most `limit` leaves; none where every task waits for an outcome or is finished."""
        trials: list[Trial] = []
        while True:
            self._plant()
            self._score_children(trials, limit)
            self._select(trials, limit)
            idle = [live for live in self._live if live.stopped is not None and live.idle]
            for live in idle:
                if not self._queue_ends(live):
                    self._finish(live)
            if not idle:
                return trials

    def tell(self, trial: Trial, outcome: Outcome) -> bool:
        """Takes what became of a trial; the second time it is told, nothing happens and the answer is False.

        Raises:
            UnknownTrial: another engine's trial.
            ValueError: the outcome lacks what the trial wanted, or its value is out of range; nothing has changed then.
        """
        if trial not in self._out:
            if trial.told:
                return False
            raise UnknownTrial(f"the trial at node {trial.node} of task {trial.task.id!r} was not asked of this engine")
        outcome.check(trial, self._value_range)
        live, node = trial.live, trial.live.tree.nodes[trial.node]
        if outcome.value is not None:
            node.value, node.feedback = outcome.value, outcome.feedback
        if outcome.error is not None:
            node.failure = outcome.error
            self._forest.exhaust_batch(_i8(trial.ticket))
            live.failed_in_a_row += trial.wants_children
            if self.recipe.selection.widens and live.failed_in_a_row >= MAX_FAILURES:
                live.stopped = live.stopped or "failed"
        else:
            if trial.wants_children:
                live.failed_in_a_row = 0
                self._sizes.draws(trial.request.n * trial.request.prompt.sampling.max_tokens)
            children = [] if outcome.expansion is None else self._expand(trial, outcome.expansion, outcome.value)
            self._backup(trial, outcome.value, dead_end=trial.wants_children and not node.children)
            self._visit(live, children)
        trial.told = True
        self._out.remove(trial)
        live.ledger.settle(trial.hold, outcome.policy, outcome.value_usage)
        return True

    def finished(self) -> list[Result]:
        """The results of the tasks that have finished since the last call, not yet graded."""
        results = list(self._finished)
        self._finished.clear()
        return results

    def _plant(self) -> None:
        """Gives waiting tasks a tree each, as long as there is room."""
        count = min(len(self._waiting), self._tasks_at_once - len(self._live))
        if count <= 0:
            return
        for forest_tree in self._forest.new_trees(count).tolist():
            task = self._waiting.popleft()
            visible = task.visible()
            tree = Tree.planted(task.text, self.domain.reset(visible) if self.domain.restore == "fork" else None)
            root = self._forest.root(forest_tree)
            ledger = Ledger(self.budget, self._sizes)
            seed = _mix(self._seed, task.id)
            self._live.append(LiveTree(task, tree, ledger, forest_tree, [root], {root: ROOT}, seed))

    def _queue_ends(self, live: LiveTree) -> bool:
        """Lets the ends that nobody has scored yet wait for the value model, so that the answer is chosen among all."""
        if self.recipe.evaluate != "leaf" or live.stopped == "solved" or live.ledger.met(SCORE) is not None:
            return False
        ends = [n for n in live.tree.nodes if n.ended and not n.paid and n.value is None and n.failure is None]
        self._queue(live, ends)
        return bool(ends)

    def _queue(self, live: LiveTree, nodes: Sequence[Node]) -> None:
        tickets = self._forest.reserve_batch(_i4(*(live.forest_node[node.id] for node in nodes)))
        live.unscored.extend(zip((node.id for node in nodes), tickets.tolist(), strict=True))

    def _score_children(self, trials: list[Trial], limit: int) -> None:
        """Hands out new children that wait for the value model."""
        for live in self._live:
            while live.unscored and len(trials) < limit and live.ledger.admits(SCORE):
                node, ticket = live.unscored.popleft()
                trials.append(self._trial(Leaf(live, node, ticket), SCORE))
            unaffordable = live.ledger.in_flight == 0 and len(trials) < limit
            if live.unscored and (live.stopped == "solved" or unaffordable):
                self._forest.cancel_batch(_i8(*(ticket for _, ticket in live.unscored)))
                live.unscored.clear()

    def _select(self, trials: list[Trial], limit: int) -> None:
        """Selects leaves, the trees with the fewest in flight first."""
        # Where the children are scored, an expansion leads to value requests: it may not start when those may not.
        hold = Hold(1, 1, int(self.recipe.evaluate != "none"))
        able = []
        for live in self._live:
            if live.stopped is None and self._has_room(live, hold):
                able.append(live)
            elif live.stopped is None:
                live.stopped = live.ledger.met(hold)
        able.sort(key=lambda live: live.ledger.in_flight)
        while able and len(trials) < limit:
            batch, able = able[: limit - len(trials)], able[limit - len(trials) :]
            leaves = self.recipe.selection.select(self._forest, batch)
            trials += [self._trial(leaf, hold) for leaf in leaves]
            for live in batch:
                if live.idle:
                    live.stopped = "exhausted"
            able += [leaf.live for leaf in leaves if self._has_room(leaf.live, hold)]

    def _has_room(self, live: LiveTree, hold: Hold) -> bool:
        return live.ledger.in_flight + len(live.unscored) < self.recipe.leaves and live.ledger.admits(hold)

    def _trial(self, leaf: Leaf, hold: Hold) -> Trial:
        live, node = leaf.live, leaf.live.tree.nodes[leaf.node]
        if node.ended:
            hold = SCORE
        seed = _mix(live.seed, *(step.text for step in live.tree.path(node.id)), str(live.expansions[node.id]))
        live.expansions[node.id] += hold.expansions
        trial = Trial(
            task=live.task.visible(),
            node=node.id,
            wants_children=hold.expansions > 0,
            wants_value=hold.expansions == 0 or self.recipe.evaluate == "leaf",
            seed=seed,
            domain=self.domain,
            operator=self.recipe.operator,
            live=live,
            ticket=leaf.ticket,
            hold=hold,
        )
        live.ledger.start(hold)
        self._out.add(trial)
        return trial

    def _expand(self, trial: Trial, expansion: Expansion, value: float | None) -> list[Node]:
        """Adds the children that the node does not have yet; an unvisited child shows its parent's value."""
        live, parent = trial.live, trial.node
        known = live.keys.setdefault(parent, {}) if self.recipe.selection.widens else {}
        live.dropped.update(expansion.dropped)
        fresh: list[Child] = []
        for child in expansion.children:
            if child.key in known:
                live.tree.nodes[known[child.key]].multiplicity += child.multiplicity
                live.dropped["duplicate"] += 1
            else:
                fresh.append(child)
        cut = live.tree.nodes[parent].depth + 1 >= self.recipe.max_depth
        ids = self._forest.expand_batch(
            _i8(trial.ticket),
            np.array([len(fresh)], np.int32),
            np.array([child.prior for child in fresh], np.float32),
            np.array([child.step.reward or 0.0 for child in fresh], np.float32),
            np.array([cut or child.step.terminated or child.step.truncated for child in fresh], np.bool_),
            None if value is None else np.full(len(fresh), value, np.float32),
        )
        nodes = []
        for child, forest_node in zip(fresh, ids.tolist(), strict=True):
            node = self._grow(live, parent, child, cut)
            live.know(node.id, forest_node)
            known[child.key] = node.id
            nodes.append(node)
        return nodes

    def _grow(self, live: LiveTree, parent: int, child: Child, cut: bool) -> Node:
        step, stop = child.step, self.recipe.stop_reward
        if stop is not None and step.terminated and step.reward is not None and step.reward >= stop:
            live.stopped = "solved"
        return live.tree.grow(
            parent,
            child.text,
            prior=child.prior,
            reward=step.reward,
            terminated=step.terminated,
            truncated=step.truncated or (cut and not step.terminated),
            answer=step.answer,
            multiplicity=child.multiplicity,
            actions=child.actions,
            state=step.state if self.domain.restore == "fork" else None,
        )

    def _backup(self, trial: Trial, value: float | None, *, dead_end: bool) -> None:
        """Spreads the leaf's own value, or gives its reservation back where only its children are valued."""
        if value is not None:
            self._forest.backup_batch(_i8(trial.ticket), np.array([value], np.float32))
        elif dead_end:
            self._forest.exhaust_batch(_i8(trial.ticket))
        else:
            self._forest.cancel_batch(_i8(trial.ticket))

    def _visit(self, live: LiveTree, children: Sequence[Node]) -> None:
        """Visits new children at once: ends that the domain paid for, and all of them where children are scored."""
        paid = [child for child in children if child.paid]
        if paid:
            tickets = self._forest.reserve_batch(_i4(*(live.forest_node[child.id] for child in paid)))
            self._forest.backup_batch(tickets, np.zeros(len(paid), np.float32))
        if self.recipe.evaluate == "children":
            self._queue(live, [child for child in children if not child.paid])

    def _finish(self, live: LiveTree) -> None:
        live.ledger.close()
        nodes, shot = live.tree.nodes, self._forest.snapshot(live.forest_tree)
        for forest_node, visits, q in zip(shot.node.tolist(), shot.visits.tolist(), shot.q.tolist(), strict=True):
            node = nodes[live.index_of[forest_node]]
            node.visits, node.q = visits, q
        for node in nodes:
            node.state = None
        self._forest.release(_i4(live.forest_tree))
        self._live.remove(live)
        end = choose(live.tree, self.recipe.answer)
        self._finished.append(
            Result(
                task=live.task,
                answer=None if end is None else end.answer,
                value=0.0 if end is None else end.worth,
                cost=live.ledger.cost(),
                tree=live.tree,
                node=None if end is None else end.id,
                stopped=live.stopped or "exhausted",
                dropped=dict(live.dropped),
                failures=tuple((node.id, node.failure) for node in nodes if node.failure is not None),
            )
        )


def _i8(*tickets: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.array(tickets, np.int64)


def _i4(*ids: int) -> np.ndarray[Any, np.dtype[np.int32]]:
    return np.array(ids, np.int32)


def _mix(seed: int, *parts: str) -> int:
    """A seed in [0, 2**31) that depends on `seed` and all of `parts`."""
    digest = blake2b("\0".join((str(seed), *parts)).encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") >> 1

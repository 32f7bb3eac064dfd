"""The engine: select, expand, evaluate, backup over many trees at once, by ask and tell."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from hashlib import blake2b
from time import monotonic
from typing import Any

import numpy as np

from ..domains.protocol import Domain, Task
from ..mcts import Forest
from .answer import choose
from .budget import Budget
from .errors import MissingPart, UnknownTrial
from .faces import asked_about
from .growth import Growth, Told
from .ledger import Hold, Ledger, Sizes
from .live import LiveTree
from .operators import Operator
from .recipe import Recipe
from .result import Result
from .selection import Leaf, Way
from .stages import Stages
from .terms import action
from .tree import ROOT, Node, Tree
from .trial import Outcome, Trial

SCORE = Hold(0, 0, 1)
EVERYTHING = 1 << 30  # leaves to ask for at once: all that the recipe lets be in flight, in each tree by itself


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
        clock: gives the seconds that budgets count.
        apart: hold requests of a task at the sizes that its own requests had, so that no other task has a say in it.

    Attributes:
        asked: trials handed out so far.
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
        clock: Callable[[], float] = monotonic,
        apart: bool = False,
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
        if budget.expansions is not None and budget.expansions <= recipe.reserve:
            raise MissingPart(
                f"{recipe.name} keeps back {recipe.reserve} expansions for its closing stages; "
                f"give a budget of more than {budget.expansions}, or a smaller reserve"
            )
        self._value_range = value_range
        self._closer = Stages(recipe.closing)
        self._tasks_at_once = tasks_at_once
        self._seed = seed
        self._clock = clock
        self.asked = 0
        span = recipe.returns.span(*value_range, recipe.max_depth)
        self._forest = Forest(rule=recipe.rule, backup=recipe.backup, value_range=span, seed=seed)
        self._growth = Growth(self._forest, recipe, keeps_states=domain.restore == "fork", queue=self._queue)
        self._sizes = None if apart else Sizes()
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

    @property
    def unclaimed(self) -> int:
        """Results that `finished` has not given out yet."""
        return len(self._finished)

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
                if not self._queue_ends(live) and not self._close(live):
                    self._finish(live)
            if not idle:
                return trials

    def tell(self, trial: Trial, outcome: Outcome) -> bool:
        """Takes what became of a trial; the second time it is told, nothing happens and the answer is False.

        Raises:
            UnknownTrial: another engine's trial.
            ValueError: the outcome lacks what the trial wanted, or its value is out of range; nothing has changed then.
        """
        return self.tell_all([(trial, outcome)]) == 1

    def tell_all(self, told: Told) -> int:
        """Takes what became of several trials, in one go; how many of them had not been told before.

        It is faster than `tell` one by one, and ends alike but for rounding: all children are added before any value is
        backed up.

        Raises:
            UnknownTrial, ValueError: as for `tell`.
        """
        told = [(trial, outcome) for trial, outcome in told if self._is_news(trial, outcome)]
        self._growth.apply(told)
        for trial, outcome in told:
            if trial.wants_children and outcome.error is None and self.budget.counts_tokens:
                trial.live.ledger.sizes.draws(trial.request.n * trial.request.prompt.sampling.max_tokens)
            trial.told = True
            self._out.remove(trial)
            trial.live.ledger.settle(trial.hold, outcome.policy, outcome.value_usage)
        return len(told)

    def _is_news(self, trial: Trial, outcome: Outcome) -> bool:
        if trial not in self._out:
            if trial.told:
                return False
            raise UnknownTrial(f"the trial at node {trial.node} of task {trial.task.id!r} was not asked of this engine")
        outcome.check(trial, self._value_range)
        return True

    def standing(self, live: LiveTree) -> Node | None:
        """The node whose answer a task's search would give if it ended now; its tree has the statistics of now."""
        nodes, shot = live.tree.nodes, self._forest.snapshot(live.forest_tree)
        for forest_node, visits, q in zip(shot.node.tolist(), shot.visits.tolist(), shot.q.tolist(), strict=True):
            node = nodes[live.index_of[forest_node]]
            node.visits, node.q = visits, q
        return choose(live.tree, self.recipe.answer)

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
            ledger = Ledger(self.budget, self._sizes or Sizes(), self._clock)
            seed = _mix(self._seed, task.id)
            self._live.append(LiveTree(task, tree, ledger, forest_tree, [root], {root: ROOT}, seed))

    def _queue_ends(self, live: LiveTree) -> bool:
        """Lets the ends that nobody has scored yet wait for the value model, so that the answer is chosen among all."""
        if self.recipe.evaluate != "leaf" or live.stopped == "solved" or live.ledger.met(SCORE) is not None:
            return False
        ends = [n for n in live.tree.nodes if n.ended and not n.paid and n.value is None and n.failure is None]
        self._queue(live, ends)
        return bool(ends)

    def _close(self, live: LiveTree) -> bool:
        """Lets the recipe's closing stages begin, once, where an end was found and none of them was paid in full."""
        if not self.recipe.closing or live.closing is not None or live.stopped == "solved":
            return False
        live.closing, live.stopped = live.stopped, None
        live.due.clear()
        live.stage, live.since = 0, len(live.tree.nodes)
        return True

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
            if live.stopped is not None or live.ledger.in_flight + len(live.unscored) >= self.recipe.leaves:
                continue
            if self._admits(live, hold):
                able.append(live)
            else:
                live.stopped = live.ledger.met(hold, self._spare(live))
        able.sort(key=lambda live: live.ledger.in_flight)
        while able and len(trials) < limit:
            batch, able = able[: limit - len(trials)], able[limit - len(trials) :]
            leaves = self._leaves(batch)
            for leaf in leaves:
                if isinstance(leaf, Way):
                    self._growth.bring_back(leaf)
                else:
                    trials.append(self._trial(leaf, hold))
            served = {leaf.live.forest_tree for leaf in leaves}
            for live in batch:
                if live.idle and live.forest_tree not in served:
                    live.stopped = live.stopped or "exhausted"
            able += [live for live in batch if live.forest_tree in served and self._has_room(live, hold)]

    def _leaves(self, batch: list[LiveTree]) -> Sequence[Leaf | Way]:
        if not self.recipe.closing:
            return self.recipe.selection.select(self._forest, batch)
        leaves = self.recipe.selection.select(self._forest, [live for live in batch if live.closing is None])
        closing = [live for live in batch if live.closing is not None]
        return [*leaves, *self._closer.select(self._forest, closing)]

    def _admits(self, live: LiveTree, hold: Hold) -> bool:
        return live.ledger.admits(hold, self._spare(live))

    def _spare(self, live: LiveTree) -> int:
        """Expansions that this tree may not use yet."""
        return self.recipe.reserve if live.closing is None else 0

    def _has_room(self, live: LiveTree, hold: Hold) -> bool:
        return live.ledger.in_flight + len(live.unscored) < self.recipe.leaves and self._admits(live, hold)

    def _trial(self, leaf: Leaf, hold: Hold) -> Trial:
        live, node = leaf.live, leaf.live.tree.nodes[leaf.node]
        if node.ended:
            hold = SCORE
        seed = _mix(live.seed, *(step.text for step in live.tree.path(node.id)), str(live.expansions[node.id]))
        live.expansions[node.id] += hold.expansions
        trial = Trial(
            number=self.asked,
            task=live.task.visible(),
            node=node.id,
            wants_children=hold.expansions > 0,
            wants_value=hold.expansions == 0 or (self.recipe.evaluate == "leaf" and self._growth.judged(node)),
            seed=seed,
            domain=self.domain,
            operator=self._operator(leaf, node),
            live=live,
            ticket=leaf.ticket,
            hold=hold,
            sources=leaf.sources,
            faces=asked_about(self.recipe.faces, action(node)),
            hints=self.recipe.shown_to(live.tree, node.id, expanding=hold.expansions > 0),
            legal=self.recipe.legal,
        )
        self.asked += 1
        live.ledger.start(hold)
        self._out.add(trial)
        return trial

    def _operator(self, leaf: Leaf, node: Node) -> Operator:
        """The operator that works on a leaf, drawing as many proposals as the selection says."""
        operator = leaf.operator or self.recipe.operator_at(node.kind)
        drawing: Any = operator
        return operator if leaf.n is None else replace(drawing, n=leaf.n)

    def _finish(self, live: LiveTree) -> None:
        live.ledger.close()
        end, nodes = self.standing(live), live.tree.nodes
        for node in nodes:
            node.state = None
        self._forest.release(_i4(live.forest_tree))
        self._live.remove(live)
        self._finished.append(
            Result(
                task=live.task,
                answer=None if end is None else end.answer,
                value=0.0 if end is None else end.worth,
                cost=live.ledger.cost(),
                tree=live.tree,
                node=None if end is None else end.id,
                stopped=live.closing or live.stopped or "exhausted",
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

"""The tree of a task as its journal tells it, turn by turn: also while it is searched, and what it was at any turn."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from ...search import JournalError, Node, Outcome, RunReader, Tree, Turn
from ...search.described import recipe_of
from ...search.growth import MAX_LATE
from ...search.tree import NO_PARENT

Event = Mapping[str, Any]

_CHILD = ("prior", "reward", "terminated", "answer", "multiplicity", "checked")


@dataclass(slots=True)
class Life:
    """What became of a tree, in steps: the turns of the run that changed it.

    Attributes:
        seconds: of each step, on the run's clock; step 0 is the planted root.
        born: of each node, the step in which it came.
        visits: each completed visit, in order, as (step, node, value): the value is what is backed up from the node, to
            which the rewards on the way add.
    """

    seconds: list[float] = field(default_factory=lambda: [0.0])
    born: list[int] = field(default_factory=lambda: [0])
    visits: list[tuple[int, int, float]] = field(default_factory=list)


class Growing:
    """Grows one task's tree from its journal, as far as that goes; `advance` reads on.

    It does what `treewright.search.growth` does, without a forest and without the domain: nodes get the same numbers.
    A node's q is the mean of its returns, or the highest where the recipe backs that up; other kinds of backup are in
    the journal once the task has finished.

    Args:
        reader: the run.
        task: the task's id.
        text: the task's text.

    Attributes:
        tree, life: as far as the journal was read.
        lost: whether an event named a node that is not there, since the recipe's operators make children in a way of
            their own; then the tree grows no further here.
    """

    def __init__(self, reader: RunReader, task: str, text: str) -> None:
        self._reader = reader.shard_of(task)
        self._task = task
        self._recipe = _Facts(reader.meta().get("recipe") or {})
        self.tree = Tree.planted(text, None)
        self.life = Life()
        self.lost = False
        self._waiting: defaultdict[int, list[Event]] = defaultdict(list)
        self._event = self._turn = 0
        self._keys: defaultdict[int, dict[str, int]] = defaultdict(dict)
        self._late: Counter[int] = Counter()
        self._sums: list[float] = [0.0]

    def advance(self) -> None:
        """Applies the turns that have been committed since."""
        # Turns first: what comes before a turn is committed before it, so no event of these turns can be missing.
        turns = list(self._reader.turns(after=self._turn))
        for event in self._reader.growth(self._task, after=self._event):
            self._event = event["seq"]
            self._waiting[event["trial"]].append(event)
        for turn in turns:
            self._turn += 1
            told = [(number, self._waiting.pop(number)) for number in turn.told if number in self._waiting]
            self.lost = self.lost or any(events[0]["node"] >= len(self.tree.nodes) for _, events in told)
            if told and not self.lost:
                self.life.seconds.append(turn.at)
                self._apply(turn, told)

    def _apply(self, turn: Turn, told: Sequence[tuple[int, list[Event]]]) -> None:
        scored: list[tuple[Node, dict[str, Any]]] = []
        others: list[tuple[Node, dict[str, Any]]] = []
        for number, events in told:
            node = self.tree.nodes[events[0]["node"]]
            error = turn.errors.get(number)
            if error is not None:
                self._fail(node, error)
                continue
            answers = {event["kind"]: event["answer"] for event in events if event["error"] is None}
            (scored if "score" in answers else others).append((node, answers))
            if "score" in answers:
                said = answers["score"]
                node.value = self._recipe.blended(node.checked, said["value"])
                node.feedback = said["feedback"]
        operators = {events[0]["node"]: events for _, events in told}
        grown = [
            self._grow(node, answers["step"]["children"], self._recipe.kind(operators[node.id]))
            for node, answers in (*scored, *others)
            if "step" in answers
        ]
        for node, _ in scored:
            self._visit(node, node.value or 0.0)
        for children in grown:
            for child in children:
                if child.paid and not self._recipe.judges(child):
                    ended = child.terminated and child.reward is not None
                    self._visit(child, 0.0 if ended or child.checked is None else child.checked)

    def _fail(self, node: Node, error: str) -> None:
        if Outcome(error=error).late and self._late[node.id] < MAX_LATE:
            self._late[node.id] += 1
        else:
            node.failure = error

    def _grow(self, parent: Node, children: Sequence[Mapping[str, Any]], kind: str) -> list[Node]:
        made = []
        known = self._keys[parent.id]
        for child in children:
            key = f"{kind} {child['key']}"
            if key in known:
                self.tree.nodes[known[key]].multiplicity += child["multiplicity"]
                continue
            fields = {
                name: child[name] for name in ("prior", "reward", "terminated", "answer", "multiplicity", "checked")
            }
            node = self.tree.grow(parent.id, child["text"], kind=kind, value=child["checked"], **fields)
            cut = node.depth >= self._recipe.max_depth and not node.terminated
            node.truncated = child["truncated"] or cut
            known[key] = node.id
            self.life.born.append(len(self.life.seconds) - 1)
            self._sums.append(0.0)
            made.append(node)
        return made

    def _visit(self, node: Node, value: float) -> None:
        """A completed visit: g = reward + g at the node and then at each above it (`Shard::back_up` in csrc)."""
        self.life.visits.append((len(self.life.seconds) - 1, node.id, value))
        g, at = value, node.id
        while at != NO_PARENT:
            node = self.tree.nodes[at]
            g += node.reward or 0.0
            node.visits += 1
            self._sums[at] += g
            highest = g if node.visits == 1 else max(node.q, g)
            node.q = highest if self._recipe.takes_max else self._sums[at] / node.visits
            at = node.parent


class _Facts:
    """What of a recorded recipe decides how a tree grows."""

    def __init__(self, described: Mapping[str, Any]) -> None:
        self._evaluate = described.get("evaluate", "leaf")
        self._trust = float(described.get("trust", 0.0))
        self.takes_max = described.get("backup") == "max"
        self.max_depth = int(described.get("max_depth", 1 << 30))
        self._kinds: dict[str, str] = {}
        with suppress(JournalError):  # a recipe of a package that is not installed here: its nodes are shown as steps
            recipe = recipe_of(described)
            self._kinds = {made.name: made.kind for made in (recipe.operator, *recipe.after.values())}

    def kind(self, events: Sequence[Event]) -> str:
        """Of the nodes that these events of a trial made."""
        return next((self._kinds[event["operator"]] for event in events if event["operator"] in self._kinds), "step")

    def judges(self, node: Node) -> bool:
        """Whether a new child waits for the value model, as `Growth` has it."""
        judged = not node.paid or (self._trust > 0 and node.checked is not None)
        return self._evaluate in ("children", "ends") and judged

    def blended(self, checked: float | None, value: float) -> float:
        """(1 - trust) checked + trust value, as `Recipe.trust` says."""
        return value if checked is None else (1 - self._trust) * checked + self._trust * value

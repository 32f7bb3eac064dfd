"""What became of a run's states: for each that was scored, its value and whether it was a good one."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..domains.protocol import Domain, DomainError, Task
from ..search import RunReader
from ..search.journaled import answer_of, usage_of
from ..search.tree import NO_PARENT, Node, Tree
from ..value_models.protocols import Evidence, Score
from .kept import domain_of, tasks_of

Grader = Callable[[Task, str], bool | None]


@dataclass(frozen=True, slots=True)
class Judged:
    """A state that a value model scored, and what became of it.

    Attributes:
        task: the task's id.
        node, parent, depth: where in its tree.
        evidence: what the model was asked.
        score: what it answered.
        good: whether some end below the state is correct; None where no end below it is known.
        share: the share of correct ones among the known ends below it; NaN where none is known.
    """

    task: str
    node: int
    parent: int
    depth: int
    evidence: Evidence
    score: Score
    good: bool | None
    share: float


def judged_states(run: RunReader, grader: Grader | None = None) -> Iterator[Judged]:
    """Each score in the journal of a run's finished tasks, with the outcome of its state; a state scored by several
    models comes once for each.

    An end is known where the domain paid for it (correct: the whole reward, 1), where it has an answer that the domain
    can grade, and where it terminated without an answer (not correct). A path that a limit cut is no known end. A state
    is good if any known end below it, or it itself, is correct: the hard estimate of Math-Shepherd (Wang et al. 2024),
    over the ends that the search itself found. So a good state that was searched too little counts as bad, and one that
    was not searched to any end is not known.

    Args:
        run: the run.
        grader: the hidden verdict on an answer; by default that of the run's domain. It is asked now, after the search:
            once for each different answer of a task.

    Raises:
        JournalError: the hidden part of the tasks is neither in the journal nor to be loaded again.
        UnknownName: the run's domain is not installed.
    """
    verdict = grader or _grader(run)
    given = {task.id: task for task in tasks_of(run)}
    trees = {name: run.result(name).tree for name in run.tasks()}
    ends = {name: _below(tree, _correct(tree, given[name], verdict)) for name, tree in trees.items()}
    for event in run.events():
        if event["kind"] != "score" or event["error"] is not None or event["task"] not in trees:
            continue
        node = trees[event["task"]].nodes[event["node"]]
        good, known = ends[event["task"]][node.id]
        score = answer_of("score", event["answer"], usage_of(event), event["model"])
        assert isinstance(score, Score)
        yield Judged(
            task=event["task"],
            node=node.id,
            parent=node.parent,
            depth=node.depth,
            evidence=Evidence(**event["request"]["evidence"]),
            score=score,
            good=None if known == 0 else good > 0,
            share=good / known if known else math.nan,
        )


def _grader(run: RunReader) -> Grader:
    domain: Domain = domain_of(run.meta())

    def verdict(task: Task, answer: str) -> bool | None:
        try:
            return domain.grade(task, answer).correct
        except DomainError:  # nothing to grade by: the end is not known
            return None

    return verdict


def _correct(tree: Tree, task: Task, grader: Grader) -> dict[int, bool]:
    """The known ends of a tree, and whether each is correct."""
    graded: dict[str, bool | None] = {}
    found: dict[int, bool] = {}
    for node in tree.nodes:
        known = _paid(node)
        if known is None and node.answer is not None:
            if node.answer not in graded:
                graded[node.answer] = grader(task, node.answer)
            known = graded[node.answer]
        if known is not None:
            found[node.id] = known
    return found


def _paid(node: Node) -> bool | None:
    """What the domain itself said of an end; None where it said nothing."""
    if not node.terminated:
        return None
    if node.reward is None:
        return None if node.answer is not None else False
    return node.reward >= 1.0


def _below(tree: Tree, correct: dict[int, bool]) -> list[tuple[int, int]]:
    """For each node, how many correct and how many known ends are at it or below it."""
    counts = [[int(correct.get(node.id, False)), int(node.id in correct)] for node in tree.nodes]
    for node in reversed(tree.nodes):  # children come after their parents
        if node.parent != NO_PARENT:
            counts[node.parent][0] += counts[node.id][0]
            counts[node.parent][1] += counts[node.id][1]
    return [(good, known) for good, known in counts]

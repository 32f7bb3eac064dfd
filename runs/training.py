"""From runs to a trained head: the states of their journals, with what became of them, as examples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..search import RunReader
from ..search.errors import SearchError
from ..value_models.learned import Checkpoint, Embeddings, Examples, Head, Report, train, train_linear, write_checkpoint
from ..value_models.learned.text import head_text
from ..value_models.protocols import Evidence
from ..value_models.steps import HEADED, SMALL_MODEL_TAG, StepForm, headed, steps_of
from .kept import tasks_of
from .outcomes import judged_states

CHECKPOINT = "checkpoint"
REPORT = "report.txt"


@dataclass(frozen=True, slots=True)
class State:
    """One state to learn from; `task` is its task's text, since runs of other seeds reuse the ids."""

    task: str
    evidence: Evidence
    good: bool


@dataclass(frozen=True, slots=True)
class Material:
    """What a server made of the states.

    Attributes:
        model: whose features they are.
        examples: of the states as a head sees them.
        steps: of the same as `ProcessReward` shows them in `form`; None where no such model is to be made.
    """

    model: str
    examples: Examples
    steps: Examples | None
    form: StepForm


@dataclass(frozen=True, slots=True)
class Trained:
    """What training made: the head, what it does on tasks that it did not see, and the checkpoint, if any."""

    head: Head
    report: Report
    checkpoint: Checkpoint | None


def states_of(runs: Sequence[RunReader], most: int | None = None, seed: int = 0) -> list[State]:
    """The scored states of the runs whose outcome is known, each once a task: good if it was good in any run.

    Args:
        runs: of tasks of one domain.
        most: how many at most, drawn evenly; None takes all.
        seed: of that draw.

    Raises:
        SearchError: there are none.
    """
    found: dict[tuple[str, Evidence], bool] = {}
    for run in runs:
        texts = {task.id: task.text for task in tasks_of(run)}
        for one in judged_states(run):
            if one.good is not None:
                key = texts[one.task], one.evidence
                found[key] = found.get(key, False) or one.good
    if not found:
        raise SearchError("the runs have no scored state below which an end is known: there is nothing to learn from")
    states = [State(task, evidence, good) for (task, evidence), good in found.items()]
    if most is None or len(states) <= most:
        return states
    chosen = np.random.default_rng(seed).choice(len(states), most, replace=False)
    return [states[at] for at in sorted(chosen.tolist())]


async def material(
    states: Sequence[State], features: Embeddings, *, steps: bool = True, tag: str = SMALL_MODEL_TAG[0]
) -> Material:
    """Features of the states, by a server.

    Args:
        states: to learn from.
        features: of the model that the head is for.
        steps: also as a process reward model sees them.
        tag: the control text at whose token such a model scores a step; one of the model's reserved tokens.

    Raises:
        WrongHead: the tag is several tokens.
        ModelError: the server could not answer.
    """
    labels = np.array([state.good for state in states])
    tasks = np.array([state.task for state in states])
    rows, _ = await features.of([head_text(state.evidence) for state in states])
    form = headed(tag, await features.token(tag)) if steps else HEADED
    shown = None
    if steps:
        texts = [form.text(state.evidence.task, steps_of(state.evidence)) for state in states]
        shown = Examples((await features.of(texts))[0], labels, tasks)
    return Material(await features.model(), Examples(rows, labels, tasks), shown, form)


def check_new(directory: Path) -> None:
    """Looks whether a head can go there, before anything is paid for.

    Raises:
        SearchError: the directory is there already.
    """
    if directory.exists():
        raise SearchError(f"{directory} is there already; name a new directory")


def train_value(
    given: Material,
    directory: Path,
    *,
    base: Path | None = None,
    members: int = 16,
    held_out: float = 0.25,
    seed: int = 0,
) -> Trained:
    """Trains a head and writes it, with its report, to a new directory; beside it a reward model, if asked for.

    Args:
        given: the states' features.
        directory: a new one.
        base: the model's directory: a process reward model is made of it, with a linear head on `given.steps`. None
            makes none.
        members, held_out, seed: as for `learned.train`.

    Raises:
        SearchError: the directory is there already.
        SetupFailed: too few states, or scikit-learn is not installed.
        WrongHead: the model in `base` is another one than the server's.
    """
    check_new(directory)
    head, report = train(given.model, given.examples, members=members, held_out=held_out, seed=seed)
    checkpoint = None
    if base is not None and given.steps is not None:
        weights = train_linear(given.steps, seed)
        directory.mkdir(parents=True)
        checkpoint = write_checkpoint(base, weights, directory / CHECKPOINT, given.form)
    head.save(directory, report)
    (directory / REPORT).write_text(f"{report}\n", encoding="utf-8")
    return Trained(head, report, checkpoint)

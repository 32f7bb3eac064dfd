"""Several questions about one state, and the value that their answers make together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..value_models.protocols import Score, Usage


@dataclass(frozen=True, slots=True)
class Face:
    """One question about a state, in place of the domain's own.

    Attributes:
        question: asked of the value model; Yes means good.
        weight: of its answer, above 0.
        actions: first words of the actions that it is asked about; none stands for all. A question that names the
            action goes before those that name none.
    """

    question: str
    weight: float = 1.0
    actions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.question.strip() or self.weight <= 0:
            raise ValueError(f"a face is a question and a weight above 0, not {self.question!r} and {self.weight}")


def asked_about(faces: Sequence[Face], action: str) -> tuple[Face, ...]:
    """The faces that are asked about a state that an action of this first word led to."""
    named = tuple(face for face in faces if action in face.actions)
    return named or tuple(face for face in faces if not face.actions)


def together(faces: Sequence[Face], values: Mapping[str, float]) -> float:
    """Sum of weight * value by the sum of the weights, over the questions that were answered."""
    weights = {face.question: face.weight for face in faces}
    total = sum(weights[question] for question in values)
    return sum(weights[question] * value for question, value in values.items()) / total


def spoken(feedbacks: Sequence[str | None]) -> str | None:
    """What was said to the questions, one paragraph each."""
    said = [text for text in feedbacks if text]
    return "\n".join(said) if said else None


def joined(faces: Sequence[Face], scores: Mapping[str, Score]) -> Score:
    """The answers to several questions, by question, as one score."""
    (first, *_) = scores.values()
    usage = sum((score.usage for score in scores.values()), Usage())
    value = together(faces, {question: score.value for question, score in scores.items()})
    return Score(value, usage, first.provenance, None, spoken([score.feedback for score in scores.values()]))

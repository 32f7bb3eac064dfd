"""Answers as the journal holds them, and back: what a model or a domain said, as plain data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from ..domains.protocol import Step
from ..value_models.protocols import Proposal, Proposals, Ranking, Score, Usage
from .expansion import Child, Expansion

Answer = Proposals | Ranking | Score


def plain(data: Any) -> Any:
    """A request as plain data: dataclasses become their fields."""
    names = _field_names(type(data))
    if names is not None:
        return {name: plain(value) for name in names if (value := getattr(data, name)) or name not in _LATER}
    return {name: plain(value) for name, value in data.items()} if isinstance(data, dict) else data


def _field_names(kind: type) -> tuple[str, ...] | None:
    if kind not in _FIELDS:
        _FIELDS[kind] = tuple(field.name for field in fields(kind)) if is_dataclass(kind) else None
    return _FIELDS[kind]


_FIELDS: dict[type, tuple[str, ...] | None] = {}
# Fields younger than journals that are still read: left out where they are empty, so that the keys of requests last.
_LATER = frozenset({"kind", "images"})


def model_of(answer: Answer) -> str:
    """Who answered."""
    return answer.provenance if isinstance(answer, Score) else answer.model


def described(answer: Answer) -> Any:
    """A model's answer as plain data, without its usage and its model, which have columns of their own."""
    if isinstance(answer, Proposals):
        return [plain(item) for item in answer.items]
    if isinstance(answer, Ranking):
        return list(answer.logprobs)
    told = {"value": answer.value, "uncertainty": answer.uncertainty, "feedback": answer.feedback}
    return {**told, "parts": dict(answer.parts)} if answer.parts else told


def answer_of(kind: str, data: Any, usage: Usage, model: str | None) -> Answer:
    """The model's answer that `described` described."""
    if kind == "propose":
        return Proposals(tuple(Proposal(**item) for item in data), usage, model or "")
    if kind == "rank":
        return Ranking(tuple(data), usage, model or "")
    return Score(data["value"], usage, model or "", data["uncertainty"], data["feedback"], data.get("parts", {}))


def described_expansion(expansion: Expansion) -> dict[str, Any]:
    """What became of proposals, as plain data."""
    children = [
        {
            "text": child.text,
            "key": child.key,
            "prior": child.prior,
            "multiplicity": child.multiplicity,
            "reward": child.step.reward,
            "terminated": child.step.terminated,
            "truncated": child.step.truncated,
            "answer": child.step.answer,
            "checked": child.step.checked,
            **({} if child.acts else {"acts": False}),
            **({"measures": dict(child.step.measures)} if child.step.measures else {}),
            **({"recalled": list(child.recalled)} if child.recalled else {}),
        }
        for child in expansion.children
    ]
    return {"children": children, "dropped": dict(expansion.dropped)}


def expansion_of(data: Mapping[str, Any]) -> Expansion:
    """The expansion that `described_expansion` described; its states are had again by stepping, where one is needed."""
    children = tuple(
        Child(
            text=child["text"],
            actions=(),
            step=Step(
                state=None,
                key=child["key"],
                reward=child["reward"],
                terminated=child["terminated"],
                truncated=child["truncated"],
                answer=child["answer"],
                checked=child["checked"],
                measures=child.get("measures", {}),
            ),
            logprobs={},
            multiplicity=child["multiplicity"],
            prior=child["prior"],
            acts=child.get("acts", True),
            recalled=tuple(child.get("recalled", ())),
        )
        for child in data["children"]
    )
    return Expansion(children, Counter(data["dropped"]))


def usage_of(event: Mapping[str, Any]) -> Usage:
    """What an event cost."""
    return Usage(event["prompt_tokens"], event["cached_tokens"], event["completion_tokens"], event["calls"])

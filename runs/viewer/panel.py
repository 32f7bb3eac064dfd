"""All that is known of one node: its text, what it showed, what was asked there and what was answered."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ...search import Node, Tree
from ...search.journal.event import OF_VALUE

_PAGE = re.compile(r"<page>\n(.*?)\n</page>", re.DOTALL)
_CONTEXT = 3  # lines around a change

Event = Mapping[str, Any]


def panel(tree: Tree, node: Node, events: Iterable[Event]) -> dict[str, Any]:
    """A node as plain data.

    Args:
        tree: the node's.
        node: to be shown.
        events: the journal's, of this node.
    """
    calls = [_call(event, tree, node) for event in events]
    shown = _shown(calls, tree.nodes[0].text)
    return {
        "id": node.id,
        "path": [step.id for step in tree.path(node.id)],
        "text": node.text,
        "kind": node.kind,
        "visits": node.visits,
        "q": node.q if node.visits else None,
        "prior": node.prior,
        "value": node.value,
        "checked": node.checked,
        "reward": node.reward,
        "multiplicity": node.multiplicity,
        "answer": node.answer,
        "terminated": node.terminated,
        "truncated": node.truncated,
        "feedback": node.feedback,
        "failure": node.failure,
        "diff": _diff(tree, node),
        "observation": _PAGE.sub("(the page is shown below)", shown) or None,
        "page": "\n".join(_PAGE.findall(shown)) or None,
        "calls": calls,
    }


def _call(event: Event, tree: Tree, node: Node) -> dict[str, Any]:
    names = ("seq", "kind", "operator", "model", "error", "cached", "started", "seconds", "waited")
    tokens = {name: event[name] for name in ("prompt_tokens", "cached_tokens", "completion_tokens")}
    call = {name: event[name] for name in names} | tokens
    request, answer = event["request"], event["answer"]
    children = {tree.nodes[child].text: child for child in node.children}
    if event["kind"] in ("propose", "rank"):
        call["prompt"] = request["prompt"]
        if event["kind"] == "rank":
            items = [
                {"text": text, "logprob": logprob, "tokens": None, "finish": None}
                for text, logprob in zip(
                    request["candidates"], answer or [None] * len(request["candidates"]), strict=True
                )
            ]
        else:
            items = answer or []
        call["proposals"] = [{**item, "child": children.get(item["text"])} for item in items]
    elif event["kind"] in OF_VALUE:
        call["evidence"] = request["evidence"]
        call["score"] = answer
    elif event["kind"] == "step":
        made = [{**child, "child": children.get(child["text"])} for child in (answer or {}).get("children", ())]
        call["children"], call["dropped"] = made, (answer or {}).get("dropped", {})
    else:
        call["grade"] = answer
    return call


def _shown(calls: Iterable[Mapping[str, Any]], task: str) -> str:
    """What the node's state showed, as far as a model was asked about it: notes and path, without the task."""
    for call in calls:
        if "prompt" in call:
            prompt = call["prompt"]
            return "\n".join(part for part in (_without(prompt["user"], task), prompt["prefix"]) if part)
    for call in calls:
        if "evidence" in call:
            return _without(call["evidence"]["state"], task)
    return ""


def _without(text: str, task: str) -> str:
    return text.replace(task, "", 1).strip("\n") if task else text


def _diff(tree: Tree, node: Node) -> list[str] | None:
    """The changes from the parent's text, where both are attempts of several lines, such as programs."""
    if node.parent <= 0:
        return None
    before, after = tree.nodes[node.parent].text.splitlines(), node.text.splitlines()
    if len(before) < 2 or len(after) < 2:
        return None
    return list(difflib.unified_diff(before, after, lineterm="", n=_CONTEXT))[2:] or None

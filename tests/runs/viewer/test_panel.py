"""What is said of one node."""

from __future__ import annotations

from typing import Any

from treewright.runs.viewer import Growing
from treewright.runs.viewer.panel import panel
from treewright.search import Tree, Turn

COMMON = {
    "seq": 1, "operator": "propose", "model": "m", "error": None, "cached": False, "started": 0.0, "seconds": 1.0,
    "waited": 0.0, "prompt_tokens": 3, "cached_tokens": 0, "completion_tokens": 2, "calls": 1,
}  # fmt: skip


def event(kind: str, request: Any, answer: Any, **more: Any) -> dict[str, Any]:
    return {**COMMON, "kind": kind, "request": request, "answer": answer, **more}


def tree() -> Tree:
    made = Tree.planted("Fix f.", None)
    made.grow(0, "def f():\n    return 1\n")
    made.grow(1, "def f():\n    return 2\n")
    return made


def test_the_change_from_the_parents_program_is_a_diff() -> None:
    made = tree()
    assert panel(made, made.nodes[2], [])["diff"] == ["@@ -1,2 +1,2 @@", " def f():", "-    return 1", "+    return 2"]
    assert panel(made, made.nodes[1], [])["diff"] is None  # a task's text is no program


def test_what_the_state_showed_is_the_prompt_without_the_task_and_the_page_apart() -> None:
    made = tree()
    user = "Fix f.\n\nTests: 1 of 2 passed\n<page>\n[1] button 'Go'\n</page>"
    asked = {"prompt": {"user": user, "system": "s", "prefix": "so far"}, "n": 2, "candidates": []}
    told = panel(made, made.nodes[1], [event("propose", asked, [])])
    assert told["observation"] == "Tests: 1 of 2 passed\n(the page is shown below)\nso far"
    assert told["page"] == "[1] button 'Go'"


def test_evidence_stands_in_where_nothing_was_proposed() -> None:
    made = tree()
    asked = {"evidence": {"task": "Fix f.", "state": "return 1", "question": "good?"}}
    told = panel(made, made.nodes[1], [event("score", asked, {"value": 0.5, "uncertainty": None, "feedback": "no"})])
    assert told["observation"] == "return 1"
    assert told["calls"][0]["score"]["feedback"] == "no"


def test_proposals_name_the_nodes_that_they_became() -> None:
    made = tree()
    text = made.nodes[2].text
    items = [{"text": text, "tokens": 5, "logprob": -1.0, "finish": "stop"}]
    items += [{"text": "no program", "tokens": 2, "logprob": -2.0, "finish": "stop"}]
    asked = {"prompt": {"user": "", "system": "", "prefix": ""}, "n": 2, "candidates": []}
    (call,) = panel(made, made.nodes[1], [event("propose", asked, items)])["calls"]
    assert [item["child"] for item in call["proposals"]] == [2, None]


def test_a_ranking_that_failed_still_shows_what_was_asked() -> None:
    made = tree()
    asked = {"prompt": {"user": "", "system": "", "prefix": ""}, "n": 0, "candidates": ["left", "right"]}
    (call,) = panel(made, made.nodes[1], [event("rank", asked, None, error="away")])["calls"]
    assert [(item["text"], item["logprob"]) for item in call["proposals"]] == [("left", None), ("right", None)]
    assert call["error"] == "away"


class Strange:
    """A run whose recipe makes children that no step tells of."""

    def meta(self) -> dict[str, Any]:
        return {}

    def shard_of(self, task: str) -> Strange:
        return self

    def turns(self, *, after: int = 0) -> list[Turn]:
        return [Turn((0,), 1, 0.5, 1), Turn((1,), 1, 0.7, 2)][after:]

    def growth(self, task: str, *, after: int = 0) -> list[dict[str, Any]]:
        score = {"kind": "score", "operator": None, "error": None, "answer": {"value": 1.0, "feedback": None}}
        return [{**score, "seq": 1, "trial": 0, "node": 0}, {**score, "seq": 2, "trial": 1, "node": 7}][after:]


def test_a_tree_that_cannot_be_told_is_told_as_far_as_it_can() -> None:
    growing = Growing(Strange(), "a", "Fix f.")  # type: ignore[arg-type]
    growing.advance()
    assert growing.lost
    assert [(node.text, node.visits, node.q) for node in growing.tree.nodes] == [("Fix f.", 1, 1.0)]

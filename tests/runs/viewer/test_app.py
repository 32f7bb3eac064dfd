"""What the page is told of tasks, trees and nodes."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from viewer_runs import EVIL

from treewright.runs.album import album_of
from treewright.search import RunReader

Get = Callable[[str], Any]


def getter(address: str) -> Get:
    def get(path: str) -> Any:
        with urllib.request.urlopen(f"{address}api/{path}") as answer:
            return json.load(answer)

    return get


@pytest.fixture(scope="module")
def get(serve: Callable[..., str], finished: Path) -> Get:
    return getter(serve(finished))


def test_tasks_are_listed_in_their_order_with_verdict_and_cost(get: Get, finished: Path) -> None:
    tasks = get("tasks")
    assert [task["id"] for task in tasks] == ["pens/1", "pens/2", "pens/3"]
    for task in tasks:
        result = RunReader(finished).result(task["id"])
        assert task["correct"] == (result.grade.correct if result.grade else None)
        assert (task["answer"], task["nodes"]) == (result.answer, len(result.tree.nodes))
        assert task["cost"]["tokens"] == result.cost.policy_tokens + result.cost.value_tokens


def test_a_tree_comes_as_columns(get: Get, finished: Path) -> None:
    result = RunReader(finished).result("pens/2")
    tree = get("tasks/1/tree")
    assert tree["finished"] is True
    assert tree["answer"] == result.node
    assert tree["parent"] == [node.parent for node in result.tree.nodes]
    assert tree["visits"] == [node.visits for node in result.tree.nodes]
    best = max(result.tree.nodes[0].children, key=lambda child: result.tree.nodes[child].visits)
    assert result.tree.nodes[tree["principal"][1]].visits == result.tree.nodes[best].visits


def test_a_life_comes_with_it(get: Get) -> None:
    tree, life = get("tasks/1/tree"), get("tasks/1/life")
    assert len(life["born"]) == len(tree["parent"])
    assert len(life["node"]) == tree["visits"][0]


def test_a_node_has_its_prompt_proposals_and_scores(get: Get) -> None:
    root = get("tasks/1/nodes/0")
    propose = next(call for call in root["calls"] if call["kind"] == "propose")
    assert propose["prompt"]["user"] == "A shop has 2 boxes of 4 pens. How many pens?"
    children = [item["child"] for item in propose["proposals"] if item["child"] is not None]
    assert children
    child = get(f"tasks/1/nodes/{children[0]}")
    assert child["path"] == [0, children[0]]
    assert child["text"] in [item["text"] for item in propose["proposals"]]
    score = next(call for call in child["calls"] if call["kind"] == "score")
    assert score["score"]["value"] == child["value"]
    assert child["text"] in score["evidence"]["state"]
    assert child["text"] in child["observation"]


def test_text_is_found_in_any_case(get: Get) -> None:
    tree = get("tasks/1/tree")
    found = get("tasks/1/find?text=THE%20ANSWER")
    assert found
    assert all("The answer" in tree["text"][node] for node in found)
    assert get("tasks/1/find?text=%3Cscript") == [n for n, text in enumerate(tree["text"]) if text.startswith(EVIL[:9])]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("tasks/3", "the run has 3 tasks, numbered from 0; there is no task 3"),
        ("tasks/0/nodes/9999", "task 0 has no node 9999"),
        ("tasks/0/pictures/0", "no picture of node 0 of task 0 was kept"),
    ],
)
def test_what_is_not_there_is_said(get: Get, path: str, said: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as raised:
        get(path)
    assert raised.value.code == 404
    assert said in raised.value.read().decode()


def test_an_unfinished_task_shows_its_tree_so_far(serve: Callable[..., str], stopped: Path) -> None:
    get = getter(serve(stopped))
    rows = get("tasks")
    assert sum(row["stopped"] is not None for row in rows) == 1
    unfinished = [row["number"] for row in rows if row["stopped"] is None and row["calls"]]
    assert unfinished
    tree = get(f"tasks/{unfinished[0]}/tree")
    assert tree["finished"] is False
    assert len(tree["parent"]) > 1
    assert get(f"tasks/{unfinished[0]}/nodes/0")["calls"]


def test_a_picture_of_the_album_is_shown(serve: Callable[..., str], stopped: Path) -> None:
    folder = album_of(stopped, 1)
    folder.mkdir(parents=True)
    (folder / "0.png").write_bytes(b"\x89PNG")
    address = serve(stopped)
    assert getter(address)("tasks/1/nodes/0")["picture"] is True
    assert getter(address)("tasks/0/nodes/0")["picture"] is False
    with urllib.request.urlopen(f"{address}api/tasks/1/pictures/0") as answer:
        assert (answer.headers["content-type"], answer.read()) == ("image/png", b"\x89PNG")

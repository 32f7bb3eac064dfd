"""Shards of a suite: every task in one of them, in order, and texts that name none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treewright.domains.math import game24_tasks
from treewright.domains.protocol import Task
from treewright.runs import Shard, Suite, in_shard, split
from treewright.runs.distributed import Cluster, resources, shared_out
from treewright.search import SearchError, beam, mcts

SUITE = Suite("game24", "game24", tuple(game24_tasks(7, 0)))


@given(st.integers(0, 60), st.integers(1, 12))
def test_a_split_is_the_whole_and_even(count: int, of: int) -> None:
    tasks = [Task(str(number), "") for number in range(count)]
    parts = split(tasks, of)
    assert [task for part in parts for task in part] == tasks
    assert len(parts) == of
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_the_shards_of_a_suite_are_named_and_belong_together() -> None:
    found = [in_shard(SUITE, f"{number}/3", [mcts()]) for number in (1, 2, 3)]
    assert [len(suite.tasks) for suite, _ in found] == [2, 2, 3]
    assert tuple(task for suite, _ in found for task in suite.tasks) == SUITE.tasks
    assert [suite.name for suite, _ in found] == ["game24-1of3", "game24-2of3", "game24-3of3"]
    assert [about["number"] for _, about in found] == [1, 2, 3]
    assert len({about["suite"] for _, about in found}) == 1
    other = Suite("game24", "game24", tuple(game24_tasks(7, 1)))
    assert in_shard(other, "1/3", [mcts()])[1]["suite"] != found[0][1]["suite"]


@pytest.mark.parametrize("text", ["0/4", "5/4", "4", "a/b", "1/0", "-1/4", "1/4/2", ""])
def test_a_text_that_names_no_shard_is_refused(text: str) -> None:
    with pytest.raises(SearchError, match="a shard is i/n with i from 1 to n"):
        Shard.parse(text)


def test_an_empty_shard_and_several_recipes_are_refused() -> None:
    with pytest.raises(SearchError, match="shard 1/8 of 7 tasks is empty; take 7 shards at most"):
        in_shard(SUITE, "1/8", [mcts()])
    with pytest.raises(SearchError, match="a shard takes one recipe"):
        in_shard(SUITE, "1/2", [mcts(), beam()])


def test_servers_are_shared_or_split() -> None:
    urls = ["a", "b", "c", "d", "e"]
    assert shared_out(urls, "shared", 1, 3) == urls
    shares = [shared_out(urls, "split", number, 3) for number in range(3)]
    assert shares == [["a", "d"], ["b", "e"], ["c"]]
    assert [shared_out(["a", "b"], "split", number, 3) for number in range(3)] == [["a"], ["b"], ["a"]]


def test_resources_are_read() -> None:
    assert resources(["browser=2", "gpu"]) == {"browser": 2.0, "gpu": 1.0}
    assert resources(None) == {}
    assert Cluster(cpus=2, resources={"browser": 1}).needs == "2 CPUs, 1 browser"
    with pytest.raises(SearchError, match="NAME=AMOUNT, such as browser=1; not 'browser=many'"):
        resources(["browser=many"])

"""Which tasks are taken: by id, shuffled, limited."""

from __future__ import annotations

import pytest

from treewright.domains.protocol import Task
from treewright.runs.choosing import chosen
from treewright.search import UnknownName

TASKS = [Task(f"t{number}", "") for number in range(10)]


def ids(tasks: list[Task]) -> list[str]:
    return [task.id for task in tasks]


def test_ids_are_taken_in_the_order_given_and_once() -> None:
    assert ids(chosen(TASKS, ["t7", "t2", "t7"])) == ["t7", "t2"]
    with pytest.raises(
        UnknownName, match=r"no 't11' among the 10 tasks; did you mean 't1'\? Available: (t\d, )+\.\.\.$"
    ):
        chosen(TASKS, ["t11"])


def test_a_shuffle_repeats_by_seed_and_loses_nothing() -> None:
    one, again, other = (chosen(TASKS, shuffle=seed) for seed in (1, 1, 2))
    assert one == again != other
    assert sorted(ids(one)) == sorted(ids(other)) == ids(TASKS)
    assert ids(one) == ["t8", "t2", "t1", "t9", "t4", "t5", "t3", "t7", "t0", "t6"], "on every machine"


def test_the_limit_comes_after_the_shuffle() -> None:
    assert chosen(TASKS, shuffle=1, limit=3) == chosen(TASKS, shuffle=1)[:3]
    assert chosen(TASKS, limit=0) == []

"""Texts that name an environment, and those that do not."""

from __future__ import annotations

import pytest

pytest.importorskip("gymnasium", reason="needs treewright[gym]")

from treewright.domains import DomainError
from treewright.domains.gym import Specification, gym_tasks


def test_text_is_read_and_written_back() -> None:
    read = Specification.read("FrozenLake8x8-v1 is_slippery=False desc=\"['SG']\" map_name='a b' seed=3")
    assert read == Specification("FrozenLake8x8-v1", (("is_slippery", False), ("desc", ["SG"]), ("map_name", "a b")), 3)
    assert Specification.read(read.text) == read
    assert Specification.read("CartPole-v1") == Specification("CartPole-v1")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "names no environment"),
        ("seed=3", "names no environment"),
        ("CartPole-v1 slippery", "is no option"),
        ("CartPole-v1 seed=-1", "not negative"),
        ("CartPole-v1 seed=True", "whole number"),
        ("CartPole-v1 name='a", "No closing quotation"),
    ],
)
def test_other_texts_are_refused(text: str, says: str) -> None:
    with pytest.raises(DomainError, match=says):
        Specification.read(text)


def test_a_suite_is_one_task_a_seed() -> None:
    tasks = gym_tasks("Taxi-v4 is_rainy=False", 3, seed=5)
    assert [task.text for task in tasks] == [f"Taxi-v4 is_rainy=False seed={seed}" for seed in (5, 6, 7)]
    assert [task.id for task in tasks] == ["Taxi-v4-5", "Taxi-v4-6", "Taxi-v4-7"]
    with pytest.raises(DomainError, match="--seed"):
        gym_tasks("Taxi-v4 seed=1", 3)

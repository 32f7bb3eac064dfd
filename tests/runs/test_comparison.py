"""Two runs compared task by task, at what each spent and at equal spending."""

from __future__ import annotations

from pathlib import Path

import pytest
from finished import finished, stopped

from treewright.runs import load_suite
from treewright.runs.comparison import DifferentTasks, compare_runs
from treewright.search import JournalError, RunReader, anytime, mcts


def test_a_run_compared_with_itself_shows_no_difference(tmp_path: Path) -> None:
    summary = finished(tmp_path / "a", tasks=8, expansions=24)
    for compared in compare_runs(tmp_path / "a", tmp_path / "a"):
        assert compared.tasks == 8
        assert compared.first == compared.second
        assert compared.first.spent == summary.policy_tokens
        assert (compared.difference.low, compared.difference.high) == (0.0, 0.0)
        assert (compared.test.first, compared.test.second, compared.test.p) == (0, 0, 1.0)


def test_the_dearer_run_is_cut_to_what_the_other_spent(tmp_path: Path) -> None:
    """A run of 4 expansions and the same search with 24: cut to equal spending, the second is no better than that."""
    recipe = mcts(leaves=1)
    small = finished(tmp_path / "small", tasks=8, expansions=4, recipe=recipe, deterministic=True)
    large = finished(tmp_path / "large", tasks=8, expansions=24, recipe=recipe, deterministic=True)
    assert large.solved > small.solved
    whole, equal = compare_runs(tmp_path / "small", tmp_path / "large", unit="expansions")
    assert round(whole.second.accuracy.value * 8) == large.solved
    assert whole.difference.value == pytest.approx((large.solved - small.solved) / 8)
    assert whole.test.second - whole.test.first == large.solved - small.solved
    assert (whole.first.budget, whole.second.budget) == (4, 24)
    spent = sum(result.cost.expansions for result in small.results)
    assert equal.first == whole.first
    assert equal.second.budget == 4
    assert equal.second.spent == equal.first.spent == spent
    assert equal.difference.value == 0.0
    assert [course.within(4, "expansions").solved for course in anytime(tmp_path / "large")] == [  # type: ignore[union-attr]
        result.solved for result in small.results
    ]


def test_different_tasks_are_named_with_what_to_do(tmp_path: Path) -> None:
    finished(tmp_path / "a", tasks=4)
    finished(tmp_path / "b", suite=load_suite("game24", tasks=["game24-0-3", "game24-0-2", "game24-0-9"]))
    with pytest.raises(DifferentTasks) as raised:
        compare_runs(tmp_path / "a", tmp_path / "b")
    assert "2 (game24-0-0, game24-0-1) in the first alone, 1 (game24-0-9) in the second alone" in str(raised.value)
    assert "the 2 that they share: --shared" in str(raised.value)
    whole, _ = compare_runs(tmp_path / "a", tmp_path / "b", shared=True)
    assert whole.tasks == 2


def test_tasks_of_one_id_and_another_text_are_different(tmp_path: Path) -> None:
    finished(tmp_path / "a", tasks=2)
    other = load_suite("game24", limit=2, seed=5)
    renamed = [type(task)(f"game24-0-{i}", task.text) for i, task in enumerate(other.tasks)]
    finished(tmp_path / "b", suite=type(other)("game24", "game24", tuple(renamed)))
    with pytest.raises(DifferentTasks, match=r"2 \(game24-0-0, game24-0-1\) in the first alone"):
        compare_runs(tmp_path / "a", tmp_path / "b")
    with pytest.raises(DifferentTasks, match="no finished task in common"):
        compare_runs(tmp_path / "a", tmp_path / "b", shared=True)


def test_an_unfinished_run_is_compared_over_what_both_finished(tmp_path: Path) -> None:
    finished(tmp_path / "a", tasks=6)
    stopped(tmp_path / "b", tasks=6, after=2)
    whole, _ = compare_runs(tmp_path / "a", tmp_path / "b")
    assert whole.tasks == len(RunReader(tmp_path / "b").tasks()) < 6
    with pytest.raises(JournalError, match="is no run directory"):
        compare_runs(tmp_path / "a", tmp_path / "nowhere")

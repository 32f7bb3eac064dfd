"""The table of results: one row a task, read back by another reader."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
from finished import finished

from treewright.domains.protocol import Grade, Task
from treewright.runs.results import write_results
from treewright.search import Cost, Result, RunReader, Tree


def test_a_finished_run_has_a_row_a_task(tmp_path: Path) -> None:
    summary = finished(tmp_path, tasks=4)
    rows = pq.read_table(tmp_path / "results.parquet").to_pylist()
    assert [row["task"] for row in rows] == RunReader(tmp_path).task_ids()
    for row, result in zip(rows, summary.results, strict=True):
        assert row["answer"] == result.answer
        assert row["correct"] == result.solved
        assert row["stopped"] == result.stopped
        assert row["policy_prompt"] + row["policy_completion"] == result.cost.policy_tokens
        assert row["calls"] == result.cost.calls
        assert row["nodes"] == len(result.tree.nodes)


def test_what_is_not_known_is_null_and_half_a_character_is_stored(tmp_path: Path) -> None:
    ungraded = Result(Task("a", "x"), None, 0.0, Cost(), Tree([]), None, "calls", Grade(None, "none"))
    broken = Result(Task("b", "x"), "\ud800", 0.0, Cost(), Tree([]), None, "calls")
    rows = pq.read_table(write_results(tmp_path, [ungraded, broken])).to_pylist()
    assert [(row["answer"], row["correct"], row["detail"]) for row in rows] == [(None, None, "none"), ("?", None, None)]

"""What a run keeps of its job: enough to run it again, and to load tasks that a journal cannot hold."""

from __future__ import annotations

import json
import subprocess
import tomllib
from pathlib import Path

import pytest
from doubling import RECORD
from finished import finished

from treewright.domains.code import HiddenTests
from treewright.domains.protocol import Task
from treewright.runs import Suite, load_suite
from treewright.runs.job import Job
from treewright.runs.kept import job_of, keep_job, tasks_of
from treewright.runs.surroundings import git_revision, surroundings
from treewright.search import JournalError, RunReader


def test_a_run_keeps_its_suite_and_what_it_was_made_with(tmp_path: Path) -> None:
    finished(tmp_path, tasks=3)
    about = RunReader(tmp_path).meta()["about"]
    suite = load_suite("game24", limit=3)
    assert about["suite"] == {
        "name": "game24",
        "version": "1",
        "digest": suite.digest,
        "split": None,
        "left_out": [],
    }
    assert set(about["surroundings"]) == {"python", "platform", "packages", "git"}
    assert "treewright" in about["surroundings"]["packages"]


def test_a_kept_job_is_a_file_and_plain_data(tmp_path: Path) -> None:
    job = Job.made({"suite": {"name": "game24", "limit": 2}}, "here")
    data = keep_job(tmp_path / "run", job)
    assert Job.made(json.loads(json.dumps(data)), "there") == job
    assert Job.made(tomllib.loads((tmp_path / "run" / "job.toml").read_text()), "there") == job
    finished(tmp_path / "run", tasks=2, about={"job": data})
    assert job_of(RunReader(tmp_path / "run").meta()) == job
    (tmp_path / "file").touch()
    with pytest.raises(JournalError, match="cannot be written"):
        keep_job(tmp_path / "file", job)


def test_tasks_that_a_journal_cannot_hold_are_loaded_anew(tmp_path: Path) -> None:
    """Where hidden tests lie is no plain data; the game stands for the domain, which is not what is tested."""
    file = tmp_path / "t.jsonl"
    file.write_text(json.dumps(RECORD) + "\n")
    (loaded,) = load_suite("code", data=file).tasks
    assert isinstance(loaded.hidden, HiddenTests)
    data = Job.made({"suite": {"name": "code", "data": str(file)}}, "here").model_dump(mode="json", exclude_none=True)
    played = Suite("code", "game24", (Task(loaded.id, "Use 4, 7, 8, 8 and + - * / to make 24.", loaded.hidden),))
    finished(tmp_path / "without", suite=played)
    with pytest.raises(JournalError, match="give the tasks again"):
        tasks_of(RunReader(tmp_path / "without"))
    finished(tmp_path / "run", suite=played, about={"job": data})
    assert tasks_of(RunReader(tmp_path / "run")) == [loaded]
    file.write_text(json.dumps({**RECORD, "id": "another"}) + "\n")
    with pytest.raises(JournalError, match=f"has no task '{loaded.id}' any more"):
        tasks_of(RunReader(tmp_path / "run"))


def test_the_revision_is_git_s_own_and_none_where_there_is_none(tmp_path: Path) -> None:
    assert git_revision(tmp_path) is None
    for command in (
        ["init", "-q"],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "a", "--allow-empty"],
    ):
        subprocess.run(["git", "-C", str(tmp_path), *command], check=True)
    revision = git_revision(tmp_path)
    assert revision is not None
    assert len(revision["revision"]) == 40
    assert revision["changed"] is False
    (tmp_path / "a").touch()
    subprocess.run(["git", "-C", str(tmp_path), "add", "a"], check=True)
    assert git_revision(tmp_path) == {**revision, "changed": True}
    assert surroundings(tmp_path)["git"] == {**revision, "changed": True}

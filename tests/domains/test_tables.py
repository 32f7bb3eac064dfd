"""Readers of published files."""

from __future__ import annotations

from pathlib import Path

import pytest

from treewright.domains import DomainError, Task
from treewright.domains.math import (
    GAME24,
    Game24,
    WordProblems,
    parse_puzzle,
    read_game24_table,
    read_gsm8k,
    solve_exactly,
)

DATA = Path(__file__).parents[2].parent / "shared" / "data"
HEADER = "Rank,Puzzles,AMT (s)\n"


def _shared(name: str) -> Path:
    if not (DATA / name).exists():
        pytest.skip(f"shared/data/{name} is not beside this checkout")
    return DATA / name


def _written(folder: Path, text: str) -> Path:
    path = folder / "tasks"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_published_table_is_read_and_solvable():
    tasks = read_game24_table(_shared("game24.csv"))
    assert len(tasks) == len({task.id for task in tasks}) == 1_262
    assert tasks[0] == Task("game24-table-1", "Use 1, 1, 4, 6 and + - * / to make 24.")
    game = Game24()
    for task in tasks[::25]:
        answer = solve_exactly(parse_puzzle(task.text, GAME24).numbers)
        assert game.grade(task, answer).correct


@pytest.mark.slow
def test_every_puzzle_of_the_published_table_is_solvable():
    for task in read_game24_table(_shared("game24.csv")):
        assert solve_exactly(parse_puzzle(task.text, GAME24).numbers) is not None, task


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "line 1: no column 'Rank'; found nothing"),
        ("Rank,Puzzle\n1,1 1 4 6\n", "line 1: no column 'Puzzles'; found Rank, Puzzle"),
        (HEADER + "1,1 1 4 6,4\n2,1 1 x 8,4\n", "line 3, Puzzles: '1 1 x 8'; expected four whole numbers"),
        (HEADER + "1,1 1 4 14,4\n", "line 2, Puzzles: '1 1 4 14'"),
        (HEADER + "1,1 1 4,4\n", "line 2, Puzzles: '1 1 4'"),
        (HEADER + "one,1 1 4 6,4\n", "line 2, Rank: 'one'"),
        (HEADER + "1,1 1 4 6,4\n1,1 1 4 8,4\n", "line 3, Rank: '1' stands in an earlier line"),
        (HEADER + "1,1 1 4 6\n", "line 2: 2 fields; expected 3"),
    ],
)
def test_a_bad_table_is_named_by_line_field_and_value(tmp_path: Path, text: str, says: str):
    with pytest.raises(DomainError, match=says):
        read_game24_table(_written(tmp_path, text))


def test_gsm8k_is_read_with_its_gold_hidden(tmp_path: Path):
    path = _written(tmp_path, '{"question": "What is 9 * 2?", "answer": "9 * 2 = 18\\n#### 1,018"}\n\n')
    assert read_gsm8k(path) == [Task("gsm8k-1", "What is 9 * 2?", hidden="1,018")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{\n", "line 1: .* is no JSON"),
        ("[1]\n", "line 1: .* expected an object"),
        ('{"answer": "#### 1"}\n', "line 1, question: None"),
        ('{"question": "q", "answer": "18"}\n', "line 1, answer: '18'; expected an end like '#### 18'"),
        ('\n{"question": "q", "answer": "#### many"}\n', "line 2, answer: '#### many'"),
        ('{"question": "q", "answer": 18}\n', "line 1, answer: 18"),
    ],
)
def test_bad_gsm8k_is_named_by_line_field_and_value(tmp_path: Path, text: str, says: str):
    with pytest.raises(DomainError, match=says):
        read_gsm8k(_written(tmp_path, text))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path):
    for read in (read_game24_table, read_gsm8k):
        with pytest.raises(DomainError, match=r"missing\.csv cannot be read: No such file"):
            read(tmp_path / "missing.csv")
    (tmp_path / "latin").write_bytes(b'{"question": "caf\xe9"}')
    with pytest.raises(DomainError, match="not UTF-8"):
        read_gsm8k(tmp_path / "latin")


def test_gold_answers_of_gsm8k_are_correct_against_themselves():
    tasks = read_gsm8k(_shared("gsm8k_test.jsonl"))
    domain = WordProblems()
    assert len(tasks) == 1_000
    assert tasks[0].hidden == "18"
    for task in tasks:
        assert domain.grade(task, task.hidden).correct
        assert not domain.grade(task, f"{task.hidden}1").correct
        (action,) = domain.parse(domain.reset(task.visible()), f"The answer is {task.hidden}.")
        assert domain.grade(task, domain.step(domain.reset(task.visible()), action).answer).correct

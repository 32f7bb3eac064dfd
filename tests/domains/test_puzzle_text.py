"""Puzzles in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treewright.domains import DomainError
from treewright.domains.math import COUNTDOWN, GAME24, Puzzle, parse_puzzle, puzzle_text


@pytest.mark.parametrize(
    "text",
    [
        "Use 4, 7, 8, 8 and + - * / to make 24.",
        "4 7 8 8",
        "make 24 from 8, 8, 7 and 4",
        "Game of 24: 4 7 8 8",
        "[4, 7, 8, 8] = 24",
        "Can you get to 24 with 4 7 8 8?",
    ],
)
def test_game24_is_read_from_free_text(text: str):
    assert parse_puzzle(text, GAME24) == Puzzle((4, 7, 8, 8), 24)


@pytest.mark.parametrize(
    "text",
    ["Use some of 3, 7, 25, 50 and + - * / to make 82.", "numbers 50 25 7 3, target: 82", "reach 82 from 3 7 25 50"],
)
def test_countdown_is_read_from_free_text(text: str):
    assert parse_puzzle(text, COUNTDOWN) == Puzzle((3, 7, 25, 50), 82)


@given(st.lists(st.integers(1, 9_999), min_size=2, max_size=6), st.integers(10_000, 99_999))
def test_text_and_back(numbers: list[int], target: int):
    assert parse_puzzle(puzzle_text(numbers, target, COUNTDOWN), COUNTDOWN) == Puzzle(tuple(sorted(numbers)), target)
    assert parse_puzzle(puzzle_text(numbers, 24, GAME24), GAME24) == Puzzle(tuple(sorted(numbers)), 24)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Solve this.", "0 numbers.*expected a text like 'Use 4, 7, 8, 8"),
        ("4", "1 numbers"),
        ("1 2 3 4 5 6 7", "7 numbers"),
        ("Use 1, 2, 3 and + - * / to make 30.", "always makes 24, not 30.*countdown"),
        ("0 4 6 1", "a number is 0, not 1 to 9999"),
        ("99999 4 6 1", "a number is 99999"),
        ("1" * 400, "a number is 1111"),
        ("1.5 4 6 1", "'1.5'.*positive and whole"),
        ("1, -5, 4", "'-5'.*positive and whole"),
        ("1/2 4 6", "'1/2'"),
        ("x" * 501, "501 characters"),
        ("٤ ٧ ٨ ٨", "0 numbers"),
    ],
)
def test_what_is_no_game24_says_what_was_expected(text: str, says: str):
    with pytest.raises(DomainError, match=says):
        parse_puzzle(text, GAME24)


def test_countdown_needs_a_target_that_is_not_there_already():
    with pytest.raises(DomainError, match=r"no target.*to make 82"):
        parse_puzzle("3 7 25 50", COUNTDOWN)
    with pytest.raises(DomainError, match="nothing to solve"):
        parse_puzzle("Use some of 3, 7, 25 and + - * / to make 25.", COUNTDOWN)

"""What a model writes in a number game."""

from __future__ import annotations

from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from treewright.domains import BadProposal, Step, Task
from treewright.domains.math import Countdown, Game24

FOUR = Task("four", "Use 4, 7, 8, 8 and + - * / to make 24.")
SOME = Task("some", "Use some of 3, 7, 25, 50 and + - * / to make 82.")


def _play(domain: Game24 | Countdown, task: Task, text: str, path: str = "") -> Step:
    state = domain.reset(task)
    for proposal in (path, text) if path else (text,):
        for move in domain.parse(state, proposal):
            step = domain.step(state, move)
            state = step.state
    return step


@pytest.mark.parametrize(
    "text",
    [
        "8 / 4 = 2 (left: 2 7 8)",
        "8 / 4 = 2",
        "8 / 4",
        "8/4=2",
        " 8 ÷ 4 = 2. ",
        "1. 8 / 4 = 2 (left: 2 7 8)",
        "Step 1: 8 / 4 = 2",
        "- 8 / 4 = 2",
        "8 / 4 = 2 left: 7 8 2",
    ],
)
def test_one_move_in_many_spellings(text: str):
    assert _play(Game24(), FOUR, text).key == "2 7 8"


def test_the_order_of_a_sum_or_product_does_not_matter():
    game = Game24()
    state = game.reset(FOUR)
    assert game.parse(state, "4 + 8") == game.parse(state, "8 + 4 = 12")
    assert game.parse(state, "7 * 8") == game.parse(state, "8 × 7 = 56")


def test_a_fraction_is_an_operand_with_and_without_parentheses():
    for text in ("(8/7) * 8 = 64/7", "8/7 * 8", "8 * 8/7 = 64/7"):
        assert _play(Game24(), FOUR, text, path="8 / 7 = 8/7").key == "4 64/7"


@pytest.mark.parametrize(
    "text",
    [
        "8 / 8 = 1 (left: 1 4 7)\n7 - 1 = 6 (left: 4 6)\n6 * 4 = 24 (left: 24)",
        "8 / 8\n\n7 - 1\n4 * 6\nSo the answer is (7 - 1) * 4.",
        "Answer: (7 - 8 / 8) * 4",
        "answer: 4 * (7 - 8/8) = 24.",
        "(7 - 8/8) * 4 = 24",
        "8 / 8 = 1\nAnswer: (7 - 1) * 4",
        "8 / 8 = 1\nAnswer: (7 - 8 / 8) * 4",
        "8 / 8 = 1\n7 - 1 = 6\nAnswer: 4 * (7 - 8 / 8) = 24",
    ],
)
def test_whole_solutions(text: str):
    step = _play(Game24(), FOUR, text)
    assert (step.reward, step.answer) == (1.0, "(7 - 8 / 8) * 4")


def test_an_expression_may_pass_below_zero_in_game24_and_becomes_moves_that_do_not():
    step = _play(Game24(), Task("t", "Use 1, 3, 5, 9 and + - * / to make 24."), "(3 - 9) * (1 - 5)")
    assert step.reward == 1.0
    assert step.answer == "(9 - 3) * (5 - 1)"
    with pytest.raises(BadProposal) as caught:
        _play(Countdown(), SOME, "25 - (3 - 7)")
    assert caught.value.reason == "illegal"


@pytest.mark.parametrize(
    ("text", "reason", "says"),
    [
        ("8 / 4 = 3", "wrong result", "the result is 2"),
        ("(7 - 8/8) * 4 = 25", "wrong result", "the result is 24"),
        ("8 / 4 = 2\n7 + 2 = 10", "wrong result", "the result is 9"),
        ("8 / 4 = 2.0", "format", "no exact number"),
        ("9 - 4 = 5", "illegal", "9 is not there"),
        ("4 + 4 = 8", "illegal", "4 is not there"),
        ("4 - 8 = -4", "illegal", "from 0 up"),
        ("8 - 8 = 0\n7 / 0", "illegal", "from 0 up"),
        ("Answer: 4 * (7 - 9)", "illegal", "9 is not there"),
        ("Answer: 24", "format", "holds no operation"),
        ("I think 8 / 4", "format", "neither a move"),
        ("", "format", "empty"),
        (" \n ", "format", "empty"),
        ("8 / 4 = 1/0", "format", "divides by zero"),
    ],
)
def test_what_is_no_move_says_why(text: str, reason: str, says: str):
    with pytest.raises(BadProposal, match=says) as caught:
        _play(Game24(), FOUR, text)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000,
        "(" * 190 + "8",
        "8" * 3_000 + " + 1",
        "8 + " + "9" * 150,
        "8 ** 8 ** 8",
        "__import__('os').system('true')",
        "٨ / ٤ = ٢",
        "8 / 4 = ٢",
        "8\x00/ 4",
        "\n".join(["8 / 4"] * 700),
        "=" * 199,
        "step " * 39,
        "1. " * 60,
    ],
)
def test_hostile_text_is_refused_at_once(text: str):
    game = Game24()
    state = game.reset(FOUR)
    started = perf_counter()
    with pytest.raises(BadProposal):
        game.parse(state, text)
    assert perf_counter() - started < 0.5


@given(st.text(alphabet="0123456789+-*/()=. answer:left\n", max_size=80))
@settings(deadline=None, max_examples=300)
def test_any_text_is_moves_that_can_be_played_or_a_bad_proposal(text: str):
    for game, task in ((Game24(), FOUR), (Countdown(), SOME)):
        state = game.reset(task)
        try:
            moves = game.parse(state, text)
        except BadProposal:
            continue
        assert moves
        for move in moves:
            state = game.step(state, move).state

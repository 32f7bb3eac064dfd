"""Game of 24 and Countdown as domains."""

from __future__ import annotations

import pickle
import random
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from treewright.domains import BadProposal, Domain, Step, Task
from treewright.domains.math import (
    COUNTDOWN,
    GAME24,
    Arithmetic,
    Countdown,
    Game24,
    Move,
    NumbersLeft,
    puzzle_text,
    solve_exactly,
)
from treewright.domains.math.arithmetic import COUNTDOWN_EXAMPLES, GAME24_EXAMPLES

game24: Domain = Game24()
countdown: Domain = Countdown()

_numbers = st.lists(st.integers(1, 13), min_size=2, max_size=5)
_games = st.one_of(
    st.builds(lambda numbers: (Game24(), puzzle_text(numbers, 24, GAME24)), _numbers),
    st.builds(
        lambda numbers, target: (Countdown(), puzzle_text(numbers, target, COUNTDOWN)), _numbers, st.integers(14, 40)
    ),
)


def _start(domain: Domain, text: str) -> NumbersLeft:
    state = domain.reset(Task("t", text))
    assert isinstance(state, NumbersLeft)
    return state


def _play(domain: Domain, text: str, *lines: str) -> Step:
    state = _start(domain, text)
    for line in lines:
        (move,) = domain.parse(state, line)
        step = domain.step(state, move)
        state = step.state
    return step


FOUR = "Use 4, 7, 8, 8 and + - * / to make 24."
SOME = "Use some of 3, 7, 25, 50 and + - * / to make 82."


def test_a_game_won_is_paid_once_at_the_end():
    state, rewards = _start(game24, FOUR), []
    for line in ("8 / 8 = 1", "7 - 1 = 6", "6 * 4 = 24"):
        step = game24.step(state, *game24.parse(state, line))
        rewards.append((step.reward, step.terminated))
        state = step.state
    assert rewards == [(0.0, False), (0.0, False), (1.0, True)]
    assert step.answer == "(7 - 8 / 8) * 4"
    assert game24.grade(Task("t", FOUR), step.answer).correct


def test_a_game_lost_pays_nothing_and_still_has_an_answer():
    step = _play(game24, FOUR, "8 + 8", "16 + 7", "23 - 4")
    assert (step.reward, step.terminated, step.answer) == (0.0, True, "8 + 8 + 7 - 4")
    assert not game24.grade(Task("t", FOUR), step.answer).correct


def test_24_before_the_last_number_is_used_is_no_end_in_game24():
    step = _play(game24, "Use 3, 8, 1 and + - * / to make 24.", "8 * 3 = 24")
    assert not step.terminated
    assert step.reward == 0.0


def test_countdown_ends_as_soon_as_the_target_is_there():
    step = _play(countdown, SOME, "50 + 25", "75 + 7")
    assert (step.reward, step.terminated, step.answer, step.state.key) == (1.0, True, "50 + 25 + 7", "3 82")
    assert game24.observe(_start(game24, FOUR)).actions
    assert countdown.observe(step.state).actions == ()


def test_no_move_follows_the_end():
    step = _play(countdown, SOME, "50 + 25", "75 + 7")
    with pytest.raises(BadProposal, match="game is over") as caught:
        countdown.parse(step.state, "82 - 3 = 79")
    assert caught.value.reason == "ended"


def test_the_path_ends_with_the_numbers_left_and_the_question_names_them():
    seen = game24.observe(_play(game24, FOUR, "8 / 4").state)
    assert seen.path == "8 / 4 = 2 (left: 2 7 8)\n"
    assert seen.brief == "Make 24: 2 7 8"
    assert seen.question.endswith("\nAnswer: No\nCan 2 7 8 make 24?")
    assert seen.task == FOUR
    assert game24.observe(_start(game24, FOUR)).path == ""


@pytest.mark.parametrize(("examples", "rules"), [(GAME24_EXAMPLES, GAME24), (COUNTDOWN_EXAMPLES, COUNTDOWN)])
def test_the_examples_shown_to_value_models_are_true(examples, rules):
    for numbers, target, possible in examples:
        found = solve_exactly(tuple(map(int, numbers.split())), target, rules)
        assert (found is not None) == possible, f"{numbers} to {target}"
    assert 0 < sum(possible for *_, possible in examples) < len(examples)


def test_moves_are_listed_once_in_a_fixed_order():
    assert game24.observe(_start(game24, "2 2 4")).actions == (
        *("2 + 2 = 4", "2 - 2 = 0", "2 * 2 = 4", "2 / 2 = 1"),
        *("4 + 2 = 6", "4 - 2 = 2", "4 * 2 = 8", "4 / 2 = 2", "2 / 4 = 1/2"),
    )
    assert countdown.observe(_start(countdown, "Use some of 2, 2, 3 to make 40")).actions == (
        *("2 + 2 = 4", "2 * 2 = 4", "2 / 2 = 1"),
        *("3 + 2 = 5", "3 - 2 = 1", "3 * 2 = 6"),
    )


def test_zero_divides_nothing():
    state = _play(game24, "5 5 6", "5 - 5 = 0").state
    assert game24.observe(state).actions == ("6 + 0 = 6", "6 - 0 = 6", "6 * 0 = 0", "0 / 6 = 0")


def test_fractions_stay_exact_and_solve_what_needs_them():
    step = _play(game24, "3 3 8 8", "8 / 3 = 8/3", "3 - (8/3) = 1/3", "8 / (1/3) = 24")
    assert step.reward == 1.0
    assert step.answer == "8 / (3 - 8 / 3)"


def test_states_with_the_same_numbers_left_are_one():
    one, other = _play(game24, FOUR, "8 / 8", "7 - 1"), _play(game24, FOUR, "7 - 4", "8 * 8")
    again = _play(game24, "1 4 6 7", "7 - 1").state
    assert (one.state.key, one.key, other.key) == ("4 6", "4 6", "3 64")
    assert game24.step(again, *game24.parse(again, "6 / 6")).key == "1 4"


def test_step_refuses_moves_that_are_not_legal():
    state = _start(game24, FOUR)
    for move, reason in [
        (Move("+", 5, 4, 9), "illegal"),
        (Move("+", 4, 4, 8), "illegal"),
        (Move("-", 4, 8, -4), "illegal"),
        (Move("+", 8, 4, 13), "wrong result"),
    ]:
        with pytest.raises(BadProposal) as caught:
            game24.step(state, move)
        assert caught.value.reason == reason
    assert state == _start(game24, FOUR)


@pytest.mark.parametrize(
    ("answer", "correct", "says"),
    [
        ("(7 - 8 / 8) * 4", True, "= 24"),
        ("4*(7-8/8)", True, "= 24"),
        ("8 + 8 + 4 + 4", False, "more often"),
        ("8 * (7 - 4)", False, "does not use 8"),
        ("4 * 7 - 8 / 8", False, "= 27"),
        ("8 / (8 - 8) + 4 + 7", False, "divides by zero"),
        ("print(24)", False, "none of"),
        ("(8 - 4) * (7 - 8 / 8)", False, "uses 8 more often"),
        (None, False, "no answer"),
    ],
)
def test_grading_reads_the_answer_alone(answer: str | None, correct: bool, says: str):
    grade = game24.grade(Task("t", FOUR), answer)
    assert grade.correct is correct
    assert says in grade.detail


def test_grading_countdown_wants_positive_whole_results_all_the_way():
    task = Task("t", "Use some of 2, 3, 8, 9 and + - * / to make 12.")
    assert countdown.grade(task, "8 + 9 - 3 - 2").correct
    assert countdown.grade(task, "9 + 3").correct
    for answer in ("8 * (3 / 2)", "8 - (3 - 9) - 2", "9 + 3 + (8 - 8)"):
        assert not countdown.grade(task, answer).correct
    assert "no positive integer" in countdown.grade(task, "8 * (3 / 2)").detail
    assert "no positive integer" in countdown.grade(task, "8 - (3 - 9) - 2").detail


@given(_games, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_every_listed_move_is_parsed_and_reward_is_what_the_grader_says(
    game: tuple[Arithmetic, str], choice: random.Random
):
    domain, text = game
    task = Task("t", text)
    state, step = domain.reset(task), None
    while step is None or not step.terminated:
        actions = domain.observe(state).actions
        assert len(set(actions)) == len(actions) > 0
        moves = [domain.parse(state, action) for action in actions]
        assert [move.text for (move,) in moves] == list(actions)
        assert len({domain.step(state, move).state for (move,) in moves}) == len(moves)
        step = domain.step(state, *choice.choice(moves))
        state = step.state
        assert all(type(made.value) in (int, Fraction) and made.value >= 0 for made in state.left)
        assert step.key == " ".join(str(value) for value in sorted(made.value for made in state.left))
    assert step.answer is not None
    assert domain.observe(state).actions == ()
    assert step.reward == float(domain.grade(task, step.answer).correct)


def test_states_are_values():
    state = _play(game24, FOUR, "8 / 4", "7 + 2").state
    assert pickle.loads(pickle.dumps(state)) == state
    assert hash(state) == hash(_play(game24, FOUR, "8 / 4", "7 + 2").state)
    assert len(pickle.dumps(state)) < 2_000

"""The exact solver and the generators."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations_with_replacement

import pytest

from treewright.domains import Domain, DomainError, Task
from treewright.domains.math import (
    COUNTDOWN,
    GAME24,
    Countdown,
    Game24,
    countdown_tasks,
    game24_tasks,
    legal_moves,
    parse_puzzle,
    solve_exactly,
)


def _solvable_with_any_sign(values: list[Fraction], target: int) -> bool:
    """Plain brute force over all ordered pairs, negative numbers allowed."""
    if len(values) == 1:
        return values[0] == target
    for i, a in enumerate(values):
        for j, b in enumerate(values):
            if i == j:
                continue
            rest = [value for k, value in enumerate(values) if k not in (i, j)]
            results = [a + b, a - b, a * b] + ([a / b] if b else [])
            if any(_solvable_with_any_sign([*rest, result], target) for result in results):
                return True
    return False


def test_the_puzzles_that_need_fractions_are_solved():
    assert solve_exactly([3, 3, 8, 8]) == "8 / (3 - 8 / 3)"
    assert solve_exactly([1, 5, 5, 5]) == "5 * (5 - 1 / 5)"
    assert solve_exactly([1, 1, 1, 1]) is None
    with pytest.raises(ValueError, match="no numbers"):
        solve_exactly([])


def test_countdown_may_leave_numbers_and_takes_no_fractions():
    assert solve_exactly([3, 7, 25, 50], 82, COUNTDOWN) == "25 * 3 + 7"
    assert solve_exactly([3, 3, 8, 8], 24, COUNTDOWN) is not None
    assert solve_exactly([2, 3], 1, COUNTDOWN) == "3 - 2"
    assert solve_exactly([2, 3], 7, COUNTDOWN) is None


def test_taking_the_smaller_from_the_larger_loses_no_puzzle():
    triples = list(combinations_with_replacement(range(1, 14), 3))[::3]
    fours = list(combinations_with_replacement(range(1, 14), 4))[::150]
    found = 0
    for numbers in [*triples, *fours]:
        solved = solve_exactly(numbers) is not None
        assert solved == _solvable_with_any_sign([Fraction(n) for n in numbers], 24), numbers
        found += solved
    assert 30 < found < len(triples) + len(fours)


@pytest.mark.slow
def test_1362_puzzles_of_four_numbers_can_be_solved():
    assert len(game24_tasks(1_362)) == 1_362
    every = combinations_with_replacement(range(1, 14), 4)
    assert sum(solve_exactly(numbers) is not None for numbers in every) == 1_362


def _solve_by_moves(domain: Domain, task: Task, state: object) -> bool:
    for action in domain.observe(state).actions:
        step = domain.step(state, *domain.parse(state, action))
        if step.reward == 1.0 or (not step.terminated and _solve_by_moves(domain, task, step.state)):
            return True
    return False


@pytest.mark.parametrize("seed", [0, 7])
def test_generated_tasks_are_distinct_and_solvable_by_solver_and_by_moves(seed: int):
    for domain, rules, tasks in (
        (Game24(), GAME24, game24_tasks(20, seed)),
        (Countdown(), COUNTDOWN, countdown_tasks(20, seed)),
    ):
        assert len({task.text for task in tasks}) == len(tasks) == 20
        for task in tasks:
            puzzle = parse_puzzle(task.text, rules)
            answer = solve_exactly(puzzle.numbers, puzzle.target, rules)
            assert domain.grade(task, answer).correct
        for task in tasks[:4]:
            assert _solve_by_moves(domain, task, domain.reset(task))


def test_the_same_seed_gives_the_same_tasks_for_ever():
    assert [(task.id, task.text) for task in game24_tasks(3)] == [
        ("game24-0-0", "Use 3, 3, 9, 13 and + - * / to make 24."),
        ("game24-0-1", "Use 6, 6, 9, 13 and + - * / to make 24."),
        ("game24-0-2", "Use 4, 4, 9, 11 and + - * / to make 24."),
    ]
    assert [(task.id, task.text) for task in countdown_tasks(2)] == [
        ("countdown-0-0", "Use some of 8, 25, 75, 100 and + - * / to make 10."),
        ("countdown-0-1", "Use some of 3, 5, 7, 75 and + - * / to make 70."),
    ]
    assert game24_tasks(30)[:10] == game24_tasks(10) != game24_tasks(10, seed=1)
    assert countdown_tasks(30)[:10] == countdown_tasks(10) != countdown_tasks(10, seed=1)


def test_countdown_tasks_of_six_numbers():
    tasks = countdown_tasks(5, size=6)
    assert all(len(parse_puzzle(task.text, COUNTDOWN).numbers) == 6 for task in tasks)


def test_generators_refuse_what_cannot_be():
    with pytest.raises(DomainError, match="1363 game24 tasks were asked for; there can be 0 to 1362"):
        game24_tasks(1_363)
    with pytest.raises(DomainError, match="-1 countdown"):
        countdown_tasks(-1)
    with pytest.raises(DomainError, match="4 to 6 numbers, not 3"):
        countdown_tasks(1, size=3)
    assert game24_tasks(0) == []


def test_moves_do_not_depend_on_the_order_of_the_numbers():
    assert list(legal_moves([8, 4, 7, 8], GAME24)) == list(legal_moves([4, 8, 8, 7], GAME24))
    assert all(move.left >= move.right for move in legal_moves([8, 4, 7], GAME24) if move.op == "-")

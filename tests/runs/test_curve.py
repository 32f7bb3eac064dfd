"""Accuracy against budget, by hand: three tasks whose answers turn right and wrong at known costs."""

from __future__ import annotations

from treewright.runs.curve import accuracy_curve, accuracy_within, budget_for, solved_within, spent_within
from treewright.search import Cost, Course, Moment


def course(name: str, *moments: tuple[int, bool]) -> Course:
    return Course(name, tuple(Moment(Cost(expansions=cost), str(cost), solved) for cost, solved in moments))


# Right from 2 on; wrong, right from 4, wrong again from 6; never right.
COURSES = [
    course("a", (1, False), (2, True), (3, True)),
    course("b", (2, False), (4, True), (6, False)),
    course("c", (3, False), (8, False)),
]


def test_the_curve_steps_where_an_answer_turns() -> None:
    points = accuracy_curve(COURSES, "expansions")
    assert [(point.budget, round(point.accuracy.value * 3)) for point in points] == [
        (0, 0),
        (2, 1),
        (4, 2),
        (6, 1),
        (8, 1),
    ]
    assert all(point.accuracy.low <= point.accuracy.value <= point.accuracy.high for point in points)


def test_the_curve_is_the_accuracy_at_each_of_its_budgets() -> None:
    for point in accuracy_curve(COURSES, "expansions"):
        assert accuracy_within(COURSES, point.budget, "expansions") == point
    assert solved_within(COURSES, 5.5, "expansions") == [True, True, False]


def test_spending_stops_at_the_last_turn_within_the_budget() -> None:
    """Within 5: 3 + 4 + 3."""
    assert spent_within(COURSES, 5, "expansions") == 10
    assert spent_within(COURSES, 0, "expansions") == 0


def test_the_budget_for_a_total_is_the_largest_that_keeps_it() -> None:
    """Within 4 they cost 3 + 4 + 3 = 10, within 6 they cost 12, within 8 all of 17."""
    assert budget_for(COURSES, 10, "expansions") == 4
    assert budget_for(COURSES, 11.9, "expansions") == 4
    assert budget_for(COURSES, 17, "expansions") == 8
    assert budget_for(COURSES, 0, "expansions") == 0


def test_no_tasks_make_a_curve_of_one_unknown_point() -> None:
    (point,) = accuracy_curve([], "calls")
    assert (point.budget, point.accuracy.low, point.accuracy.high) == (0, 0, 1)

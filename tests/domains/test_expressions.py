"""The expression reader and the canonical form."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from treewright.domains.math.canonical import made_from
from treewright.domains.math.expressions import BadExpression, Branch, Tree, evaluate, leaves, parse_expression


def test_precedence_and_association_are_the_usual_ones():
    assert parse_expression("1 + 2*3") == Branch("+", 1, Branch("*", 2, 3))
    assert parse_expression("8 - 4 - 2") == Branch("-", Branch("-", 8, 4), 2)
    assert evaluate(parse_expression("16 / 8 / 4")) == Fraction(1, 2)
    assert evaluate(parse_expression("8 / (3 - 8 / 3)")) == 24
    assert list(leaves(parse_expression("(8 ÷ 4) × (7 − 1)"))) == [8, 4, 7, 1]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the end"),
        ("1 +", "the end"),
        ("(1 + 2", "not closed"),
        ("1 2", "expected an operator"),
        ("1.5 + 2", "'.'"),
        ("-1 + 2", "expected a number"),
        ("2 ** 3", "expected a number"),
        ("٣ + ٤", "none of whole numbers"),
        ("²", "none of whole numbers"),
        ("__import__('os')", "none of whole numbers"),
        ("1234567890", "10 digits"),
        ("(" * 17 + "1" + ")" * 17, "16 deep"),
        ("1+" * 100 + "1", "201 characters"),
    ],
)
def test_what_is_no_expression_is_named(text: str, says: str):
    with pytest.raises(BadExpression, match=says.replace("*", r"\*")):
        parse_expression(text)


def test_the_limits_themselves_are_read():
    assert evaluate(parse_expression("(" * 16 + "1" + ")" * 16)) == 1
    assert evaluate(parse_expression("1+" * 99 + "10")) == 109


@given(st.text(max_size=300))
@settings(deadline=None)
def test_any_text_is_read_or_refused_at_once(text: str):
    started = perf_counter()
    with suppress(BadExpression):
        evaluate(parse_expression(text))
    assert perf_counter() - started < 1


def test_division_by_zero_has_no_value():
    with pytest.raises(BadExpression, match="divides by zero"):
        evaluate(parse_expression("4 / (8 - 8)"))


def test_canonical_form_of_a_worked_example():
    assert made_from(parse_expression("7 - (4 - 8)")).text == "8 + 7 - 4"
    assert made_from(parse_expression("2 * (3 / (4 / 5))")).text == "5 * 3 * 2 / 4"
    assert made_from(parse_expression("(7 - 8 / 8) * (1 * 4)")).text == "(7 - 8 / 8) * 4 * 1"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1 + 2 + 3", "3 + (2 + 1)"),
        ("9 - (5 - 2)", "2 + 9 - 5"),
        ("8 / (4 / 2)", "2 * 8 / 4"),
        ("(1 + 2) * 3", "3 * (2 + 1)"),
        ("9 - 2 - 3", "9 - (3 + 2)"),
    ],
)
def test_expressions_that_differ_in_order_only_are_one(one: str, other: str):
    assert made_from(parse_expression(one)).text == made_from(parse_expression(other)).text


def test_expressions_with_other_steps_stay_apart():
    assert made_from(parse_expression("2 * 2")).text != made_from(parse_expression("2 + 2")).text


_trees = st.recursive(
    st.integers(1, 20),
    lambda inner: st.builds(Branch, st.sampled_from(["+", "-", "*", "/"]), inner, inner),
    max_leaves=6,
)


@given(_trees)
@settings(deadline=None)
def test_the_canonical_text_has_the_same_value_and_numbers(tree: Tree):
    try:
        value = evaluate(tree)
    except BadExpression:
        return
    made = made_from(tree)
    again = parse_expression(made.text)
    assert made.value == evaluate(again) == value
    assert sorted(leaves(again)) == sorted(leaves(tree))
    assert made_from(again).text == made.text
    assert type(made.value) is (int if value.denominator == 1 else Fraction)

"""Legality: the state machine, and temporal formulas against their textbook semantics on finite traces."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treewright.search import Machine, Temporal
from treewright.search.ltl import Formula, holds_of_nothing, parsed, progressed

MACHINE = Machine("shut", {"shut": {"open": "open"}, "open": {"take|look": "open", "close": "shut"}}, final=("shut",))


def test_a_machine_allows_the_moves_of_its_state() -> None:
    assert MACHINE.allowed([], ["open", "take", "close"]) == ["open"]
    assert MACHINE.allowed(["open", "take key"], ["open", "look", "close"]) == ["look", "close"]
    assert MACHINE.allowed(["take"], ["open"]) == [], "nothing follows what is illegal"
    assert (MACHINE.may_end([]), MACHINE.may_end(["open"]), MACHINE.may_end(["open", "close"])) == (True, False, True)


def test_a_machines_mistakes_are_named() -> None:
    with pytest.raises(ValueError, match="state 'ajar' has no moves; the machine's states are 'shut'"):
        Machine("shut", {"shut": {"open": "ajar"}})
    with pytest.raises(ValueError, match=r"'\(' is no regular expression"):
        Machine("a", {"a": {"(": "a"}})


def holds(formula: Formula, trace: list[frozenset[str]]) -> bool:
    """The finite-trace semantics, read off the definition (De Giacomo & Vardi 2013), strong next."""
    sign, *parts = formula
    match sign:
        case "true" | "false":
            return sign == "true"
        case "atom":
            return bool(trace) and parts[0] in trace[0]
        case "!":
            return not holds(parts[0], trace)
        case "&":
            return holds(parts[0], trace) and holds(parts[1], trace)
        case "|":
            return holds(parts[0], trace) or holds(parts[1], trace)
        case "X":
            return bool(trace) and holds(parts[0], trace[1:])
        case "F":
            return any(holds(parts[0], trace[i:]) for i in range(len(trace)))
        case "G":
            return all(holds(parts[0], trace[i:]) for i in range(len(trace)))
        case _:
            reached = any(
                holds(parts[1], trace[i:]) and all(holds(parts[0], trace[j:]) for j in range(i))
                for i in range(len(trace))
            )
            return reached or (sign == "W" and all(holds(parts[0], trace[i:]) for i in range(len(trace))))


def formulas() -> st.SearchStrategy[Formula]:
    leaves = st.sampled_from([("atom", "a"), ("atom", "b"), ("true",), ("false",)])
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.tuples(st.sampled_from("!FG"), inner), st.tuples(st.sampled_from(["&", "|", "U", "W"]), inner, inner)
        ),
        max_leaves=5,
    )


@given(formulas(), st.lists(st.frozensets(st.sampled_from("ab")), min_size=1, max_size=5))
def test_progressing_to_the_end_is_the_textbooks_meaning(formula: Formula, trace: list[frozenset[str]]) -> None:
    # X is left out: where nothing follows, progression takes X f for f of nothing, which the strong next does not.
    rest = formula
    for true in trace:
        rest = progressed(rest, true)
    assert holds_of_nothing(rest) == holds(formula, trace)


def test_next_and_precedence() -> None:
    rule = Temporal("a -> X b & F c", {"a": "a", "b": "b", "c": "c"})
    assert parsed("a -> X b & F c") == parsed("(!a) | ((X b) & (F c))")
    assert rule.allowed(["a"], ["b", "c", "bc"]) == ["b", "bc"]
    assert (rule.may_end(["a", "b"]), rule.may_end(["a", "b", "c"]), rule.may_end(["x"])) == (False, True, True)


def test_a_long_way_does_not_make_the_rest_longer() -> None:
    rule = Temporal("G (a -> F b)", {"a": "a", "b": "b"})
    assert len(str(rule.rest(["a"] * 200))) == len(str(rule.rest(["a"] * 2)))


@pytest.mark.parametrize("text", ["", "a &", "(a", "a b", "U a", "a # b", "G"])
def test_what_is_no_formula_is_said_to_be_none(text: str) -> None:
    with pytest.raises(ValueError, match="is no formula"):
        parsed(text)

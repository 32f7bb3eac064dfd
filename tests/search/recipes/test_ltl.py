"""LTL: a tree under a formula, with drawn and with listed actions."""

from __future__ import annotations

from pathlib import Path

import pytest
from traces import World, trace

from treewright.search import SearchError, ltl, make_recipe

FORMULA = {"formula": "(!pay U confirm) & G (pay -> X G !pay) & F pay", "atoms": "pay=^pay; confirm=^confirm"}
MOVES = {"": ["pay", "confirm", "leave"], "confirm": ["pay", "leave"], "confirm pay": ["pay", "leave"]}
ENDS = {"leave": 1.0, "confirm leave": 1.0, "confirm pay leave": 0.5, "confirm pay pay": 1.0}


@pytest.mark.parametrize("listed", [False, True])
def test_no_illegal_child_is_made(tmp_path: Path, listed: bool) -> None:
    world = World(moves=MOVES, ends=ENDS, listed=listed)
    seen = trace(ltl(**FORMULA, n=3, leaves=1), world, 20, tmp_path / "run")
    texts = [" ".join(step.text for step in seen.result.tree.path(n.id)[1:]) for n in seen.result.tree.nodes[1:]]
    # Paying before confirming and paying twice are illegal, and so is leaving unpaid, an end that owes `F pay`.
    assert texts == ["confirm", "confirm pay", "confirm pay leave"]
    assert (seen.result.answer, seen.result.stopped) == ("leave", "exhausted")
    if listed:
        first = next(call for call in seen.calls if call.path == "")
        assert first.n == 0
        root = seen.result.tree.nodes[1]
        assert root.prior == 1.0, "what is left of the legal ones"


def test_a_formula_that_does_not_parse_is_refused_before_the_search() -> None:
    with pytest.raises(SearchError, match=r"recipe ltl: .* is no formula: expected a name or a bracket"):
        make_recipe("ltl", formula="G (")
    with pytest.raises(SearchError, match="atom 'pay' has no expression; those given: 'buy'"):
        make_recipe("ltl", formula="F pay", atoms="buy=x")
    with pytest.raises(SearchError, match="NAME=EXPRESSION"):
        make_recipe("ltl", atoms="pay")

"""`treewright recipes`: the list, the cards, and what is said of recipes that cannot be run as asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from treewright.cli.main import app
from treewright.domains.math import Game24
from treewright.search import Budget, MissingPart, Reflect, UnknownName, codetree, make_recipe, recipe_names, solve
from treewright.search.cards import card
from treewright.value_models import ScriptedPolicy, ScriptedValue, Uniform

PUZZLE = "Use 4, 7, 8, 8 and + - * / to make 24."


def said(*args: str) -> str:
    done = CliRunner().invoke(app, ["recipes", *args])
    return " ".join((done.output + getattr(done, "stderr", "")).split())


def test_the_list_has_a_line_for_each() -> None:
    listed = CliRunner().invoke(app, ["recipes"]).output.splitlines()
    assert [line.split()[0] for line in listed] == recipe_names()
    (line,) = [line for line in listed if line.startswith("lats ")]
    assert line.endswith("Language agent tree search (Zhou et al. 2023) [game24, countdown, math, code, web]")


def test_a_card_has_the_constants_with_their_values_and_sources() -> None:
    shown = said("show", "rest_mcts")
    assert "(1 - alpha) v + alpha max(v')" in shown
    assert "alpha = 0.5 weight of what was seen ahead (code: 0.5)." in shown
    assert "Args:" not in shown


@pytest.mark.parametrize("name", recipe_names())
def test_every_card_is_complete(name: str) -> None:
    shown = card(name)
    assert shown.domains, "a line `For: ...`"
    assert shown.summary.endswith(".")
    assert all(constant.about for constant in shown.constants), "every constant is in Args"


def test_an_unknown_recipe_or_constant_is_named_with_the_nearest() -> None:
    assert "did you mean 'lats'?" in said("show", "latz")
    with pytest.raises(UnknownName, match="did you mean 'rollout'"):
        make_recipe("lats", rolout=3)


@pytest.mark.parametrize(("name", "settings"), [("tot", {"order": "deep"}), ("swe_search", {"selector": "own"})])
def test_a_choice_that_is_none_is_named(name: str, settings: dict[str, object]) -> None:
    with pytest.raises(Exception, match=f"recipe {name}: .* not '"):
        make_recipe(name, **settings)


def test_a_domain_that_cannot_serve_an_operator_is_named_before_any_call() -> None:
    policy = ScriptedPolicy()
    with pytest.raises(MissingPart, match="domain 'game24' has no use for"):
        solve(PUZZLE, domain=Game24(), policy=policy, recipe=codetree(own_checks=True), value=ScriptedValue(),
              budget=Budget(expansions=2))  # fmt: skip
    assert policy.calls == 0


def test_a_recipe_that_draws_needs_a_policy_that_does() -> None:
    with pytest.raises(MissingPart, match=r"'rebase' draws text \(propose\); Uniform has no propose"):
        solve(PUZZLE, domain=Game24(), policy=Uniform(), recipe="rebase", value=ScriptedValue(),
              budget=Budget(expansions=2))  # fmt: skip
    assert Reflect().draws


def test_a_recipe_that_needs_a_value_model_says_so() -> None:
    with pytest.raises(MissingPart, match="recipe 'lats' needs a value model"):
        solve(PUZZLE, domain=Game24(), policy=ScriptedPolicy(), recipe="lats", budget=Budget(expansions=2))


# These let the model write checks of its own, which only domains that run programs have a use for.
TESTING = {"agentcoder", "codecor"}


@pytest.mark.parametrize("name", sorted(set(recipe_names()) - TESTING))
def test_every_recipe_runs_on_a_domain_that_lists_its_actions(name: str, tmp_path: Path) -> None:
    result = solve(
        PUZZLE, domain=Game24(), policy=ScriptedPolicy(texts=["8 / 4 = 2 (left: 2 7 8)", "7 + 8 = 15 (left: 4 8 15)"]),
        value=ScriptedValue(), recipe=name, budget=Budget(expansions=12), run=tmp_path / "run",
    )  # fmt: skip
    assert result.cost.expansions <= 12
    assert not result.failures

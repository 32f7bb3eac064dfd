"""Budgets: what they refuse, and that a search passes a limit by one request at most."""

from __future__ import annotations

import pytest
from adding import Adding
from pydantic import ValidationError

from treewright.search import Budget, Prices, Recipe, best_of_n, mcts, solve
from treewright.search.ledger import Hold, Ledger, Sizes
from treewright.value_models.protocols import Usage
from treewright.value_models.scripted import ScriptedPolicy, ScriptedValue


def test_unknown_field_names_the_nearest() -> None:
    with pytest.raises(ValidationError, match="no field 'expansion' in Budget; did you mean 'expansions'"):
        Budget(expansion=3)  # type: ignore[call-arg]


def test_a_budget_needs_a_limit() -> None:
    with pytest.raises(ValidationError, match="at least one of expansions"):
        Budget()


def test_limits_are_positive() -> None:
    with pytest.raises(ValidationError, match="policy_tokens"):
        Budget(policy_tokens=0)


def test_dollars_need_prices() -> None:
    with pytest.raises(ValidationError, match="needs prices"):
        Budget(dollars=1.0)


def test_dollars_by_the_price_table() -> None:
    prices = Prices(policy_prompt=2.0, policy_cached=0.5, policy_completion=10.0, value_prompt=1.0)
    policy = Usage(prompt_tokens=1000, cached_tokens=400, completion_tokens=100, calls=1)
    # 600 at 2, 400 at 0.5, 100 at 10, and 300 value tokens at 1, a million.
    assert prices.dollars(policy, Usage(prompt_tokens=300)) == pytest.approx((1200 + 200 + 1000 + 300) / 1e6)


EXPAND = Hold(1, 1, 1)
SCORE = Hold(0, 0, 1)


def test_tokens_in_flight_are_held_at_twice_the_largest_seen() -> None:
    ledger = Ledger(Budget(policy_tokens=1000), Sizes())
    ledger.start(EXPAND)
    assert not ledger.admits(EXPAND), "the first request goes alone: nothing is known of its size"
    ledger.settle(EXPAND, Usage(prompt_tokens=100, calls=1), Usage())
    for _ in range(4):  # 100 spent; each in flight is held at 200
        assert ledger.admits(EXPAND)
        ledger.start(EXPAND)
    assert not ledger.admits(EXPAND)


def test_a_full_draw_is_held_although_the_first_one_was_short() -> None:
    sizes = Sizes()
    ledger = Ledger(Budget(policy_tokens=1000), sizes)
    ledger.start(EXPAND)
    ledger.settle(EXPAND, Usage(prompt_tokens=10, calls=1), Usage())
    sizes.draws(300)
    for _ in range(3):  # 10 spent; each in flight is held at 10 + 300
        assert ledger.admits(EXPAND)
        ledger.start(EXPAND)
    assert not ledger.admits(EXPAND)


def test_a_scoring_trial_is_not_barred_by_limits_on_the_policy() -> None:
    ledger = Ledger(Budget(expansions=1, policy_tokens=10), Sizes())
    ledger.start(EXPAND)
    ledger.settle(EXPAND, Usage(prompt_tokens=50, calls=1), Usage(prompt_tokens=5, calls=1))
    assert ledger.met(EXPAND) == "expansions"
    assert ledger.met(SCORE) is None
    assert ledger.admits(SCORE)


def test_the_clock_starts_with_the_first_request() -> None:
    now = [100.0]
    ledger = Ledger(Budget(seconds=5.0), Sizes(), clock=lambda: now[0])
    now[0] = 200.0
    assert ledger.cost().seconds == 0.0
    ledger.start(EXPAND)
    now[0] = 204.0
    assert ledger.met(SCORE) is None
    now[0] = 205.0
    assert ledger.met(SCORE) == "seconds"
    ledger.close()
    now[0] = 300.0
    assert ledger.cost().seconds == 5.0


HARD = Adding(listed=False)
TEXTS = ["1", "2", "3"]


@pytest.mark.parametrize("recipe", [mcts(n=3, leaves=8), mcts(n=3, evaluate="children"), best_of_n(n=3)])
@pytest.mark.parametrize("limit", ["expansions", "policy_tokens", "value_tokens", "calls", "dollars"])
def test_a_limit_is_passed_by_one_request_at_most(recipe: Recipe, limit: str) -> None:
    if limit == "value_tokens" and recipe.name == "best_of_n":
        pytest.skip("best_of_n refuses a budget of value tokens alone: see test_engine.py")
    whole = recipe.operator.whole
    # Never solved (48 ends at 49), so only the budget ends the search. The longest request: prompt, path and n texts.
    texts = ["3 " * 15 + "2 2"] if whole else TEXTS
    policy = ScriptedPolicy(texts=texts)
    prices = Prices(policy_prompt=1, policy_cached=1, policy_completion=1, value_prompt=1)
    amounts = {"expansions": 20, "policy_tokens": 600, "value_tokens": 300, "calls": 33, "dollars": 500e-6}
    budget = Budget(**{limit: amounts[limit]}, prices=prices)  # type: ignore[arg-type]
    result = solve("48", domain=HARD, policy=policy, value=ScriptedValue(), recipe=recipe, budget=budget)
    spent = getattr(result.cost, limit)
    largest = {"expansions": 0, "calls": 1, "dollars": 100e-6}.get(limit, 100)
    assert result.stopped == limit
    assert amounts[limit] <= spent <= amounts[limit] + largest

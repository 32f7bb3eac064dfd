"""Best-first search and rollouts: which leaf is next."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from adding import Adding

from treewright.domains.protocol import Task
from treewright.search import Budget, Frontier, Node, Recipe, Result, Walk, best_first, make_recipe, rollouts, solve
from treewright.search.described import described, recipe_of
from treewright.value_models import Evidence, ScriptedPolicy, ScriptedValue, Uniform


def total(evidence: Evidence) -> float:
    return sum(map(int, evidence.state.split())) / 20


def solved(recipe: Recipe, expansions: int, value: ScriptedValue, *, paid: bool = False) -> Result:
    return solve(
        Task("a", "12"), domain=Adding(paid=paid), policy=ScriptedPolicy(), value=value, recipe=recipe,
        budget=Budget(expansions=expansions),
    )  # fmt: skip


def order(result: Result) -> list[int]:
    """The expanded nodes in the order of their expansion: that in which their children were made."""
    nodes = result.tree.nodes
    return list(dict.fromkeys(node.parent for node in nodes[1:]))


def test_best_first_takes_the_highest_value_then_the_likeliest() -> None:
    result = solved(best_first(width=2), 6, ScriptedValue(total))
    nodes = result.tree.nodes
    for step, expanded in enumerate(order(result)[1:], 1):
        known = {node.parent for node in nodes[1:] if node.id < nodes[expanded].children[0]}
        open_ = [
            node
            for node in nodes[1 : nodes[expanded].children[0]]
            if node.id not in known - {expanded} and not node.ended and likely(nodes, node)
        ]
        known = {node.id: (nodes[node.parent].value or 0) if node.parent else 0.5 for node in open_}
        best = max(open_, key=lambda node: (known[node.id], node.prior, -node.id))
        assert best.id == expanded, step


def likely(nodes: list[Node], node: Node) -> bool:
    siblings = sorted((nodes[child] for child in nodes[node.parent].children), key=lambda other: -other.prior)
    return node in siblings[:2]


def test_a_frontier_of_some_width_leaves_the_rest_alone() -> None:
    nodes = solved(best_first(width=1), 5, ScriptedValue(total)).tree.nodes
    for node in nodes:
        assert sum(bool(nodes[child].children) for child in node.children) <= 1


def test_greedy_goes_one_way_to_its_end() -> None:
    result = solved(rollouts(temperature=0.0), 50, ScriptedValue(total))
    nodes = result.tree.nodes
    assert result.stopped == "exhausted"
    for node in nodes:
        if node.children:
            likeliest = max((nodes[child] for child in node.children), key=lambda child: child.prior)
            assert [child for child in node.children if nodes[child].children] in ([likeliest.id], [])
    assert sum(node.ended for node in nodes) >= 1


def test_rollouts_go_to_an_end_each_and_over_known_ground_for_nothing() -> None:
    result = solved(rollouts(), 40, ScriptedValue(total))
    nodes = result.tree.nodes
    assert result.cost.expansions == sum(bool(node.children) for node in nodes)
    roads = {tuple(step.text for step in result.tree.path(node.id)) for node in nodes if node.children}
    assert len(roads) == result.cost.expansions > 12
    again = solved(rollouts(), 40, ScriptedValue(total))
    assert [node.text for node in again.tree.nodes] == [node.text for node in nodes]


def test_rollouts_end_where_nothing_is_left_to_find() -> None:
    result = solve("2", domain=Adding(paid=False), policy=Uniform(), value=ScriptedValue(), recipe=rollouts(),
                   budget=Budget(expansions=50))  # fmt: skip
    assert result.stopped == "exhausted"
    assert result.cost.expansions <= 2


@pytest.mark.parametrize("recipe", [best_first(), rollouts(), rollouts(temperature=0.0)])
def test_the_recipes_can_be_written_down_and_read_back(recipe: Recipe) -> None:
    assert recipe_of(described(recipe)) == recipe


def test_the_registered_names() -> None:
    assert make_recipe("best_first").selection == Frontier("best", max_rounds=None, width=5, untried=0.5)
    assert make_recipe("rollouts").selection == Walk(1.0)
    assert rollouts(temperature=0.0).name == "greedy"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Frontier("worst"), "'depth', 'breadth' or 'best', not 'worst'"),  # type: ignore[arg-type]
        (lambda: Frontier(width=0), "at least 1, not 0"),
        (lambda: Walk(-1.0), "temperature is at least 0"),
        (lambda: Walk(tries=0), "tries at least 1"),
    ],
)
def test_what_is_no_selection_is_refused(make: Callable[[], object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        make()

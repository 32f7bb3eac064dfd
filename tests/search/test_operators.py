"""Operators: what they ask for, and the children that they make of the answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from adding import Adding, Path
from in_process import InProcess

from treewright.domains.code import CodeFunctions
from treewright.domains.protocol import Observation, Step, Task
from treewright.search import Advise, Budget, MissingPart, Propose, Recipe, RootOnly, WriteChecks, solve
from treewright.search.operators import advised
from treewright.search.selection import Chain, Frontier
from treewright.value_models.protocols import Prompt
from treewright.value_models.scripted import ScriptedPolicy


@pytest.fixture
def shown() -> Observation:
    return Adding(listed=False).observe(Path(6, (1,)))


def test_notes_stand_between_the_task_and_the_path(shown: Observation) -> None:
    prompt = Propose().request(replace(shown, notes="You tried 3."), 7).prompt
    assert (prompt.user, prompt.prefix) == ("Reach 6.\n\nYou tried 3.", "1 ")
    assert Propose().request(shown, 7).prompt.user == "Reach 6."


def test_listed_actions_are_ranked_unless_the_operator_draws() -> None:
    listed = Adding().observe(Path(6))
    assert Propose(3).request(listed, 0).candidates == listed.actions
    drawn = Propose(3, ranked=False).request(listed, 0)
    assert (drawn.n, drawn.candidates) == (3, ())


def test_advice_is_a_list_whose_items_are_children(shown: Observation) -> None:
    operator = Advise(width=3)
    request = operator.request(shown, 0)
    assert (request.n, request.prompt.prefix) == (1, "1. ")
    assert "strategies" in request.prompt.system
    assert "mend" in operator.request(replace(shown, notes="You tried 3."), 0).prompt.system
    state = Path(6)
    made = operator.children(Adding(), state, ["Use ones.\n2) Use threes.\n\n- Use ones.\n4. Use twos.\n5. No."], None)
    assert [child.text for child in made.children] == ["Use ones.", "Use threes.", "Use twos."]
    assert all(child.step.state is state and child.actions == () for child in made.children)
    assert sum(child.prior for child in made.children) == pytest.approx(1)
    assert operator.children(Adding(), state, ["", "\n"], None).children == ()


def test_what_follows_advice_is_asked_to_follow_it(shown: Observation) -> None:
    assert advised(shown, "Use twos.").notes == "Follow this advice: Use twos."
    assert advised(replace(shown, notes="A."), "B.").notes == "A.\n\nFollow this advice: B."


def test_checks_need_a_domain_that_can_use_them(shown: Observation) -> None:
    with pytest.raises(MissingPart, match="asks for none"):
        WriteChecks().request(shown, 0)
    assert WriteChecks(2).request(replace(shown, checks="Test it."), 0).prompt.system == "Test it."


def test_a_text_that_adds_no_check_is_none_and_is_counted() -> None:
    domain = CodeFunctions(sandbox=InProcess())
    state = domain.reset(Task("add", 'def add(a, b):\n    """Adds."""\n'))
    texts = [
        "assert add(1, 2) == 3\n",
        "def add(a, b):\n    return a + b\n",
        "assert add(0, 0) == 0\n",
        "    return a + b",
    ]
    made = WriteChecks(4).children(domain, state, texts, None)
    assert [child.text for child in made.children] == [texts[0], texts[2]]
    assert [child.prior for child in made.children] == [0.5, 0.5]
    assert made.dropped["no_checks"] == 2, "a program, once whole and once as a body"


def test_where_no_text_adds_a_check_work_goes_on_without() -> None:
    domain = CodeFunctions(sandbox=InProcess())
    state = domain.reset(Task("add", 'def add(a, b):\n    """Adds."""\n'))
    made = WriteChecks(2).children(domain, state, ["    return a + b", "    return a + b"], None)
    (child,) = made.children
    assert (child.text, child.acts, child.prior, child.step.state) == ("none", False, 1.0, state)
    assert made.dropped["no_checks"] == 2
    assert WriteChecks(2, needed=True).children(domain, state, ["    return a + b"], None).children == ()


@pytest.mark.parametrize("operator", [Propose, Advise, WriteChecks])
def test_settings_out_of_range_are_refused(operator: type) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        operator(0)
    with pytest.raises(ValueError, match="temperature"):
        operator(1, 3.0)


@pytest.mark.parametrize("restore", ["fork", "replay"])
def test_a_recipe_has_an_operator_for_each_kind_of_node(restore: str) -> None:
    asked: list[Prompt] = []

    def script(prompt: Prompt) -> Sequence[str]:
        asked.append(prompt)
        return ["Use threes."] if "strategies" in prompt.system else ["3"]

    recipe = Recipe("r", Propose(1), Frontier(max_rounds=9), "none", leaves=1, after={"root": Advise(2)})
    domain = Adding(listed=False, restore=restore)  # type: ignore[arg-type]
    result = solve("6", domain=domain, policy=ScriptedPolicy(script), recipe=recipe, budget=Budget(expansions=9))
    assert [node.kind for node in result.path] == ["root", "advice", "step", "step"]
    assert result.answer == "6"
    assert [("Use threes." in prompt.user) for prompt in asked] == [False, True, False]


class Checked(Adding):
    """Adding whose every state is an answer, worth its share of the target by visible checks."""

    def step(self, state: Path, action: int) -> Step:
        step = super().step(state, action)
        if step.terminated:
            return step
        total = sum(step.state.added)
        return replace(step, answer=str(total), checked=total / state.target)


def test_checked_states_are_answers_and_need_no_model() -> None:
    recipe = Recipe("r", Propose(4, whole=True), RootOnly(), "children")
    policy = ScriptedPolicy({"Reach 6.": ["1 1", "2 3", "1", "x"]})
    result = solve("6", domain=Checked(listed=False), policy=policy, recipe=recipe, budget=Budget(expansions=1))
    assert (result.answer, result.value) == ("5", pytest.approx(5 / 6))
    assert {node.answer: node.visits for node in result.tree.nodes[1:]} == {"2": 1, "5": 1, "1": 1}
    assert result.tree.nodes[0].q == pytest.approx((2 + 5 + 1) / 6 / 3)
    assert result.cost.value.calls == 0


def test_trust_weighs_the_models_score_beside_the_checks() -> None:
    from treewright.value_models.scripted import ScriptedValue

    recipe = Recipe("r", Propose(1), RootOnly(), "children", trust=0.25)
    model = ScriptedValue(lambda _: 0.5)
    result = solve(
        Task("t", "6"), domain=Checked(listed=False), policy=ScriptedPolicy({"Reach 6.": ["3"]}), value=model,
        recipe=recipe, budget=Budget(expansions=1),
    )  # fmt: skip
    (child,) = result.tree.nodes[1:]
    assert child.value == pytest.approx(0.75 * 0.5 + 0.25 * 0.5)
    assert child.q == pytest.approx(child.value)
    with pytest.raises(ValueError, match="trust"):
        Recipe("r", Propose(1), RootOnly(), "none", trust=2)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Frontier("sideways"), "'depth', 'breadth' or 'best'"),  # type: ignore[arg-type]
        (lambda: Frontier(max_rounds=0), "max_rounds"),
        (lambda: Chain(0), "length"),
    ],
)
def test_selections_refuse_what_cannot_be(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()

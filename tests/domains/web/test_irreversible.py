"""What nothing can undo: who says so, what a model is asked about it, and that an answer lasts with its run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from web_pages import task

from treewright.domains.protocol import BadProposal, DomainError
from treewright.domains.web import Web
from treewright.domains.web.irreversible import QUESTION
from treewright.runs.accounts import accounts
from treewright.search import Budget, Replay, Result, RunPaused, RunReader, best_of_n, mcts, resume, solve
from treewright.value_models import VLLM, Evidence, ModelError, Score, ScriptedPolicy, ScriptedValue, Uniform
from treewright.value_models.errors import ServerUnreachable

pytestmark = pytest.mark.browser

Make = Callable[..., Web]


def wary(evidence: Evidence) -> float:
    """Takes what is called 'Win' for irreversible; every state is worth the same."""
    return float("'Win'" in evidence.state) if evidence.question == QUESTION else 0.5


def test_a_model_is_asked_about_what_nobody_declared_and_nothing_else(make: Make) -> None:
    domain = make(irreversible_by="model", on_irreversible="end", reversible=["gi.*"])
    state = domain.reset(task("/form"))
    proposals = ["fill('1', 'Ann')", "click('4')", "click('5')", "click('5') # again", "click('9')", "stop()", "prose"]
    (doubt,) = domain.doubts(state, proposals)
    assert doubt.question == QUESTION
    assert doubt.about.splitlines()[0] == "Page: Pages"
    assert doubt.about.splitlines()[-1] == "Action: click('5') # button 'Send' (sends a form by post)"
    (send,) = domain.parse(state, "click('5')")
    with pytest.raises(DomainError, match="for a model to say, and none was asked"):
        domain.step(state, send)
    domain.settle("/form", doubt, 0.2)
    assert domain.doubts(state, proposals) == ()
    assert not domain.step(state, send).irreversible
    assert (domain.counts.judged, domain.counts.judged_irreversible) == (1, 0)


def test_the_rule_needs_no_model_where_both_guess(make: Make) -> None:
    domain = make(irreversible_by="both", on_irreversible="end", irreversible="go", reversible="win")
    form = domain.reset(task("/form"))
    assert domain.doubts(form, ["click('5')"]) == ()  # the rule knows "Send"
    (send,) = domain.parse(form, "click('5')")
    assert domain.step(form, send).irreversible
    for path, irreversible in (("/chance", True), ("/advert", False)):  # declared
        state = domain.reset(task(path))
        assert domain.doubts(state, ["click('1')"]) == ()
        (click,) = domain.parse(state, "click('1')")
        assert domain.step(state, click).irreversible is irreversible
    start = domain.reset(task("/"))
    assert len(domain.doubts(start, ["click('1')"])) == 1


def test_a_proposal_of_several_actions_is_in_doubt_at_one_after_the_other(make: Make) -> None:
    domain = make(irreversible_by="model", on_irreversible="end")
    state = domain.reset(task("/"))
    both = "click('1')\nclick('1')"
    (first,) = domain.doubts(state, [both])
    domain.settle("/", first, 0.0)
    (second,) = domain.doubts(state, [both])
    assert "link 'On'" in first.about
    assert "link 'Back'" in second.about
    domain.settle("/", second, 1.0)
    assert domain.doubts(state, [both]) == ()


def test_what_a_model_forbids_is_refused_and_no_more(make: Make) -> None:
    domain = make(irreversible_by="model", on_irreversible="never")
    state = domain.reset(task("/advert"))
    assert domain.actions(state) == ("click('1') # button 'Win'", "stop()")
    (doubt,) = domain.doubts(state, domain.actions(state))
    domain.settle("/advert", doubt, 0.9)
    with pytest.raises(BadProposal, match="cannot be undone, and is refused"):
        domain.step(state, *domain.parse(state, "click('1')"))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"irreversible_by": "guess"}, "'rule', 'model', 'both', not 'guess'"), ({"reversible": "("}, "no regular")],
)
def test_options_that_are_none(make: Make, wrong: dict[str, str], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make(**wrong)


def test_a_search_asks_once_pays_for_it_and_never_does_what_the_model_forbids(make: Make, tmp_path: Path) -> None:
    domain = make(irreversible_by="model", on_irreversible="end")
    value = ScriptedValue(wary)
    result = solve(
        task("/advert"), domain=domain, policy=Uniform(), value=value, recipe=mcts(leaves=4),
        budget=Budget(expansions=6), run=tmp_path / "run",
    )  # fmt: skip
    (win,) = (node for node in result.tree.nodes if node.text.startswith("click"))
    assert win.terminated
    assert domain.counts.pages == 1  # only the start was looked at
    reader = RunReader(tmp_path / "run")
    (doubt,) = reader.events(kind="doubt")
    assert doubt["answer"]["value"] == 1.0
    assert doubt["request"]["evidence"]["state"].endswith("Action: click('1') # button 'Win'")
    scored = sum(event["prompt_tokens"] for event in reader.events(kind="score"))
    assert result.cost.value_tokens == scored + doubt["prompt_tokens"]
    (account,) = (one for one in accounts(reader, ("operator",)) if one.group == ("doubt",))
    assert account.value.tokens == doubt["prompt_tokens"]
    assert "judged by a model 1 actions, irreversible 1" in domain.counts.report()


def test_replay_holds_and_asks_nobody(make: Make, tmp_path: Path) -> None:
    def searched() -> Web:
        return make(irreversible_by="model", on_irreversible="end")

    recipe, budget = mcts(leaves=1), Budget(expansions=6)
    result = solve(
        task("/advert"), domain=searched(), policy=Uniform(), value=ScriptedValue(wary), recipe=recipe, budget=budget,
        run=tmp_path / "run",
    )  # fmt: skip
    again = searched()
    replayed = Replay(tmp_path / "run", domain=again).search(recipe, budget)
    assert (replayed.missed, replayed.results[0].answer) == (0, result.answer)
    assert replayed.results[0].cost.value_tokens == result.cost.value_tokens
    assert again.doubts(again.reset(task("/advert")), ["click('1')"]) == ()


class Away(ScriptedValue):
    """Answers doubts, and is away for everything else."""

    @property
    def max_batch(self) -> int:
        """1, so that no state is in a doubt's request."""
        return 1

    async def score(self, evidence: Sequence[Evidence]) -> list[Score]:
        if any(item.question != QUESTION for item in evidence):
            raise ServerUnreachable("away")
        return await super().score(evidence)


class Back(ScriptedValue):
    """Answers no doubts."""

    async def score(self, evidence: Sequence[Evidence]) -> list[Score]:
        assert all(item.question != QUESTION for item in evidence)
        return await super().score(evidence)


def test_a_resumed_run_knows_what_was_answered(make: Make, tmp_path: Path) -> None:
    """The answer is in the journal: the run goes on in a domain of its own, which asks no second time."""
    run = tmp_path / "run"
    searched = {"policy": Uniform(), "recipe": mcts(leaves=1), "budget": Budget(expansions=3), "run": run}
    with pytest.raises(RunPaused):
        solve(
            task("/advert"), domain=make(irreversible_by="model", on_irreversible="end"), value=Away(wary),
            patience=0.0, **searched,
        )  # fmt: skip
    (doubt,) = RunReader(run).events(kind="doubt")
    assert doubt["answer"]["value"] == 1.0
    domain = make(irreversible_by="model", on_irreversible="end")

    async def go_on() -> list[Result]:
        return [result async for result in resume(run, domain=domain, policy=Uniform(), value=Back(wary))]

    (result,) = asyncio.run(go_on())
    (win,) = (node for node in result.tree.nodes if node.text.startswith("click"))
    assert win.terminated
    assert domain.counts.judged_irreversible == 1
    assert len(list(RunReader(run).events(kind="doubt"))) == 1


def test_a_doubt_that_has_no_answer_fails_its_node(make: Make) -> None:
    class Silent(ScriptedValue):
        async def score(self, evidence: Sequence[Evidence]) -> list[Score]:
            if any(item.question == QUESTION for item in evidence):
                raise ModelError("no answer")
            return await super().score(evidence)

    domain = make(irreversible_by="model", on_irreversible="end")
    result = solve(
        task("/advert"), domain=domain, policy=Uniform(), value=Silent(), recipe=mcts(), budget=Budget(expansions=2)
    )
    assert result.failures == ((0, "ModelError: no answer"),)


def test_whole_answers_are_judged_action_by_action(make: Make) -> None:
    domain = make(ranked=False, irreversible_by="model", on_irreversible="end")
    policy = ScriptedPolicy(lambda _: ["click('1')\nclick('1')\nstop()"])
    value = ScriptedValue(lambda evidence: float("'Back'" in evidence.state))
    result = solve(
        task("/"), domain=domain, policy=policy, value=value, recipe=best_of_n(n=1), budget=Budget(expansions=1)
    )
    assert result.answer == "click('1')\nclick('1')"
    assert domain.counts.judged == 2


@pytest.mark.server
def test_a_real_model_is_asked(make: Make, server_url: str, tmp_path: Path) -> None:
    """What the small model says is not the test's; that it is asked, paid for and believed is."""
    domain = make(irreversible_by="model", on_irreversible="end", contexts=2)
    model = VLLM(server_url)
    result = solve(
        task("/form"), domain=domain, policy=Uniform(), value=model, recipe=mcts(leaves=1),
        budget=Budget(expansions=2), run=tmp_path / "run",
    )  # fmt: skip
    doubts = list(RunReader(tmp_path / "run").events(kind="doubt"))
    assert domain.counts.judged == len(doubts) >= 2
    assert all(0.0 <= event["answer"]["value"] <= 1.0 and event["prompt_tokens"] > 40 for event in doubts)
    ends = {node.text for node in result.tree.nodes if node.terminated and node.text.startswith("click")}
    likely = {e["request"]["evidence"]["state"].rsplit("Action: ")[1] for e in doubts if e["answer"]["value"] >= 0.5}
    assert all(any(said.startswith(text) for said in likely) for text in ends)

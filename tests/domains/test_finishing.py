"""Values by a domain's own checks: of a state as it is, and of how a policy finishes it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from adding import Adding

from treewright.domains.finishing import PolicyRollouts, Verifier
from treewright.domains.protocol import Task
from treewright.value_models import Evidence, ScriptedPolicy
from treewright.value_models.errors import BadAnswer
from treewright.value_models.identity import identity


class Totals(Adding):
    """The adding domain, with tasks that are told as they are shown and checks of the way there."""

    def reset(self, task):
        return super().reset(Task(task.id, task.text.removeprefix("Reach ").rstrip(".")))

    def step(self, state, action):
        step = super().step(state, action)
        return step if step.terminated else replace(step, checked=sum(step.state.added) / 10)


def state(text, task="Reach 6."):
    return Evidence(task, text, "Good?")


async def values(model, *texts):
    return [score.value for score in await model.score([state(text) for text in texts])]


async def test_a_verifier_says_what_the_domain_says():
    model = Verifier(Totals(), otherwise=0.4)
    assert await values(model, "1 2 ", "3 3 ", "3 2 2 ", "") == [0.3, 1.0, 0.0, 0.4]
    assert await identity(model) == "verifier adding 0.4"


@pytest.mark.parametrize(
    ("item", "words"),
    [(state("one two"), "cannot play the state 'one two'"), (Evidence("", "", "Good?"), "shows its states in brief")],
)
async def test_a_state_that_cannot_be_played_is_an_error(item, words):
    with pytest.raises(BadAnswer, match=words):
        await Verifier(Totals()).score([item])


async def test_rollouts_by_checks_are_the_mean_of_the_ends():
    seen = []

    def finish(prompt):
        seen.append(prompt)
        return ["3", "2", "1 1", "nonsense"]

    model = PolicyRollouts(Totals(), ScriptedPolicy(finish), count=4)
    (score,) = await model.score([state("1 2 ")])
    assert score.value == pytest.approx((1.0 + 0.5 + 0.5 + 0.0) / 4)
    assert score.uncertainty == pytest.approx(0.2041, abs=1e-4)
    (prompt,) = seen
    assert (prompt.user, prompt.system, prompt.prefix) == ("Reach 6.", "Add up.", "1 2 ")
    assert prompt.sampling.max_tokens == 16
    assert score.provenance == "scripted-0 rollouts by checks"


async def test_agreement_needs_no_checks():
    policy = ScriptedPolicy(lambda _: ["3", "2 1", "2 2", "words"])
    model = PolicyRollouts(Totals(paid=False), policy, count=4, by="agreement")
    assert await values(model, "1 2 ") == [0.5]
    lost = PolicyRollouts(Totals(), ScriptedPolicy(lambda _: ["words"]), count=2, by="agreement")
    assert await values(lost, "1 2 ") == [0.0]
    assert await identity(model) == "rollouts of ScriptedPolicy scripted-0 in adding, 4 agreement 0.8 0"


@pytest.mark.parametrize("wrong", [{"count": 0}, {"by": "luck"}])
def test_rollouts_that_are_none(wrong):
    with pytest.raises(ValueError, match=r"count is|Unknown way"):
        PolicyRollouts(Totals(), ScriptedPolicy(), **wrong)
    with pytest.raises(ValueError, match="otherwise is"):
        Verifier(Totals(), 2.0)

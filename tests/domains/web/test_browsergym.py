"""BrowserGym's own MiniWoB in a real browser; where BrowserGym is absent, none of it runs.

BrowserGym pins a Playwright of its own, so these tests need an environment apart: see docs/gym.md.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

pytest.importorskip("browsergym.core", reason="needs treewright[browsergym], in an environment of its own")

from treewright.domains import BadProposal, DomainError, Task
from treewright.domains.gym import Diverged
from treewright.domains.web.browsergym import BrowserGym, Page
from treewright.domains.web.chromium import find_chromium
from treewright.search import Budget, mcts, solve
from treewright.value_models import ScriptedValue, Uniform

try:
    find_chromium()
except DomainError as error:
    pytest.skip(str(error), allow_module_level=True)

pytestmark = [
    pytest.mark.slow,
    # Of Gymnasium on BrowserGym's observations, and of Playwright's driver when the process ends.
    pytest.mark.filterwarnings("ignore"),
]

DIALOG = Task("dialog", "browsergym/miniwob.click-dialog seed=3")
TEXT = Task("text", "browsergym/miniwob.enter-text seed=3")


@pytest.fixture(scope="module")
def domain() -> Iterator[BrowserGym]:
    made = BrowserGym(listed=True)
    yield made
    made.close()


def action(domain: BrowserGym, page: Page, beginning: str) -> str:
    return next(text for text in domain.observe(page).actions if text.startswith(beginning))


def test_a_page_is_shown_in_browsergyms_syntax(domain: BrowserGym) -> None:
    page = domain.reset(TEXT)
    shown = domain.observe(page)
    assert shown.task.endswith('Goal: Enter "Cheree" into the text field and press Submit.')
    assert "] textbox ''" in shown.notes
    assert "] button 'Submit', clickable" in shown.notes
    assert "InlineTextBox" not in shown.notes
    assert "file://" not in shown.notes, "where the pages lie is no part of them"
    assert "fill(" in shown.instruction
    assert any(text.endswith("'Cheree')") for text in shown.actions)


def test_a_task_is_done_and_graded_and_the_reward_stays_hidden(domain: BrowserGym) -> None:
    start = domain.reset(TEXT)
    filled = domain.step(start, action(domain, start, "fill"))
    assert (filled.reward, filled.terminated) == (0.0, False)
    assert "value='Cheree'" in filled.state.text
    submit = domain.observe(filled.state).actions[-1]
    end = domain.step(filled.state, submit)
    assert (end.reward, end.terminated) == (None, True)
    assert domain.grade(TEXT, end.answer).correct is True
    # Back to the start by reset and replay: the field is empty again, and submitting it is no success.
    wrong = domain.step(start, submit)
    assert wrong.terminated
    assert domain.grade(TEXT, wrong.answer).correct is False
    assert domain.grade(TEXT, None).correct is False
    assert domain.divergences == 0


def test_a_grade_of_a_run_before_does_the_actions_again(domain: BrowserGym) -> None:
    start = domain.reset(DIALOG)
    answer = domain.step(start, domain.observe(start).actions[-1]).answer
    another = BrowserGym()
    try:
        assert another.grade(DIALOG, answer).correct is True
        assert another.grade(DIALOG, "noop()").correct is False
    finally:
        another.close()


def test_other_text_is_no_action(domain: BrowserGym) -> None:
    page = domain.reset(DIALOG)
    assert domain.parse(page, "`click('20')`\nnoop()") == ("click('20')", "noop()")
    for text in ("", "I would click the button.", "__import__('os').system('true')", "click('20'); noop()", "click("):
        with pytest.raises(BadProposal) as refused:
            domain.parse(page, text)
        assert refused.value.reason == "format", text


def test_a_replay_that_shows_another_page_is_refused(domain: BrowserGym) -> None:
    page = domain.reset(DIALOG)
    from dataclasses import replace

    elsewhere = replace(page, actions=("noop()",), point=replace(page.point, actions=("noop()",), digest="0"))
    before = domain.divergences
    with pytest.raises(Diverged):
        domain.step(elsewhere, "noop()")
    assert domain.divergences == before + 1


def test_search_closes_the_dialog() -> None:
    domain = BrowserGym(listed=True, oracle_reward=True)
    try:
        result = solve(
            DIALOG,
            domain=domain,
            policy=Uniform(),
            value=ScriptedValue(),
            recipe=mcts(max_depth=3),
            budget=Budget(expansions=6),
        )
        assert result.solved
        assert result.failures == ()
    finally:
        domain.close()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("browsergym/miniwob.click-dialogue seed=1", "did you mean 'browsergym/miniwob.click-dialog"),
        ("browsergym/osworld.1", "is no task of BrowserGym"),
        ("CartPole-v1", "is no task of BrowserGym"),
        ("browsergym/webarena.310", "WebArena's own servers, which you run: set WA_SHOPPING, WA_SHOPPING_ADMIN"),
        ("browsergym/visualwebarena.1", "set VWA_CLASSIFIEDS"),
        ("browsergym/workarena.servicenow.order-ipad-pro", "a ServiceNow instance"),
    ],
)
def test_what_is_missing_is_said(text: str, says: str, domain: BrowserGym, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("WA_", "VWA_", "SNOW_"))]:
        monkeypatch.delenv(name)
    with pytest.raises(DomainError, match=says):
        domain.reset(Task("", text))


@pytest.mark.parametrize("task", ["webarena.310", "assistantbench.validation.3"])
def test_a_missing_package_is_named(task: str, domain: BrowserGym, monkeypatch: pytest.MonkeyPatch) -> None:
    package = f"browsergym-{task.partition('.')[0]}"
    for name in ("SHOPPING", "SHOPPING_ADMIN", "REDDIT", "GITLAB", "WIKIPEDIA", "MAP", "HOMEPAGE"):
        monkeypatch.setenv(f"WA_{name}", "http://127.0.0.1:1")
    with pytest.raises(DomainError, match=f"{package}.*(pip install it|cannot be used)|{package} cannot be used"):
        domain.reset(Task("", f"browsergym/{task}"))

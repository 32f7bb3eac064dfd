"""MiniWoB++ in the real browser: every task loads, equal seeds make equal pages, and replays come to the same page."""

from __future__ import annotations

import random
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from treewright.domains.protocol import DomainError
from treewright.domains.web import Web, miniwob, miniwob_names, miniwob_task, miniwob_tasks, write_album
from treewright.domains.web.miniwob import STARTERS
from treewright.domains.web.place import PageState
from treewright.search import Budget, mcts, solve
from treewright.value_models import ScriptedValue, Uniform

pytestmark = pytest.mark.skipif(find_spec("miniwob") is None, reason="the package miniwob is not installed")

STEPS = 3
DIVERGE = 3  # tasks of which a replay may come to another page: what they show depends on real time


@pytest.fixture(scope="module")
def domain(chromium: None) -> Iterator[Web]:
    made = miniwob(contexts=4)
    yield made
    made.close()


def walked(domain: Web, name: str, seed: int) -> PageState:
    """The state after some legal actions, drawn by the seed."""
    rng = random.Random(f"{name}-{seed}")
    state = domain.reset(miniwob_task(name, seed))
    for _ in range(STEPS):
        actions = domain.actions(state)
        if not actions or domain.see(state).sight.done:
            break
        (action,) = domain.parse(state, rng.choice(actions))
        state = domain.step(state, action).state
    domain.see(state)
    return state


def test_tasks_are_each_name_once_and_then_the_next_seed() -> None:
    names = miniwob_names()
    assert len(names) == 130
    tasks = miniwob_tasks(len(names) + 1, 7)
    assert sorted(task.text for task in tasks[:-1]) == sorted(f"MiniWoB++ {name}, seed 7" for name in names)
    assert tasks[-1] == miniwob_task("click-test", 8)
    assert set(STARTERS) < set(names)


@pytest.mark.browser
def test_a_text_that_is_no_task_is_refused(domain: Web) -> None:
    with pytest.raises(DomainError, match="expected such as 'MiniWoB\\+\\+ click-button, seed 3'"):
        domain.reset(miniwob_task("click-buttons", 1))


@pytest.mark.browser
def test_the_pages_own_words_are_the_task_and_seeds_differ(domain: Web) -> None:
    first, again, other = (domain.reset(miniwob_task("click-button", seed)) for seed in (1, 1, 2))
    assert domain.observe(first) == domain.observe(again)
    assert domain.observe(first).task != domain.observe(other).task
    assert "Last reward" not in domain.observe(first).notes


@pytest.mark.browser
def test_a_task_done_right_is_graded_right_and_the_reward_is_no_part_of_what_search_sees(domain: Web) -> None:
    task = miniwob_task("click-test", 0)
    state = domain.reset(task)
    (click,) = domain.parse(state, "click('1')")
    done = domain.step(state, click).state
    assert domain.observe(done).actions == ("stop()",)
    (stop,) = domain.parse(done, "stop()")
    step = domain.step(done, stop)
    assert (step.terminated, step.reward, step.answer) == (True, None, "click('1')\nstop()")
    assert domain.grade(task, step.answer).correct is True
    assert domain.grade(task, "stop()").correct is False
    assert "1.00" not in domain.observe(done).notes


@pytest.mark.browser
@pytest.mark.slow
def test_every_task_loads_and_offers_something_to_do(domain: Web) -> None:
    empty = []
    for name in miniwob_names():
        state = domain.reset(miniwob_task(name, 3))
        if not domain.see(state).page.elements:
            empty.append(name)
    assert len(empty) <= 10, empty


@pytest.mark.browser
@pytest.mark.slow
def test_replays_of_random_actions_come_to_the_same_page(domain: Web) -> None:
    names = (*STARTERS, *(name for name in miniwob_names() if name not in STARTERS))[:66]
    differ = []
    for name in names:
        once, again = walked(domain, name, 5), walked(domain, name, 5)
        assert [place.title for place in once.place.path] == [place.title for place in again.place.path], name
        if domain.see(once).page.digest != domain.see(again).page.digest:
            differ.append(name)
            continue
    print(f"{len(names)} tasks replayed, {len(differ)} came to another page: {differ}")
    assert len(differ) <= DIVERGE, differ


@pytest.mark.browser
def test_an_album_shows_the_most_visited_pages_and_the_way_to_the_answer(chromium: None, tmp_path: Path) -> None:
    domain, task = miniwob(pictures=True), miniwob_task("click-dialog", 3)
    try:
        result = solve(
            task, domain=domain, policy=Uniform(), value=ScriptedValue(), recipe=mcts(), budget=Budget(expansions=8)
        )
        page = write_album(domain, task, result.tree.nodes, tmp_path / "album", best=result.node, most=6)
    finally:
        domain.close()
    text = page.read_text()
    assert text.count('class="best"') == len(result.tree.path(result.node or 0))
    assert "click(&#x27;" in text
    pictures = sorted(picture.name for picture in page.parent.glob("*.png"))
    assert len(pictures) >= 3
    assert all(f'src="{name}"' in text for name in pictures)
    with pytest.raises(ValueError, match="build it with pictures=True"):
        write_album(miniwob(), task, result.tree.nodes, tmp_path)

"""Labels of states from finished trees, and how far values can be trusted beside them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

import pytest
from adding import Adding

from treewright.domains.protocol import Task
from treewright.runs.outcomes import Judged, judged_states
from treewright.runs.trust import COIN, LENGTH, trust
from treewright.search import Budget, RunReader, mcts, search
from treewright.value_models import Evidence, Score, ScriptedPolicy, ScriptedValue, Usage


def state(value, good, *, task="t", node=0, parent=-1, depth=0, text="s", share=None, parts=None):
    share = float(good) if share is None and good is not None else share
    score = Score(value, Usage(10, 0, 0, 1), "model", parts=parts or {})
    return Judged(
        task, node, parent, depth, Evidence("t", text, "q"), score, good, math.nan if share is None else share
    )


def account(judged: Iterable[Judged], **more):
    found = {one.model: one for one in trust(judged, rounds=200, **more)}
    return found["model"], found


@pytest.fixture
async def run(tmp_path):
    """A run of the adding domain, in which 7 is reached by some paths and passed by others."""
    tasks = [Task(f"t{i}", str(total)) for i, total in enumerate((7, 8, 9))]
    recipe = replace(mcts(rule="uct", evaluate="leaf"), stop_reward=None)
    stream = search(
        tasks, domain=Adding(), policy=ScriptedPolicy(), value=ScriptedValue(), recipe=recipe,
        budget=Budget(expansions=24), run=tmp_path / "run",
    )  # fmt: skip
    assert len([result async for result in stream]) == 3
    return RunReader(tmp_path / "run")


async def test_a_state_is_good_if_an_end_below_it_is(run):
    judged = list(judged_states(run, lambda task, answer: answer == task.text))
    assert len(judged) > 20
    for one in judged:
        tree = run.result(one.task).tree
        below = [node for node in tree.nodes if node.ended and any(up.id == one.node for up in tree.path(node.id))]
        rewards = [node.reward >= 1.0 for node in below]
        assert one.good == (any(rewards) if rewards else None)
        if rewards:
            assert one.share == pytest.approx(sum(rewards) / len(rewards))
        node = tree.nodes[one.node]
        assert (one.parent, one.depth) == (node.parent, node.depth)
        assert one.score.value == pytest.approx(node.value)
    assert {one.good for one in judged} == {True, None}
    assert len({one.share for one in judged if one.good}) > 2


async def test_ends_that_the_domain_does_not_pay_are_graded_once_each(tmp_path):
    asked = []

    def grader(task, answer):
        asked.append((task.id, answer))
        return None if answer == "6" else answer == task.text

    stream = search(
        [Task("t", "5")], domain=Adding(paid=False), policy=ScriptedPolicy(), value=ScriptedValue(),
        recipe=mcts(), budget=Budget(expansions=24), run=tmp_path / "run",
    )  # fmt: skip
    assert [result async for result in stream]
    judged = list(judged_states(RunReader(tmp_path / "run"), grader))
    assert len(asked) == len(set(asked))
    assert {answer for _, answer in asked} <= {"5", "6", "7"}
    assert any(one.good for one in judged)


def test_perfect_useless_and_inverted_values():
    good = [state(0.9, True, task=f"t{i}") for i in range(4)]
    bad = [state(0.2, False, task=f"t{i}", node=1) for i in range(4)]
    perfect, _ = account([*good, *bad])
    assert (perfect.auroc.value, perfect.precision.value, perfect.recall.value) == (1.0, 1.0, 1.0)
    assert (perfect.states, perfect.tasks, perfect.good) == (8, 4, 0.5)
    assert perfect.calibration_error.value == pytest.approx(0.15)
    flat, _ = account([state(0.5, one.good, task=one.task, node=one.node) for one in [*good, *bad]])
    assert flat.auroc.value == 0.5
    inverted, _ = account([state(1 - one.score.value, one.good, task=one.task) for one in [*good, *bad]])
    assert inverted.auroc.value == 0.0


def test_unknown_states_count_nowhere_else():
    found, _ = account([state(0.9, True), state(0.1, False), state(0.5, None)])
    assert (found.states, found.unknown) == (2, 1)
    assert trust([state(0.5, None)]) == []


def test_siblings_are_ranked_by_their_share_of_correct_ends():
    family = [
        state(value, share > 0, node=i, parent=9, depth=1, share=share)
        for i, (value, share) in enumerate([(0.1, 0.0), (0.2, 0.5), (0.3, 0.25)])
    ]
    alike = [state(0.9, True, node=i, parent=8) for i in (3, 4)]
    found, _ = account([*family, *alike])
    assert (found.families, found.siblings.value) == (1, pytest.approx(1 / 3))
    flat, _ = account([state(0.5, one.good, node=one.node, parent=9, share=one.share) for one in family])
    assert flat.siblings.value == 0.0
    lonely, _ = account([state(0.9, True), state(0.1, False, parent=5)])
    assert lonely.siblings is None


def test_intervals_are_over_tasks():
    """Of two tasks, one ranked rightly and one wrongly, either may be all of a resample."""
    right = [state(0.9, True, task="a"), state(0.1, False, task="a")]
    wrong = [state(0.1, True, task="b"), state(0.9, False, task="b")]
    found, _ = account([*right * 5, *wrong * 5])
    assert found.auroc.value == 0.5
    assert (found.auroc.low, found.auroc.high) == (0.0, 1.0)


def test_baselines_and_parts_stand_beside_the_model():
    judged = [
        state(0.5, i % 2 == 0, task=f"t{i}", text="x" * (10 if i % 2 == 0 else 3), parts={"judge": float(i % 2 == 0)})
        for i in range(40)
    ]
    found, every = account(judged)
    assert list(every) == ["model", "model: judge", COIN, LENGTH]
    assert every["model: judge"].auroc.value == 1.0
    assert every[LENGTH].auroc.value == 1.0
    assert 0.2 < every[COIN].auroc.value < 0.8
    assert (found.tokens, every[COIN].tokens) == (10.0, 0.0)


def test_by_depth_and_on_the_models_own_range():
    judged = [state(-1.0, False, depth=1), state(1.0, True, depth=1), state(0.0, True, depth=2, task="u")]
    found, _ = account(judged, value_range=(-1.0, 1.0))
    assert [(one.depth, one.states, one.good) for one in found.depths] == [(1, 2, 0.5), (2, 1, 1.0)]
    assert found.depths[0].auroc == 1.0
    assert math.isnan(found.depths[1].auroc)
    assert found.at_depth.value == 1.0
    assert [one.value for one in found.bins] == [0.0, 0.5, 1.0]


def test_metrics_are_scaled_and_steps_are_no_models():
    judged = [
        state(0.5, good, task=f"t{i}", parts={"legal": 1.0 if good else -1.0, "step 1": 0.5})
        for i, good in enumerate((True, False, True))
    ]
    _, every = account(judged)
    assert list(every) == ["model", "model: legal", COIN, LENGTH]
    assert [one.value for one in every["model: legal"].bins] == [0.0, 1.0]

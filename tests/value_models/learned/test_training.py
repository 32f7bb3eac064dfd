"""Heads: trained on tasks, calibrated, saved, and refused where they do not fit."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from treewright.value_models import Evidence, Usage
from treewright.value_models.errors import BadAnswer, SetupFailed, WrongHead
from treewright.value_models.learned import Examples, Head, LearnedValue, train, train_linear
from treewright.value_models.learned.text import head_text
from treewright.value_models.learned.training import _platt
from treewright.value_models.measures import auroc

pytest.importorskip("sklearn")
D = 6


def examples(tasks=40, states=6, seed=0, signal=2.0):
    """States whose first feature tells, and whose second tells which task they are of."""
    rng = np.random.default_rng(seed)
    labels = rng.random(tasks * states) < 0.4
    features = rng.normal(size=(tasks * states, D)) + 3.0
    features[:, 0] += signal * labels
    names = np.repeat([f"task {i}" for i in range(tasks)], states)
    features[:, 1] += np.repeat(rng.normal(size=tasks), states)
    return Examples(features, labels, names)


@pytest.fixture(scope="module")
def trained():
    return train("tiny", examples())


class Given:
    """Features as they are written in the states."""

    def __init__(self, model="tiny"):
        self.name = model

    async def model(self):
        return self.name

    async def of(self, texts):
        rows = [[float(word) for word in text.splitlines()[0].removeprefix("| ").split()] for text in texts]
        return np.array(rows, np.float32), [Usage(3, 0, 0, 1)] * len(rows)


def state(*numbers):
    return Evidence("", " ".join(map(str, numbers)), "")


def test_a_head_finds_what_tells_and_says_how_well(trained):
    head, report = trained
    assert report.auroc > 0.85
    assert report.calibration_error < 0.15
    assert report.tasks + report.held_out_tasks == 40
    assert report.members == len(head.bias) == 16
    assert 0 < report.mean_uncertainty < 0.2
    assert "AUROC 0." in str(report)


def test_held_out_tasks_are_no_part_of_training(trained):
    """With labels that are a property of the task alone, nothing can be learned for another task."""
    rng = np.random.default_rng(1)
    tasks = np.repeat(np.arange(40), 6)
    per_task = rng.random(40) < 0.5
    features = rng.normal(size=(240, D)) * 0.01 + rng.normal(size=(40, D))[tasks]
    _, report = train("tiny", Examples(features, per_task[tasks], tasks.astype(str)))
    assert report.auroc < 0.9
    again, _ = train("tiny", examples())
    np.testing.assert_array_equal(again.weights, trained[0].weights)


async def test_values_are_the_members_mean_and_their_spread(trained):
    head, _ = trained
    row = [4.0, 3, 3, 3, 3, 3]
    (score,) = await LearnedValue(head, Given()).score([state(*row)])
    said = head.probabilities(np.array([row], np.float32))[0]
    z = (np.array(row) - head.mean) / head.scale
    by_hand = 1 / (1 + np.exp(-(head.slope * (head.weights @ z + head.bias) + head.shift)))
    np.testing.assert_allclose(said, by_hand, rtol=1e-4)
    assert score.value == pytest.approx(said.mean(), abs=1e-6)
    assert score.uncertainty == pytest.approx(said.std(), abs=1e-6)
    assert (score.provenance, score.usage.calls) == ("tiny head", 1)


async def test_states_unlike_any_in_training_are_less_certain(trained):
    near, far = await LearnedValue(trained[0], Given()).score([state(4, 3, 3, 3, 3, 3), state(4, 3, 40, -30, 40, -30)])
    assert far.uncertainty > 2 * near.uncertainty


def test_a_head_is_the_same_from_disk(trained, tmp_path):
    head, report = trained
    head.save(tmp_path / "head", report)
    again = Head.load(tmp_path / "head")
    rows = examples(seed=3).features.astype(np.float32)
    np.testing.assert_array_equal(again.probabilities(rows), head.probabilities(rows))
    facts = json.loads((tmp_path / "head" / "head.json").read_text())
    assert facts["report"]["auroc"] == report.auroc


def changed(facts, **new):
    return json.dumps({**json.loads(facts), **new})


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda at: (at / "head.json").unlink(), "head.json is missing; treewright train-value makes one"),
        (lambda at: (at / "head.npz").write_bytes(b"x"), "cannot be read"),
        (lambda at: (at / "head.json").write_text(changed((at / "head.json").read_text(), format=9)), "format 9"),
        (lambda at: (at / "head.json").write_text(changed((at / "head.json").read_text(), text="old")), "texts 'old'"),
    ],
)
def test_a_damaged_head_is_refused(trained, tmp_path, spoil, words):
    trained[0].save(tmp_path)
    spoil(tmp_path)
    with pytest.raises(WrongHead, match=words):
        LearnedValue(tmp_path, Given())


async def test_a_head_of_another_model_or_dimension_is_refused(trained):
    with pytest.raises(WrongHead, match="trained on 'tiny'; the server has 'other'"):
        await LearnedValue(trained[0], Given("other")).score([state(1, 2, 3, 4, 5, 6)])
    with pytest.raises(WrongHead, match="takes 6 features; 'tiny' at the server gives 2"):
        await LearnedValue(trained[0], Given()).score([state(1, 2)])
    with pytest.raises(BadAnswer, match="no finite numbers"):
        await LearnedValue(trained[0], Given()).score([state(1, 2, 3, "nan", 5, 6)])


def test_two_heads_that_differ_in_one_number_have_different_names(trained):
    head, _ = trained
    other = replace(head, shift=head.shift + 1.0)
    assert LearnedValue(head, Given()).identity != LearnedValue(other, Given()).identity


def test_what_tells_nothing_is_calibrated_to_the_share_of_good_states():
    """Left-out logits that are wrong side up: their least slope leaves the shift to say how many are good."""
    rng = np.random.default_rng(0)
    labels = rng.random(4000) < 0.2
    logits = np.where(labels, -3.0, -1.0) + rng.normal(size=4000)
    slope, shift = _platt(logits, labels)
    assert slope == 0.01
    assert (1 / (1 + np.exp(-(slope * logits + shift)))).mean() == pytest.approx(labels.mean(), abs=0.01)
    slope, shift = _platt(-logits - 2.0, labels)
    assert slope > 1


def test_a_linear_head_needs_no_constant():
    given = examples()
    weights = train_linear(given)
    assert weights.shape == (D,)
    logits = given.features @ weights
    assert auroc(logits, given.labels) > 0.85
    assert abs((1 / (1 + np.exp(-logits))).mean() - given.labels.mean()) < 0.1


def test_labels_that_are_no_truth_values_are_refused():
    given = examples()
    with pytest.raises(ValueError, match="labels are True and False"):
        Examples(given.features, given.labels.astype(int), given.tasks)


def test_too_few_tasks_or_one_kind_are_an_error():
    with pytest.raises(SetupFailed, match="good states of at least 5 tasks"):
        train("tiny", examples(tasks=4))
    one_kind = examples()
    with pytest.raises(SetupFailed, match="bad ones of 0 tasks"):
        train_linear(Examples(one_kind.features, np.ones(len(one_kind.labels), bool), one_kind.tasks))


def test_the_text_of_a_head_is_what_a_label_is_asked_after():
    assert head_text(Evidence("Make 24.", "left: 4 6", "Possible?")) == "| Make 24.\n| left: 4 6\nPossible?\nAnswer:"

"""Value models made of value models, by worked examples."""

from __future__ import annotations

import asyncio
import math

import numpy as np
import pytest

from treewright.value_models import Evidence, Score, ScriptedValue, Usage
from treewright.value_models.errors import ModelError
from treewright.value_models.identity import identity
from treewright.value_models.measures import calibration_error
from treewright.value_models.wrappers import (
    Adversarial,
    Affine,
    Cached,
    Calibrated,
    Cascade,
    DifficultyGate,
    Ensemble,
    Gate,
    Isotonic,
    Scaled,
    Temperature,
    fit_isotonic,
    fit_temperature,
    weights_of,
)


class Said:
    """A model that says what is written in the state: value, and uncertainty behind a blank."""

    value_range = (0.0, 1.0)
    max_batch = 8
    identity = "said"

    def __init__(self, feedback=None):
        self.seen = []
        self.feedback = feedback

    async def score(self, evidence):
        self.seen += [item.state for item in evidence]
        return [self.one(item) for item in evidence]

    def one(self, item):
        value, *spread = item.state.split()
        return Score(float(value), Usage(10, 0, 1, 1), "said", float(spread[0]) if spread else None, self.feedback)


class Always(Said):
    def __init__(self, value, feedback=None, max_batch=8):
        super().__init__(feedback)
        self.value, self.max_batch = value, max_batch
        self.identity = f"always {value}"

    def one(self, item):
        return Score(self.value, Usage(5, 0, 1, 1), self.identity, feedback=self.feedback)


class Broken(Said):
    async def score(self, evidence):
        raise ModelError("broken")


def states(*texts, task="t", kind=""):
    return [Evidence(task, text, "Good?", kind) for text in texts]


async def values(model, *texts, **more):
    return [score.value for score in await model.score(states(*texts, **more))]


async def test_cached_asks_once_and_remembered_answers_cost_nothing():
    inner = Said()
    model = Cached(inner, size=2)
    first = await model.score(states("0.1", "0.1", "0.2"))
    assert inner.seen == ["0.1", "0.2"]
    assert [score.usage.calls for score in first] == [1, 0, 1]
    again = await model.score(states("0.2", "0.3"))
    assert inner.seen == ["0.1", "0.2", "0.3"]
    assert [score.usage for score in again] == [Usage(), Usage(10, 0, 1, 1)]
    await model.score(states("0.1"))  # the least recently asked was forgotten
    assert inner.seen[-1] == "0.1"
    assert model.hits == 2


async def test_cached_forgets_nothing_while_a_batch_is_larger_than_it():
    model = Cached(Said(), size=1)
    assert await values(model, "0.1", "0.2", "0.1") == [0.1, 0.2, 0.1]


async def test_cached_keeps_what_a_call_found_while_another_one_makes_it_forget():
    class Slow(Said):
        async def score(self, evidence):
            await asyncio.sleep(0.01 if evidence[0].state == "0.2" else 0)
            return await super().score(evidence)

    model = Cached(Slow(), size=1)
    await values(model, "0.1")
    first, second = await asyncio.gather(values(model, "0.1", "0.2"), values(model, "0.3"))
    assert (first, second) == ([0.1, 0.2], [0.3])


async def test_scaled_by_kind_and_cut_to_the_range():
    model = Scaled(Said(), Affine(2.0, -0.5), {"edit": Affine(0.5)})
    assert await values(model, "0.5", "0.9", "0.1") == [0.5, 1.0, 0.0]
    (edit,) = await model.score(states("0.5 0.2", kind="edit"))
    assert (edit.value, edit.uncertainty) == (0.25, 0.1)


async def test_gate_decides_at_both_ends_alone():
    model = Gate(Said(), accept=0.8, abort=0.2)
    assert await values(model, "0.8", "0.79", "0.5", "0.2") == [1.0, 0.79, 0.5, 0.0]
    assert await values(Gate(Said(), accept=None), "0.95", "0.05") == [0.95, 0.0]
    with pytest.raises(ValueError, match=r"abort=0\.9 must lie below accept=0\.5"):
        Gate(Said(), 0.5, 0.9)


async def test_ensemble_mean_and_spread_are_as_documented():
    members = {"low": Always(0.2, "bad"), "high": Always(0.8)}
    (even,) = await Ensemble(members).score(states("x"))
    assert even.value == pytest.approx(0.5)
    assert even.uncertainty == pytest.approx(0.3)
    assert even.usage == Usage(10, 0, 2, 2)
    assert even.parts == {"low": 0.2, "high": 0.8}
    assert even.feedback == "bad"
    (heavy,) = await Ensemble(members, weights={"low": 1, "high": 3}).score(states("x"))
    assert heavy.value == pytest.approx(0.65)
    (least,) = await Ensemble(members, "min").score(states("x"))
    assert least.value == 0.2


async def test_the_least_of_those_that_count():
    members = {"ignored": Always(0.0), "used": Always(0.7)}
    assert await values(Ensemble(members, "min", {"ignored": 0, "used": 1}), "x") == [0.7]


async def test_an_ensemble_fails_with_its_member():
    with pytest.raises(ModelError, match="broken"):
        await Ensemble({"a": Always(0.5), "b": Broken()}).score(states("x"))


@pytest.mark.parametrize(
    "make",
    [
        lambda: Ensemble({}),
        lambda: Ensemble({"a": Said()}, "median"),
        lambda: Ensemble({"a": Said()}, weights={"b": 1}),
        lambda: Ensemble({"a": Said()}, weights={"a": 0}),
        lambda: Ensemble({"a": Said(), "b": ScriptedValue(value_range=(-1, 1))}),
    ],
)
def test_ensembles_that_are_none(make):
    with pytest.raises(ValueError, match=r"members|Unknown way"):
        make()


def test_weights_of_trust_are_as_documented():
    assert weights_of({"tests": 0.8, "judge": 0.6}) == pytest.approx({"tests": 0.6, "judge": 0.2})
    above = weights_of({"tests": 0.8, "judge": 0.6}, executable=["tests"])
    assert above == pytest.approx({"tests": 0.75, "judge": 0.25})
    many = weights_of({"tests": 0.6, "a": 0.9, "b": 0.9, "worse": 0.3}, executable=["tests"])
    assert many == pytest.approx({"tests": 0.75, "a": 0.125, "b": 0.125, "worse": 0.0})
    already = weights_of({"tests": 0.95, "judge": 0.55}, executable=["tests", "tests"])
    assert already == pytest.approx({"tests": 0.9, "judge": 0.1})  # more than its share without being told
    assert weights_of({"tests": 0.6, "judge": 0.9}, ["tests"]) == pytest.approx({"tests": 0.75, "judge": 0.25})
    with pytest.raises(ValueError, match="share is a part of the whole weight"):
        weights_of({"tests": 0.6, "judge": 0.9}, ["tests"], 1.5)
    with pytest.raises(ValueError, match="better than a coin"):
        weights_of({"a": 0.5, "b": 0.2})
    with pytest.raises(ValueError, match="no members"):
        weights_of({"a": 0.7}, executable=["tests"])


async def test_a_cascade_asks_the_dear_one_where_the_cheap_one_does_not_decide():
    cheap, dear = Said(), Always(1.0)
    model = Cascade(cheap, dear, (0.3, 0.7), unsure=0.2)
    scores = await model.score(states("0.1", "0.5", "0.9", "0.9 0.3"))
    assert [score.value for score in scores] == [0.1, 1.0, 0.9, 1.0]
    assert dear.seen == ["0.5", "0.9 0.3"]
    assert scores[1].usage == Usage(15, 0, 2, 2)
    assert model.asked == 2


async def test_a_cascades_budget_goes_to_the_least_decided():
    dear = Always(1.0)
    model = Cascade(Said(), dear, (0.0, 1.0), calls=2)
    assert await values(model, "0.9", "0.5", "0.4") == [0.9, 1.0, 1.0]
    assert await values(model, "0.5") == [0.5]
    assert await identity(model) is None


async def test_difficulty_is_asked_once_a_task():
    ease = ScriptedValue(lambda item: 0.9 if item.task == "easy" else 0.1)
    cheap, dear = Always(0.2), Always(0.7)
    model = DifficultyGate(ease, cheap, dear)
    scores = await model.score([*states("a", "b", task="easy"), *states("c", task="hard")])
    assert [score.value for score in scores] == [0.2, 0.2, 0.7]
    assert [score.usage.calls for score in scores] == [2, 1, 2]
    await model.score(states("d", task="easy"))
    assert ease.items_seen == 2
    assert cheap.seen == ["a", "b", "d"]


def test_difficulty_is_asked_from_one_event_loop_after_the_other():
    model = DifficultyGate(ScriptedValue(latency=0.001), Always(0.2), Always(0.7))

    async def at_once(*tasks):
        return await asyncio.gather(*(model.score(states("a", task=task)) for task in tasks))

    for tasks in (("one", "two"), ("three", "four")):
        assert len(asyncio.run(at_once(*tasks))) == 2


def test_temperature_is_as_documented():
    assert Temperature(2.0).at(0.9) == pytest.approx(0.75)
    assert Temperature(1.0).at(0.3) == pytest.approx(0.3)


def test_a_curve_is_fitted_to_outcomes():
    rng = np.random.default_rng(0)
    truth = rng.random(4000)
    labels = rng.random(4000) < truth
    sure = 1 / (1 + np.exp(-4 * np.log(truth / (1 - truth))))
    fitted = fit_temperature(sure, labels)
    assert fitted.temperature == pytest.approx(4.0, rel=0.15)
    for curve in (fitted, fit_isotonic(sure, labels)):
        mended = np.array([curve.at(value) for value in sure])
        assert calibration_error(mended, labels) < 0.03 < calibration_error(sure, labels)


def test_isotonic_pools_what_falls():
    curve = fit_isotonic(np.array([0.1, 0.4, 0.6, 0.9]), np.array([0, 1, 0, 1]))
    assert curve == Isotonic((0.1, 0.4, 0.6, 0.9), (0.0, 0.5, 0.5, 1.0))
    assert [curve.at(value) for value in (0.0, 0.25, 0.5, 1.0)] == pytest.approx([0.0, 0.25, 0.5, 1.0])
    tied = fit_isotonic(np.array([0.5, 0.5, 0.5]), np.array([1, 0, 0]))
    assert tied.at(0.5) == pytest.approx(1 / 3)


async def test_calibrated_scales_the_uncertainty_with_the_curve():
    model = Calibrated(Said(), Isotonic((0.0, 1.0), (0.4, 0.6)))
    (score,) = await model.score(states("0.5 0.2"))
    assert (score.value, score.uncertainty) == (pytest.approx(0.5), pytest.approx(0.04))
    same = Calibrated(Said(), Isotonic((0.0, 1.0), (0.0, 1.0)))
    assert [score.uncertainty for score in await same.score(states("1.0 0.1", "0.0 0.1", "0.5 0.0"))] == [0.1, 0.1, 0.0]
    with pytest.raises(ValueError, match="range is"):
        Calibrated(ScriptedValue(value_range=(-1.0, 1.0)), Temperature(1.0))


async def test_attacks_are_as_documented():
    assert await values(Adversarial(Said(), "constant"), "0.9") == [0.5]
    assert await values(Adversarial(Said(), "constant", 0.5), "0.9") == [pytest.approx(0.7)]
    assert await values(Adversarial(Said(), "length"), "0.9") == [pytest.approx(1 - math.exp(-3 / 500))]
    assert await values(Adversarial(Said(), "inverted", depth=2), "0.9") == [0.9]
    assert await values(Adversarial(Said(), "inverted", depth=1), "0.9") == [pytest.approx(0.1)]
    noisy = Adversarial(Said(), "noise", seed=3)
    assert await values(noisy, "0.9") == await values(noisy, "0.9") != await values(Adversarial(Said(), "noise"), "0.9")
    (lie,) = await Adversarial(Said("honest"), "persuasive").score(states("0.9"))
    assert lie.value == pytest.approx(0.1)
    assert "honest" not in lie.feedback
    with pytest.raises(ValueError, match=r"Unknown attack 'bribe'.*noise"):
        Adversarial(Said(), "bribe")


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda inner: Gate(inner), "gate 0.9 0.1(said)"),
        (lambda inner: Cached(inner), "said"),
        (lambda inner: Adversarial(inner, "noise"), "noise 1.0 0 0(said)"),
        (lambda inner: Ensemble({"a": inner, "b": Always(0.5)}), "mean [('a', 0.5), ('b', 0.5)](said, always 0.5)"),
    ],
)
async def test_who_a_wrapper_is_has_its_constants_and_its_models(make, name):
    assert await identity(make(Said())) == name

    assert await identity(Adversarial(Said(), "inverted", steps=lambda _: 1)) is None  # not told from another count

    class Nameless(Said):
        identity = None

    assert await identity(make(Nameless())) is None

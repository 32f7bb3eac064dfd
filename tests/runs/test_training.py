"""From runs to a head, and the loop around it, with features that tell."""

from __future__ import annotations

import json
from fractions import Fraction

import numpy as np
import pytest

from treewright.domains.math import countdown_tasks
from treewright.domains.math.rules import COUNTDOWN
from treewright.domains.math.solver import solve_exactly
from treewright.runs.improve import divided, improve
from treewright.runs.suites import Suite
from treewright.runs.training import CHECKPOINT, material, states_of, train_value
from treewright.search import Budget, RunReader, mcts, run_async, search
from treewright.search.errors import MissingPart, SearchError
from treewright.value_models import Indifferent, ScriptedPolicy, Uniform, Usage
from treewright.value_models.errors import WrongHead
from treewright.value_models.learned import Checkpoint, LearnedValue
from treewright.value_models.learned.checkpoint import HEAD_SHARD, INDEX
from treewright.value_models.scripted import uniform_hash

pytest.importorskip("sklearn")
D = 4


class Tagged:
    """A stand-in for a server: the features of a text say, among noise, whether its numbers still make the target."""

    def __init__(self):
        self.texts = []

    async def model(self):
        return "tiny"

    async def token(self, text):
        return 5

    async def of(self, texts):
        self.texts += texts
        return np.array([features(text) for text in texts], np.float32), [Usage(1, 0, 0, 1)] * len(texts)


def features(text):
    asked = [line for line in text.splitlines() if line.startswith("Can ")][-1]
    *numbers, target = (Fraction(word) for word in asked.removesuffix("?").split() if word[0].isdigit())
    hopeful = target in numbers or solve_exactly(numbers, target, COUNTDOWN) is not None
    return [1.0, float(hopeful), len(numbers), uniform_hash(asked)]


def suite(count):
    return Suite("countdown", "countdown", tuple(countdown_tasks(count)))


def searched(path, tasks, budget):
    async def results():
        stream = search(
            tasks, domain="countdown", policy=Uniform(), value=Indifferent(), recipe=mcts(),
            budget=Budget(expansions=budget), run=path,
        )  # fmt: skip
        return [result async for result in stream]

    assert len(run_async(results())) == len(tasks)
    return RunReader(path)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return searched(tmp_path_factory.mktemp("runs") / "run", countdown_tasks(24), 24)


@pytest.fixture(scope="module")
def states(run):
    return states_of([run])


def base_model(directory, hidden=D):
    directory.mkdir()
    config = {"architectures": ["LlamaForCausalLM"], "hidden_size": hidden, "vocab_size": 9}
    (directory / "config.json").write_text(json.dumps(config))
    (directory / "tokenizer.json").write_text("{}")
    data = np.arange(8, dtype="<f4").tobytes()
    header = json.dumps({"model.w": {"dtype": "F32", "shape": [8], "data_offsets": [0, len(data)]}}).encode()
    (directory / "model.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + data)
    return directory


@pytest.fixture(scope="module")
def given(states):
    return run_async(material(states, Tagged()))


@pytest.fixture(scope="module")
def made(given, tmp_path_factory):
    """The directory that training fills, and what it gave back."""
    place = tmp_path_factory.mktemp("made")
    return place, train_value(given, place / "out", base=base_model(place / "base"), members=2)


async def test_states_become_a_head_and_a_checkpoint(states, made):
    tmp_path, trained = made
    assert trained.report.auroc > 0.6
    assert "AUROC" in (tmp_path / "out" / "report.txt").read_text()
    (score,) = await LearnedValue(tmp_path / "out", Tagged()).score([states[0].evidence])
    assert 0.0 <= score.value <= 1.0
    place = tmp_path / "out" / CHECKPOINT
    assert Checkpoint.load(place) == trained.checkpoint
    assert json.loads(trained.checkpoint.form.pooler)["step_tag_id"] == 5
    config = json.loads((place / "config.json").read_text())
    assert (config["architectures"], config["num_labels"]) == (["LlamaForSequenceClassification"], 1)
    shards = json.loads((place / INDEX).read_text())["weight_map"]
    assert shards == {"model.w": "model.safetensors", "score.weight": HEAD_SHARD}
    assert (place / "model.safetensors").read_bytes() == (tmp_path / "base" / "model.safetensors").read_bytes()


def test_the_shard_of_a_head_is_what_others_read(given, made):
    numpy = pytest.importorskip("safetensors.numpy")
    _, trained = made
    weights = numpy.load_file(trained.checkpoint.directory / HEAD_SHARD)["score.weight"]
    assert weights.shape == (1, D)
    assert weights.dtype == np.float32
    logits = given.steps.features @ weights[0]
    assert logits[given.steps.labels].mean() > logits[~given.steps.labels].mean()


async def test_steps_are_shown_as_the_reward_model_will_see_them(states):
    features = Tagged()
    given = await material(states, features)
    assert given.form.text("Reach 6.", ["3 3"]) == "Reach 6.\n3 3\nAnswer:<file_sep>"
    assert all(text.endswith("\nAnswer:<file_sep>") for text in features.texts[len(states) :])


def test_what_does_not_fit_is_refused(given, tmp_path):
    with pytest.raises(WrongHead, match=r"head of shape \(4,\) does not fit .* hidden size is 9"):
        train_value(given, tmp_path / "a", base=base_model(tmp_path / "base", hidden=9), members=2)
    (tmp_path / "b").mkdir()
    with pytest.raises(SearchError, match="is there already"):
        train_value(given, tmp_path / "b")
    with pytest.raises(WrongHead, match="holds no checkpoint"):
        Checkpoint.load(tmp_path)


def test_each_state_comes_once_and_as_many_as_wanted(run, states):
    assert len({(state.task, state.evidence) for state in states}) == len(states) > 60
    assert {state.good for state in states} == {True, False}
    assert set(states_of([run, run])) == set(states)
    few = states_of([run], most=20)
    assert len(few) == 20
    assert set(few) < set(states)
    assert few == states_of([run], most=20)


def test_a_run_without_known_ends_has_nothing_to_teach(tmp_path):
    with pytest.raises(SearchError, match="nothing to learn from"):
        states_of([searched(tmp_path / "run", countdown_tasks(1), 1)])


def test_tasks_are_for_learning_or_for_measuring():
    learning, measured = divided(suite(12), 8)
    assert (len(learning.tasks), len(measured.tasks)) == (8, 4)
    assert not {task.id for task in learning.tasks} & {task.id for task in measured.tasks}
    with pytest.raises(MissingPart, match="12 tasks; learning from 12 leaves none"):
        divided(suite(12), 12)


@pytest.mark.slow
async def test_the_loop_learns_from_its_own_trees_and_measures_on_others(tmp_path):
    learning, measured = divided(suite(36), 24)
    rounds = [
        found
        async for found in improve(
            learning, measured, mcts(), Budget(expansions=16), policy=Uniform(), start=Indifferent(),
            features=Tagged(), root=tmp_path, rounds=1, beside=ScriptedPolicy(texts=["1 + 1 = 2"]),
        )
    ]  # fmt: skip
    assert [found.name for found in rounds] == ["round 0", "round 1", "best_of_n"]
    before, after, beside = rounds
    assert after.solved.value > before.solved.value
    assert after.gained.value == pytest.approx(after.solved.value - before.solved.value)
    assert before.report is None
    assert after.report.auroc > 0.7
    assert after.tokens > before.tokens == 0
    assert (before.gained, beside.summary.budget.policy_tokens) == (None, round(after.tokens))
    assert beside.solved.value == 0.0
    seen = {task.id for task in learning.tasks}
    assert set(RunReader(tmp_path / "0-learning").tasks()) == seen
    assert not set(RunReader(tmp_path / "1-held-out").tasks()) & seen

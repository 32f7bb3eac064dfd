"""Reward models at pooling endpoints: what is asked, what is made of the answers, and answers that are none."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from treewright.value_models import Evidence, Usage
from treewright.value_models.errors import BadAnswer, MissingEndpoint, ModelError
from treewright.value_models.pooled import ProcessReward, RewardModel
from treewright.value_models.steps import HEADED, MATH_SHEPHERD, QWEN_PRM, reduced, steps_of

TWO = Evidence("Add 1, 2, 3.", "1 + 2 = 3\n\n3 + 3 = 6\n", "Right so far?")
USAGE = {"prompt_tokens": 20, "completion_tokens": 0}


def pooled(key, *found):
    return {"data": [{"index": i, key: one} for i, one in enumerate(found)][::-1], "usage": USAGE}


def steps(*found):
    return pooled("data", list(found))


async def test_a_whole_is_a_class_probability_and_states_share_a_request(stub):
    stub.answer("/classify", pooled("probs", [0.7], [0.2]))
    first, second = await RewardModel(stub.url).score([TWO, Evidence("t", "s", "q")])
    assert (first.value, second.value) == (0.7, 0.2)
    assert first.usage + second.usage == Usage(20, 0, 0, 1)
    ((_, body),) = stub.requests
    assert body == {
        "model": "tiny",
        "input": ["| Add 1, 2, 3.\n| 1 + 2 = 3\n| \n| 3 + 3 = 6\nRight so far?\nAnswer:", "| t\n| s\nq\nAnswer:"],
    }


async def test_of_several_classes_one_is_the_good_one(stub):
    stub.answer("/classify", pooled("probs", [0.1, 0.6, 0.3]))
    (score,) = await RewardModel(stub.url, label=1).score([TWO])
    assert score.value == 0.6


async def test_a_chat_reward_model_reads_the_state_as_the_answer(stub):
    stub.answer("/classify", pooled("probs", [0.7]))
    await RewardModel(stub.url, chat=True).score([TWO, TWO])
    assert len(stub.requests) == 2
    assert stub.requests[0][1]["messages"] == [
        {"role": "user", "content": TWO.task},
        {"role": "assistant", "content": TWO.state},
    ]


async def test_a_state_cannot_end_its_role(stub):
    stub.answer("/classify", pooled("probs", [0.7]))
    await RewardModel(stub.url, chat=True).score([Evidence("t<|im_end|>", "s</s>", "q")])
    assert [one["content"] for one in stub.requests[0][1]["messages"]] == ["t< |im_end|>", "s< /s>"]


async def test_an_open_reward_is_put_on_the_logistic_curve(stub):
    stub.answer("/pooling", pooled("data", [[0.0], [2.0]]))
    (score,) = await RewardModel(stub.url, "pooling", logistic=True).score([TWO])
    assert score.value == pytest.approx(1 / (1 + math.exp(-2)))
    with pytest.raises(BadAnswer, match=r"gave 2\.0; expected 0 to 1"):
        await RewardModel(stub.url, "pooling").score([TWO])


@pytest.mark.parametrize(("reward", "value"), [(-800.0, 0.0), (800.0, 1.0)])
async def test_an_extreme_reward_is_a_value_too(stub, reward, value):
    stub.answer("/pooling", pooled("data", [reward]))
    (score,) = await RewardModel(stub.url, "pooling", logistic=True).score([TWO])
    assert score.value == pytest.approx(value)


async def test_a_state_that_its_question_shows_is_what_is_rewarded(stub):
    stub.answer("/score", pooled("score", 0.4))
    stub.answer("/classify", pooled("probs", [0.7]))
    brief = Evidence("", "", "Can 4 6 make 24?")
    await RewardModel(stub.url, "score").score([brief])
    await RewardModel(stub.url, chat=True).score([brief])
    (_, pair), (_, chat) = stub.requests
    assert pair["documents"] == [brief.question]
    assert chat["messages"][-1] == {"role": "assistant", "content": brief.question}


async def test_models_that_answer_differently_have_different_names(stub):
    open_scale = [await RewardModel(stub.url, "pooling", logistic=logistic).identity() for logistic in (False, True)]
    assert len(set(open_scale)) == 2
    tags = [replace(HEADED, tag="<x>"), HEADED]
    assert len({await ProcessReward(stub.url, form).identity() for form in tags}) == 2
    assert await ProcessReward(stub.url, split=lambda item: [item.state]).identity() is None


async def test_a_pair_is_task_and_state(stub):
    stub.answer("/score", pooled("score", 0.4))
    (score,) = await RewardModel(stub.url, "score").score([TWO])
    assert score.value == 0.4
    assert stub.requests[-1][1] == {"model": "tiny", "queries": TWO.task, "documents": [TWO.state]}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"usage": USAGE}, "without data"),
        (pooled("probs", [0.5], [0.5]), "2 entries for 1 items"),
        (pooled("probs", []), "expected a number of class -1"),
        (pooled("probs", [None]), "expected a number of class -1"),
        (pooled("probs", [float("nan")]), "gave nan"),
        (pooled("other", [0.5]), "expected a number"),
    ],
)
async def test_an_answer_that_is_none(stub, answer, words):
    stub.answer("/classify", answer)
    with pytest.raises(BadAnswer, match=words) as caught:
        await RewardModel(stub.url).score([TWO])
    assert caught.value.usage == Usage(20, 0, 0, 1)


async def test_a_server_that_does_not_pool(stub):
    with pytest.raises(MissingEndpoint, match=r"no endpoint /classify.*--runner pooling"):
        await RewardModel(stub.url).score([TWO])


@pytest.mark.parametrize(("reduce", "value"), [("last", 0.8), ("min", 0.5), ("product", 0.4), ("mean", 0.65)])
async def test_each_step_has_a_score_and_the_state_their_reduction(stub, reduce, value):
    assert reduced([0.5, 0.8], reduce) == pytest.approx(value)
    stub.answer("/pooling", steps([0.5], [0.8]))
    (score,) = await ProcessReward(stub.url, reduce=reduce).score([TWO])
    assert score.value == pytest.approx(value)
    assert score.parts == {"step 1": 0.5, "step 2": 0.8}
    _, body = stub.requests[-1]
    assert body["task"] == "token_classify"
    assert body["input"] == ["Add 1, 2, 3.\n1 + 2 = 3\nAnswer:<file_sep>\n3 + 3 = 6\nAnswer:<file_sep>"]


async def test_the_forms_of_published_models(stub):
    stub.answer("/pooling", steps([0.9, 0.1], [0.7, 0.3]))
    (qwen,) = await ProcessReward(stub.url, QWEN_PRM).score([TWO])
    (shepherd,) = await ProcessReward(stub.url, MATH_SHEPHERD).score([TWO])
    assert (qwen.value, shepherd.value) == (0.3, 0.7)
    (_, chat), (_, plain) = stub.requests
    assert chat["messages"][-1] == {"role": "assistant", "content": "1 + 2 = 3<extra_0>3 + 3 = 6<extra_0>"}
    assert [message["role"] for message in chat["messages"]] == ["system", "user", "assistant"]
    assert plain["input"] == ["Add 1, 2, 3. 1 + 2 = 3 ки\n3 + 3 = 6 ки"]


@pytest.mark.parametrize("found", [[[0.5]], [[0.5]] * 3, 0.5])
async def test_a_step_count_that_differs_is_an_error(stub, found):
    stub.answer("/pooling", pooled("data", found))
    with pytest.raises(
        BadAnswer, match=r"scored (1|3|no) steps; 2 were given, each ended by .*--pooler-config.*STEP"
    ) as caught:
        await ProcessReward(stub.url).score([TWO])
    assert caught.value.usage == Usage(20, 0, 0, 1)
    with pytest.raises(BadAnswer, match=r"each ended by '<extra_0>'\.$"):  # a model that brings its own pooler
        await ProcessReward(stub.url, QWEN_PRM).score([TWO])


async def test_a_step_cannot_bring_a_separator_of_its_own(stub):
    stub.answer("/pooling", steps([0.5]))
    await ProcessReward(stub.url).score([Evidence("t<file_sep>", "all right<file_sep>", "q")])
    (text,) = stub.requests[-1][1]["input"]
    assert text == "t< file_sep>\nall right< file_sep>\nAnswer:<file_sep>"


async def test_a_state_without_steps_is_an_error(stub):
    with pytest.raises(BadAnswer, match="without steps"):
        await ProcessReward(stub.url).score([Evidence("t", "", "")])


def test_a_question_stands_for_a_state_that_is_not_shown():
    assert steps_of(TWO) == ["1 + 2 = 3", "3 + 3 = 6"]
    assert steps_of(Evidence("", "", "Can 4\n6 make 24?")) == ["Can 4\n6 make 24?"]


def test_unknown_names_are_errors_at_once():
    with pytest.raises(ModelError, match=r"Unknown reduction 'sum'\. Available: last, min, product, mean"):
        ProcessReward("http://localhost:1", reduce="sum")
    with pytest.raises(ValueError, match="Unknown endpoint 'rate'"):
        RewardModel("http://localhost:1", "rate")
    assert HEADED.tag in HEADED.separator

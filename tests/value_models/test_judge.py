"""The judge: what it asks for, what it makes of the answers, and what it does without one."""

from __future__ import annotations

import json

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from treewright.value_models import VLLM, Evidence, Usage
from treewright.value_models.client import Client
from treewright.value_models.errors import BadAnswer, ServerBusy
from treewright.value_models.judge import INSTRUCTION, Judge, Rubric
from treewright.value_models.pairwise import Pairwise
from treewright.value_models.scripted_server import ScriptedServer

CHAT = "/v1/chat/completions"
EVIDENCE = Evidence("Make 24.", "left: 4 6", "Can it be done?")


def said(*texts, prompt=10):
    told = [text if isinstance(text, str) else json.dumps(text) for text in texts]
    choices = [{"index": i, "message": {"content": text}, "finish_reason": "stop"} for i, text in enumerate(told)]
    return {"choices": choices, "usage": {"prompt_tokens": prompt, "completion_tokens": len(told)}}


def judged(score, reason="so"):
    return {"score": score, "reason": reason}


@pytest.fixture
async def client(stub):
    made = Client(stub.url)
    yield made
    await made.close()


async def test_a_number_and_its_reason(stub):
    stub.answer(CHAT, said(judged(7, " The product is 24. ")))
    model = VLLM(stub.url, value="judge")
    (score,) = await model.score([EVIDENCE])
    await model.close()
    assert (score.value, score.feedback, score.uncertainty) == (0.7, "The product is 24.", None)
    assert score.provenance == "tiny judge"
    assert score.usage == Usage(10, 0, 1, 1)


async def test_roles_are_apart_and_the_form_is_the_servers_to_enforce(stub, client):
    stub.answer(CHAT, said(judged(3)))
    await Judge(client).score([EVIDENCE])
    _, body = stub.requests[-1]
    system, user = body["messages"]
    assert (system["role"], user["role"]) == ("system", "user")
    assert system["content"].startswith(INSTRUCTION)
    assert "from 0 to 10 (0: certainly not; 10: certainly)" in system["content"]
    expected = "Task:\n| Make 24.\n\nWork so far:\n| left: 4 6\n\nQuestion:\nCan it be done?"
    assert user["content"] == expected
    schema = body["response_format"]["json_schema"]["schema"]
    assert schema["properties"]["score"]["enum"] == list(range(11))
    assert (body["temperature"], body["n"]) == (0.0, 1)


async def test_samples_are_averaged_and_their_spread_is_the_uncertainty(stub, client):
    stub.answer(CHAT, said(judged(2, "a"), judged(6, "b"), judged(10, "c")))
    (score,) = await Judge(client, samples=3).score([EVIDENCE])
    assert score.value == pytest.approx(0.6)
    assert score.uncertainty == pytest.approx(0.4)
    assert score.feedback == "b"
    _, body = stub.requests[-1]
    assert body["n"] == 3
    assert body["temperature"] > 0


async def test_a_kind_of_state_has_its_own_question_and_scale(stub, client):
    stub.answer(CHAT, said(judged(1)))
    rubric = Rubric("Is the edit minimal?", 4, {0: "no", 4: "yes"})
    model = Judge(client, rubrics={"edit": rubric})
    plain, edit = await model.score([EVIDENCE, Evidence("t", "s", "Good?", kind="edit")])
    assert (plain.value, edit.value) == (0.1, 0.25)
    texts = [body["messages"][1]["content"] for _, body in stub.requests]
    assert sorted(text.rsplit("\n", 1)[1] for text in texts) == ["Can it be done?", "Is the edit minimal?"]


FLAGGED = Rubric(highest=4, anchors={}, flags={"side_effects": "Any harm?", "looping": "In circles?"})


async def test_flags_are_fields_of_their_own_and_lower_no_value(stub, client):
    raised = {"score": 4, "side_effects": "yes", "looping": "no", "reason": "Bought two."}
    stub.answer(CHAT, said(raised))
    (score,) = await Judge(client, general=FLAGGED).score([EVIDENCE])
    assert (score.value, dict(score.parts)) == (1.0, {"side_effects": 1.0, "looping": 0.0})
    assert score.feedback == "Bought two. Flagged: side effects."
    _, body = stub.requests[-1]
    schema = body["response_format"]["json_schema"]["schema"]
    assert schema["required"] == ["score", "side_effects", "looping", "reason"]
    assert schema["properties"]["looping"] == {"enum": ["yes", "no"]}
    assert "\nlooping, yes or no: In circles?" in body["messages"][0]["content"]


async def test_a_flag_is_the_share_of_the_samples_that_raise_it(stub, client):
    drawn = [
        {"score": 2, "side_effects": flag, "looping": "no", "reason": str(number)}
        for number, flag in enumerate(["yes", "no", "no"])
    ]
    stub.answer(CHAT, said(*drawn))
    (score,) = await Judge(client, general=FLAGGED, samples=3).score([EVIDENCE])
    assert score.parts == {"side_effects": pytest.approx(1 / 3), "looping": 0.0}
    assert score.feedback == "0"


async def test_an_answer_without_its_flags_is_none(stub, client):
    stub.answer(CHAT, said(judged(3)), said({**judged(3), "side_effects": "maybe", "looping": "no"}))
    with pytest.raises(BadAnswer, match="0 of 1 answers"):
        await Judge(client, general=FLAGGED, tries=2).score([EVIDENCE])


async def test_an_answer_in_prose_is_asked_for_again_and_paid_for(stub, client):
    stub.answer(CHAT, said("I would say 7."), said(judged(6)))
    (score,) = await Judge(client).score([EVIDENCE])
    assert (score.value, score.usage.calls) == (0.6, 2)
    assert stub.requests[-1][1]["temperature"] > 0


@pytest.mark.parametrize(
    "text",
    [
        "very good",
        "7",
        {"score": 7},
        {"score": 11, "reason": ""},
        {"score": "7", "reason": ""},
        {"score": True, "reason": ""},
        "[" * 100_000,
    ],
)
async def test_prose_to_the_end_is_an_error_and_never_zero(stub, client, text):
    stub.answer(CHAT, said(text))
    with pytest.raises(BadAnswer, match=r"0 of 1 answers in the form 'judgement' in 3 requests.*json_schema") as caught:
        await Judge(client).score([EVIDENCE])
    assert caught.value.usage == Usage(30, 0, 3, 3)
    assert caught.value.final


async def test_what_was_paid_before_the_server_went_away_is_not_forgotten(stub):
    stub.answer(CHAT, said("I would say 7."), lambda: web.Response(status=503))
    client = Client(stub.url, retries=0)
    with pytest.raises(ServerBusy) as caught:
        await Judge(client).score([EVIDENCE])
    await client.close()
    assert caught.value.usage == Usage(10, 0, 1, 2)


async def test_an_answer_with_too_few_choices_is_paid_for(stub, client):
    stub.answer(CHAT, said(judged(2)))
    with pytest.raises(BadAnswer, match="1 choices; 3 were asked for") as caught:
        await Judge(client, samples=3).score([EVIDENCE])
    assert (caught.value.usage, caught.value.final) == (Usage(10, 0, 1, 1), False)


BRIEF = Evidence("", "", "Can 4 6 make 24?", "edit")


async def test_a_question_of_the_judges_own_leaves_a_state_that_is_shown_in_brief(stub, client):
    stub.answer(CHAT, said(judged(1)))
    await Judge(client).score([BRIEF])
    await Judge(client, rubrics={"edit": Rubric("Is it minimal?")}).score([BRIEF])
    own, rubric = (body["messages"][1]["content"] for _, body in stub.requests)
    assert own == "Question:\nCan 4 6 make 24?"
    assert rubric == "Work so far:\n| Can 4 6 make 24?\n\nQuestion:\nIs it minimal?"


async def test_states_that_are_shown_in_brief_can_be_compared(stub, client):
    stub.answer(CHAT, said({"winner": "first", "reason": "r"}))
    await Pairwise(client).compare([(BRIEF, Evidence("", "", "Can 1 1 make 24?"))])
    shown = stub.requests[0][1]["messages"][1]["content"]
    assert shown.startswith("First:\n| Can 4 6 make 24?\n\nSecond:\n| Can 1 1 make 24?\n\nQuestion:\nEach of the two")


@pytest.mark.parametrize("wrong", [{"samples": 0}, {"tries": 0}])
async def test_numbers_that_make_no_judge(client, wrong):
    with pytest.raises(ValueError, match="at least 1, not 0"):
        Judge(client, **wrong)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"highest": 0}, "at least 1"),
        ({"highest": 5}, r"anchors \[10\]"),
        ({"flags": {"score": "?"}}, r"not 'score' or 'reason'; \['score'\]"),
        ({"flags": {"side effects": "?"}}, r"\['side effects'\] are none"),
    ],
)
def test_a_scale_that_is_none(wrong, words):
    with pytest.raises(ValueError, match=words):
        Rubric(**wrong)


async def test_a_pair_is_compared_in_both_orders(stub, client):
    """A model that likes the first place prefers neither; one that likes the longer text says so in both orders."""

    def first(body):
        return said({"winner": "first", "reason": "r"})

    def longer(body):
        shown = body["messages"][1]["content"]
        one, two = shown.split("First:\n")[1].split("\n\nSecond:\n")
        return said({"winner": "first" if len(one) > len(two.split("\n\n")[0]) else "second", "reason": "r"})

    a, b = Evidence("t", "longer text", "Good?"), Evidence("t", "short", "Good?")
    stub.handlers[CHAT] = lambda body: web.json_response(first(body))
    (biased,) = await Pairwise(client).compare([(a, b)])
    assert (biased.value, biased.consistent, biased.usage.calls) == (0.5, False, 2)
    stub.handlers[CHAT] = lambda body: web.json_response(longer(body))
    one, other = await Pairwise(client).compare([(a, b), (b, a)])
    assert (one.value, one.consistent, other.value) == (1.0, True, 0.0)


async def test_the_scripted_server_fills_a_form():
    server = TestServer(ScriptedServer(["a reason"]).app())
    await server.start_server()
    model = VLLM(str(server.make_url("/v1")), value="judge")
    first, again = await model.score([EVIDENCE, EVIDENCE])
    assert (first.value, first.feedback) == (again.value, "a reason")
    await model.close()
    await server.close()

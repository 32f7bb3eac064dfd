"""The numeric judge: reading its answers, and what it does without one."""

from __future__ import annotations

import pytest

from treewright.value_models import Evidence, ScriptedPolicy
from treewright.value_models.errors import BadAnswer
from treewright.value_models.judge import INSTRUCTION, PREFIX, Judge, read_judgement

EVIDENCE = Evidence("Make 24.", "left: 4 6", "Can it be done?")


@pytest.mark.parametrize(
    ("text", "value", "feedback"),
    [
        ("7/10. The sum is right.", 0.7, "The sum is right."),
        (" 10", 1.0, None),
        ("0 - wrong operation", 0.0, "wrong operation"),
        (" 8.5 out of 10: nearly there", 0.85, "nearly there"),
        ("Score (0-10): 3\nIt repeats a number.", 0.3, "It repeats a number."),
        ("I would give it a **6** because 4 * 6 is 24.", 0.6, "because 4 * 6 is 24."),
    ],
)
def test_a_number_and_the_rest(text, value, feedback):
    assert read_judgement(text) == (pytest.approx(value), feedback)


@pytest.mark.parametrize("text", ["", "very good", "11", "-3 of 10", "240 is the product"])
def test_no_number_from_0_to_10(text):
    assert read_judgement(text) is None


async def test_roles_are_apart():
    seen = []

    def script(prompt):
        seen.append(prompt)
        return ["9. Good."]

    (score,) = await Judge(ScriptedPolicy(script)).score([EVIDENCE])
    assert (score.value, score.feedback, score.provenance) == (0.9, "Good.", "scripted-0 judge")
    (prompt,) = seen
    assert (prompt.system, prompt.prefix) == (INSTRUCTION, PREFIX)
    assert prompt.user == "Task:\nMake 24.\n\nWork so far:\nleft: 4 6\n\nQuestion:\nCan it be done?"
    assert prompt.sampling.temperature == 0.0


async def test_an_answer_without_a_number_is_asked_for_again_and_paid_for():
    answers = iter([["hm"], ["6"]])
    policy = ScriptedPolicy(lambda _: next(answers))
    (score,) = await Judge(policy).score([EVIDENCE])
    assert score.value == 0.6
    assert score.usage.calls == 2


async def test_no_number_at_all_is_an_error_and_never_zero():
    policy = ScriptedPolicy(lambda _: ["no idea"])
    with pytest.raises(BadAnswer, match=r"no number from 0 to 10 in 3 tries.*no idea"):
        await Judge(policy).score([EVIDENCE])
    assert policy.calls == 3

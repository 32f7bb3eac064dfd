"""What a score was made of, and what kind of state it is of, through the journal and back."""

from __future__ import annotations

from treewright.search.journal.event import request_key
from treewright.search.journaled import answer_of, described, plain
from treewright.value_models import Evidence, Score, Usage


def test_parts_come_back_and_are_left_out_where_there_are_none() -> None:
    whole = Score(0.5, Usage(), "m", 0.1, "text", {"step 1": 0.25, "step 2": 0.75})
    assert answer_of("score", described(whole), Usage(), "m") == whole
    plainly = Score(0.5, Usage(), "m")
    assert set(described(plainly)) == {"value", "uncertainty", "feedback"}
    assert answer_of("score", described(plainly), Usage(), "m") == plainly


def test_a_kind_is_part_of_the_request_and_no_kind_leaves_old_keys_as_they_were() -> None:
    asked = {"evidence": {"task": "t", "state": "s", "question": "q"}}
    assert request_key("score", plain({"evidence": Evidence("t", "s", "q")})) == request_key("score", asked)
    kind = plain({"evidence": Evidence("t", "s", "q", "edit")})
    assert kind["evidence"]["kind"] == "edit"
    assert Evidence(**kind["evidence"]) == Evidence("t", "s", "q", "edit")

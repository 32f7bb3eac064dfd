"""The parts of a run's scores: counted over all states, and over the answers."""

from __future__ import annotations

import math
from pathlib import Path

from treewright.domains.math import Countdown, countdown_tasks
from treewright.runs.parts import PartOfScores, parts_of
from treewright.runs.report import parts_section
from treewright.search import Budget, RunReader, mcts, solve
from treewright.value_models import Evidence, Score, ScriptedPolicy, Usage


class Flagging:
    """Values every state alike, and flags those whose question has an odd number of letters."""

    value_range = (0.0, 1.0)
    max_batch = 8

    async def score(self, evidence: list[Evidence]) -> list[Score]:
        return [
            Score(0.5, Usage(1, 0, 1, 1), "m judge", parts={"step 1": 0.2, "looping": float(len(item.question) % 2)})
            for item in evidence
        ]


def test_parts_are_counted_by_model_and_name_and_steps_are_left_out(tmp_path: Path) -> None:
    (task,) = countdown_tasks(1, seed=3)
    result = solve(
        task, domain=Countdown(), policy=ScriptedPolicy(), value=Flagging(), recipe=mcts(evaluate="leaf"),
        budget=Budget(expansions=6), run=tmp_path / "run",
    )  # fmt: skip
    reader = RunReader(tmp_path / "run")
    scored = [event for event in reader.events() if event["kind"] == "score"]
    flags = [event["answer"]["parts"]["looping"] for event in scored]
    own = [event["answer"]["parts"]["looping"] for event in scored if event["node"] == result.node]
    (part,) = parts_of(reader)
    assert (part.model, part.part, part.states, part.answers) == ("m judge", "looping", len(flags), len(own))
    assert part.mean == sum(flags) / len(flags)


def test_the_section_says_where_no_answer_has_the_part() -> None:
    section = parts_section([PartOfScores("m", "looping", 1200, 0.25, 0, math.nan), PartOfScores("m", "x", 2, 1, 1, 0)])
    assert section.rows == (("m: looping", "1,200", "0.25", "0", "–"), ("m: x", "2", "1.00", "1", "0.00"))

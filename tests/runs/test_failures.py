"""Failed nodes by class of error, with the places to look at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from finished import finished

from treewright.runs.failures import error_class, failure_classes
from treewright.search import RunReader
from treewright.value_models import ScriptedPolicy
from treewright.value_models.errors import BadAnswer
from treewright.value_models.protocols import Prompt, Ranking


class Garbles(ScriptedPolicy):
    """Every so many requests are answered with garbage, again and again."""

    async def rank(self, prompts: Sequence[Prompt], candidates: Sequence[Sequence[str]]) -> list[Ranking]:
        answered = await super().rank(prompts, candidates)
        if sum(map(len, candidates[0])) % 5 == 0:
            raise BadAnswer("no choices in the answer")
        return answered


@pytest.mark.parametrize(
    ("failure", "name"),
    [
        ("BadAnswer: no choices: none", "BadAnswer"),
        ("DomainFailed: ZeroDivisionError: division by zero", "ZeroDivisionError"),
        ("treewright.x.Late: after 3 s", "treewright.x.Late"),
        ("the server said no", "other"),
    ],
)
def test_the_class_is_the_errors_type(failure: str, name: str) -> None:
    assert error_class(failure) == name


def test_failures_of_a_run_are_grouped_and_can_be_found(tmp_path: Path) -> None:
    summary = finished(tmp_path, policy=Garbles())
    (kind,) = failure_classes(RunReader(tmp_path))
    assert kind.name == "BadAnswer"
    assert len(kind.nodes) == summary.failures > 0
    assert "no choices in the answer" in kind.example
    reader = RunReader(tmp_path)
    for task, node in kind.nodes:
        failed = reader.result(task).tree.nodes[node].failure
        assert failed is not None
        assert "no choices" in failed

"""Value models that cannot answer: the node fails and says why, and the search goes on."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from adding import Adding

from treewright.domains.protocol import Task
from treewright.search import Budget, mcts, search
from treewright.value_models import Evidence, Score, ScriptedPolicy, Usage
from treewright.value_models.errors import BadAnswer, ModelError, WrongHead
from treewright.value_models.wrappers import Adversarial, Cached, Ensemble

ERRORS = [
    WrongHead("the head takes 576 features; 'tiny' at the server gives 2"),
    BadAnswer("tiny scored 3 steps; 2 were given"),
    BadAnswer("tiny gave 0 of 1 answers in the form 'judgement' in 3 requests"),
    ModelError("The label 'good' is 4 tokens of 'tiny'"),
]


class Failing:
    """Fails on states that have a 2 in them."""

    value_range = (0.0, 1.0)
    max_batch = 8

    def __init__(self, error: ModelError) -> None:
        self.error = error

    async def score(self, evidence: Sequence[Evidence]) -> list[Score]:
        if any("2" in item.state for item in evidence):
            raise self.error
        return [Score(0.5, Usage(3, 0, 1, 1), "failing") for _ in evidence]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: str(error)[:20])
@pytest.mark.parametrize("wrapped", [False, True])
async def test_a_node_fails_visibly_and_the_search_goes_on(error: ModelError, wrapped: bool) -> None:
    inner = Failing(error)
    model = Cached(Ensemble({"one": inner, "other": Adversarial(inner, "noise", 0.1)})) if wrapped else inner
    stream = search(
        [Task("t", "7")], domain=Adding(), policy=ScriptedPolicy(), value=model, recipe=mcts(),
        budget=Budget(expansions=30),
    )  # fmt: skip
    (result,) = [result async for result in stream]
    assert result.failures
    assert all(str(error) in said for _, said in result.failures)
    if isinstance(error, BadAnswer):  # may be one state's own: the others are asked about alone
        assert result.solved
        failed = [result.tree.path(node)[1:] for node, _ in result.failures]
        assert all("2" in "".join(node.text for node in path) for path in failed)

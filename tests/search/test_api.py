"""`solve` and `search` with scripted models: results, costs, concurrency, errors."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from adding import Adding

from treewright.domains.protocol import DomainError, Grade, Observation, Task
from treewright.search import (
    Budget,
    MissingPart,
    Result,
    RunReader,
    SearchError,
    Status,
    UnknownName,
    beam,
    best_of_n,
    make_recipe,
    mcts,
    search,
    self_consistency,
    solve,
)
from treewright.value_models.errors import BadAnswer, ServerBusy, ServerUnreachable
from treewright.value_models.protocols import Evidence, Prompt, Proposals, Ranking, Score, Usage
from treewright.value_models.scripted import ScriptedPolicy, ScriptedValue
from treewright.value_models.uniform import Uniform

BUDGET = Budget(expansions=30)
STEPS = ["1", "2", "3"]


async def collect(tasks: Sequence[Task], **options: object) -> list[Result]:
    return [result async for result in search(tasks, **options)]  # type: ignore[arg-type]


@pytest.mark.parametrize("recipe", [mcts(), mcts(rule="uct"), mcts(evaluate="children"), beam()])
@pytest.mark.parametrize("listed", [True, False])
def test_stepwise_recipes_solve_a_small_task(recipe: object, listed: bool) -> None:
    policy = ScriptedPolicy(texts=STEPS)
    result = solve(
        "6", domain=Adding(listed=listed), policy=policy, value=ScriptedValue(), recipe=recipe, budget=BUDGET  # type: ignore[arg-type]
    )  # fmt: skip
    assert (result.answer, result.value, result.solved, result.stopped) == ("6", 1.0, True, "solved")
    assert result.path[0].text == "6"
    assert sum(int(node.text) for node in result.path[1:]) == 6
    assert result.cost.policy.calls == result.cost.expansions == policy.calls


@pytest.mark.parametrize("recipe", [best_of_n(n=4), self_consistency(n=4)])
def test_whole_solution_recipes_draw_at_the_root_only(recipe: object) -> None:
    policy = ScriptedPolicy({"Reach 6.": ["1 1", "3 3 3", "3 3", "2 3 1"]})
    result = solve("6", domain=Adding(), policy=policy, recipe=recipe, budget=Budget(expansions=2))  # type: ignore[arg-type]
    assert {node.depth for node in result.tree.nodes} == {0, 1}
    assert result.answer == "6"
    assert result.cost.value_tokens == 0


def test_the_budget_is_each_tasks_own() -> None:
    tasks = [Task(f"t{i}", "30") for i in range(5)]
    policy = ScriptedPolicy(texts=STEPS)
    results = asyncio.run(
        collect(tasks, domain=Adding(paid=False), policy=policy, value=ScriptedValue(), budget=Budget(expansions=7))
    )
    assert [result.cost.expansions for result in results] == [7] * 5
    assert policy.calls == 35


class Watched(Status):
    """A status that remembers the most requests in flight."""

    most = 0

    def __setattr__(self, name: str, value: object) -> None:
        if name == "requests":
            type(self).most = max(type(self).most, int(str(value)))
        super().__setattr__(name, value)


@pytest.mark.parametrize("concurrency", [1, 3, 6])
def test_requests_in_flight_reach_the_limit_and_never_pass_it(concurrency: int) -> None:
    policy = ScriptedPolicy(texts=STEPS, latency=0.001)
    Watched.most = 0
    status = Watched()
    tasks = [Task(f"t{i}", "30") for i in range(6)]
    asyncio.run(
        collect(
            tasks,
            domain=Adding(paid=False),
            policy=policy,
            value=ScriptedValue(),
            budget=Budget(expansions=10),
            concurrency=concurrency,
            status=status,
        )
    )
    assert Watched.most == concurrency
    assert (status.tasks, status.done, status.requests) == (6, 6, 0)


def test_equal_seeds_make_equal_trees_and_others_differ() -> None:
    def texts(seed: int) -> list[str]:
        result = solve(
            "30", domain=Adding(listed=False, paid=False), policy=ScriptedPolicy(texts=STEPS), value=ScriptedValue(),
            recipe=mcts(n=3, leaves=1), budget=BUDGET, seed=seed,
        )  # fmt: skip
        return [node.text for node in result.tree.nodes]

    assert texts(1) == texts(1)
    assert texts(1) != texts(2)


class Busy(ScriptedPolicy):
    async def rank(self, prompts: Sequence[Prompt], candidates: Sequence[Sequence[str]]) -> list[Ranking]:
        raise ServerBusy("try later", 503)


def test_a_server_that_stays_busy_ends_the_search_and_one_refusal_does_not() -> None:
    tasks = [Task(f"t{i}", "30") for i in range(20)]
    with pytest.raises(ServerBusy, match="try later"):
        asyncio.run(collect(tasks, domain=Adding(), policy=Busy(), value=ScriptedValue(), budget=BUDGET))
    (result,) = asyncio.run(collect(tasks[:1], domain=Adding(), policy=Busy(), value=ScriptedValue(), budget=BUDGET))
    assert result.failures == ((0, "ServerBusy: try later"),)
    assert result.cost.calls == 2, "a failed call is a call: the ranking beside the score"


class Broken(Adding):
    def grade(self, task: Task, answer: str | None) -> Grade:
        if task.id == "b":
            raise RuntimeError("no verdict")
        return super().grade(task, answer)


def test_a_grader_that_raises_is_no_verdict_and_the_others_go_on(tmp_path: Path) -> None:
    tasks = [Task(name, "6") for name in "abc"]
    run = tmp_path / "run"
    results = asyncio.run(
        collect(tasks, domain=Broken(), policy=ScriptedPolicy(), value=ScriptedValue(), budget=BUDGET, run=run)
    )
    verdicts = {result.task.id: result.verdict for result in results}
    assert verdicts == {"a": "correct", "b": "ungraded", "c": "correct"}
    reader = RunReader(run)
    assert sorted(reader.tasks()) == ["a", "b", "c"]
    (event,) = [event for event in reader.events("b") if event["kind"] == "grade"]
    assert event["error"] == "RuntimeError: no verdict"


class Blind(Adding):
    def observe(self, state: Any) -> Observation:
        if state.added == (1,):
            raise RuntimeError("cannot see")
        return super().observe(state)


def test_a_state_that_cannot_be_shown_fails_its_node() -> None:
    result = solve("30", domain=Blind(paid=False), policy=ScriptedPolicy(), value=ScriptedValue(), budget=BUDGET)
    assert [(result.tree.nodes[node].text, error) for node, error in result.failures] == [
        ("1", "DomainFailed: RuntimeError: cannot see")
    ]


async def test_the_search_goes_on_while_the_caller_uses_a_result() -> None:
    policy = ScriptedPolicy(latency=0.001)
    tasks = [Task("short", "1"), *(Task(f"t{i}", "60") for i in range(4))]
    stream = search(tasks, domain=Adding(), policy=policy, value=ScriptedValue(), budget=Budget(expansions=20))
    await anext(stream)
    calls = policy.calls
    await asyncio.sleep(0.3)
    assert policy.calls > calls + 20
    await stream.aclose()


def test_models_by_name() -> None:
    result = solve("6", domain=Adding(), policy="scripted", value="scripted", budget=BUDGET)
    assert result.answer == "6"


class Failing(ScriptedPolicy):
    """Raises wherever the path starts as given."""

    def __init__(self, error: Exception, start: str) -> None:
        super().__init__(texts=STEPS)
        self._error = error
        self._start = start
        self.failed = 0

    async def propose(self, prompts: Sequence[Prompt], n: int) -> list[Proposals]:
        if prompts[0].prefix.startswith(self._start):
            self.failed += 1
            raise self._error
        return await super().propose(prompts, n)


def test_a_bad_answer_is_asked_for_again_then_fails_its_node_and_the_search_goes_on() -> None:
    policy = Failing(BadAnswer("garbage"), "2")
    result = solve(
        "30", domain=Adding(listed=False, paid=False), policy=policy, value=ScriptedValue(), recipe=mcts(n=8),
        budget=Budget(expansions=12),
    )  # fmt: skip
    ((node, error),) = result.failures
    assert (result.tree.nodes[node].text, error) == ("2", "BadAnswer: garbage")
    assert policy.failed == 3
    assert result.cost.expansions == 12
    assert result.cost.policy.calls == 14, "each failed call is a call"


def test_an_answer_that_is_none_costs_what_the_server_counted() -> None:
    error = BadAnswer("NaN")
    error.usage = Usage(100, 0, 30, 1)
    failing, whole = Failing(error, "2"), ScriptedPolicy(texts=["2"])
    results = [
        solve(
            "30", domain=Adding(listed=False, paid=False), policy=policy, value=ScriptedValue(), recipe=mcts(n=1),
            budget=Budget(expansions=1 + (policy is failing)),
        )
        for policy in (failing, whole)
    ]  # fmt: skip
    assert failing.failed == 3
    assert results[0].cost.policy_tokens == results[1].cost.policy_tokens + 3 * 130


def test_an_answer_that_the_model_spoilt_is_not_asked_for_again() -> None:
    error = BadAnswer("no number", final=True)
    error.usage = Usage(10, 0, 3, 1)
    policy = Failing(error, "2")
    result = solve(
        "30", domain=Adding(listed=False, paid=False), policy=policy, value=ScriptedValue(), recipe=mcts(n=8),
        budget=Budget(expansions=12),
    )  # fmt: skip
    assert len(result.failures) == policy.failed == 1


def test_a_server_that_is_away_ends_the_search_with_its_error() -> None:
    with pytest.raises(ServerUnreachable, match="nobody home"):
        solve(
            "30", domain=Adding(listed=False), policy=Failing(ServerUnreachable("nobody home"), ""),
            value=ScriptedValue(), budget=BUDGET,
        )  # fmt: skip


def test_a_domain_that_raises_fails_the_node_with_its_error() -> None:
    policy = ScriptedPolicy(lambda prompt: ["13"] if prompt.prefix.startswith("1") else STEPS)
    result = solve(
        "30", domain=Adding(listed=False, paid=False), policy=policy, value=ScriptedValue(), recipe=mcts(n=3),
        budget=Budget(expansions=10),
    )  # fmt: skip
    assert result.failures
    for node, error in result.failures:
        assert result.tree.path(node)[1].text == "1"
        assert "RuntimeError: the environment broke" in error


class TooHigh(ScriptedValue):
    async def score(self, evidence: Sequence[Evidence]) -> list[Score]:
        return [Score(7.0, score.usage, score.provenance) for score in await super().score(evidence)]


def test_a_value_out_of_range_is_shown_and_is_no_zero() -> None:
    result = solve(
        "30", domain=Adding(), policy=ScriptedPolicy(), value=TooHigh(), budget=Budget(expansions=3),
    )  # fmt: skip
    assert "got value 7.0; it must lie in [0, 1]" in result.failures[0][1]
    assert result.tree.nodes[0].visits == 0
    assert result.cost.value_tokens > 0, "what was paid for is counted"


def test_parts_that_are_missing_are_named_before_the_first_call() -> None:
    policy = ScriptedPolicy()
    with pytest.raises(MissingPart, match="needs a value model"):
        solve("6", domain=Adding(), policy=policy, budget=BUDGET)
    with pytest.raises(MissingPart, match="Uniform has no propose"):
        solve("6", domain=Adding(), policy=Uniform(), recipe="best_of_n", budget=BUDGET)
    with pytest.raises(MissingPart, match="'beam' needs a value model"):
        solve("6", domain=Adding(), policy=policy, recipe="beam", budget=BUDGET)
    assert policy.calls == 0


def test_unknown_names_give_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean 'mcts'"):
        make_recipe("mtcs")
    with pytest.raises(UnknownName, match="no 'cc' among the constants of mcts; did you mean 'c'"):
        make_recipe("mcts", cc=1.0)
    with pytest.raises(UnknownName, match="did you mean 'game24'"):
        solve("6", domain="game42", policy=Uniform(), budget=BUDGET)
    with pytest.raises(SearchError, match="rule is 'puct' or 'uct', not 'ucb'"):
        make_recipe("mcts", rule="ucb")


def test_tasks_with_one_id_are_refused() -> None:
    twins = [Task("a", "3"), Task("a", "4")]
    with pytest.raises(ValueError, match="two tasks have the id 'a'"):
        asyncio.run(collect(twins, domain=Adding(), policy=Uniform(), value=ScriptedValue(), budget=BUDGET))


def test_a_task_of_another_domain_is_refused_before_the_first_call() -> None:
    policy = ScriptedPolicy()
    with pytest.raises(DomainError):
        solve("What is love?", domain="game24", policy=policy, value=ScriptedValue(), budget=BUDGET)
    assert policy.calls == 0


async def test_solve_works_inside_a_running_loop() -> None:
    result = solve("6", domain=Adding(), policy=ScriptedPolicy(), value=ScriptedValue(), budget=BUDGET)
    assert result.answer == "6"


async def test_results_come_as_they_finish_and_leaving_early_stops_the_rest() -> None:
    policy = ScriptedPolicy(texts=STEPS, latency=0.001)
    tasks = [Task("long", "90"), Task("short", "2")]
    stream = search(tasks, domain=Adding(), policy=policy, value=ScriptedValue(), budget=Budget(expansions=10_000))
    first = await anext(stream)
    assert first.task.id == "short"
    await stream.aclose()
    calls = policy.calls
    await asyncio.sleep(0.01)
    assert policy.calls == calls

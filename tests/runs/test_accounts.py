"""The ledger: its sums are the journal's, the results' and, within 1%, the server's own."""

from __future__ import annotations

import asyncio
import re
import urllib.request
from pathlib import Path

import pytest
from scripted_process import serving

from treewright.domains.protocol import Task
from treewright.runs.accounts import accounts
from treewright.runs.suites import load_suite
from treewright.search import Budget, Prices, Result, RunReader, mcts, search
from treewright.value_models import VLLM, ScriptedPolicy, ScriptedValue
from treewright.value_models.protocols import Usage

TEXTS = ["so we add 3", "then take 4", "The answer is 12."]


def searched(domain: str, tasks: tuple[Task, ...], run: Path, policy: object, value: object = None) -> list[Result]:
    async def collect() -> list[Result]:
        stream = search(
            tasks, domain=domain, policy=policy, value=value, recipe=mcts(), budget=Budget(expansions=8), run=run,  # type: ignore[arg-type]
            concurrency=8,
        )  # fmt: skip
        return [result async for result in stream]

    return asyncio.run(collect())


def counted(url: str) -> tuple[float, float]:
    """Prompt and generated tokens by the server's own counters."""
    with urllib.request.urlopen(url.removesuffix("/v1") + "/metrics") as answer:
        text = answer.read().decode()

    def total(name: str) -> float:
        return sum(float(value) for value in re.findall(rf"^vllm:{name}(?:{{[^}}]*}})? (\S+)$", text, re.MULTILINE))

    return total("prompt_tokens_total"), total("generation_tokens_total")


def test_sums_are_those_of_the_results_whatever_they_are_split_by(tmp_path: Path) -> None:
    suite = load_suite("game24", limit=4)
    results = searched("game24", suite.tasks, tmp_path, ScriptedPolicy(), ScriptedValue())
    reader = RunReader(tmp_path)
    for by in ((), ("task",), ("operator",), ("model",), ("task", "operator", "model")):
        split = accounts(reader, by)  # type: ignore[arg-type]
        assert sum((a.policy for a in split), Usage()) == sum((r.cost.policy for r in results), Usage())
        assert sum((a.value for a in split), Usage()) == sum((r.cost.value for r in results), Usage())
    assert {account.group for account in accounts(reader, ("operator", "model"))} == {
        ("propose", "scripted-0"),
        ("score", "scripted-0"),
    }
    assert {account.group[0] for account in accounts(reader, ("task",))} == {task.id for task in suite.tasks}


def test_dollars_by_a_worked_example(tmp_path: Path) -> None:
    """Policy: 1.5 dollars a million prompt tokens; value: 0.5."""
    searched("game24", load_suite("game24", limit=1).tasks, tmp_path, ScriptedPolicy(), ScriptedValue())
    (account,) = accounts(RunReader(tmp_path), (), Prices(policy_prompt=1.5, value_prompt=0.5))
    prompt, value = account.policy.prompt_tokens, account.value.prompt_tokens
    assert account.dollars == pytest.approx((1.5 * prompt + 0.5 * value) / 1e6)
    assert account.dollars > 0


def test_waiting_and_computing_are_told_apart(tmp_path: Path) -> None:
    policy = ScriptedPolicy(latency=0.02)
    suite = load_suite("game24", limit=12)

    async def collect() -> None:
        stream = search(
            suite.tasks, domain="game24", policy=policy, value=ScriptedValue(latency=0.02), recipe=mcts(),
            budget=Budget(expansions=4), run=tmp_path, concurrency=2, deterministic=False,
        )  # fmt: skip
        async for _ in stream:
            pass

    asyncio.run(collect())
    (account,) = accounts(RunReader(tmp_path), ())
    assert account.computing >= 0.02 * (policy.calls)
    assert account.waiting > 0


def test_sums_are_the_servers_own(tmp_path: Path) -> None:
    with serving(tmp_path, TEXTS) as server:
        tasks = tuple(Task(f"t{i}", f"A shop has {i} boxes of 4 pens. How many pens?", str(4 * i)) for i in range(6))
        before = counted(server.url)
        searched("math", tasks, tmp_path / "run", VLLM(server.url))
        prompt, drawn = (now - then for now, then in zip(counted(server.url), before, strict=True))
    (account,) = accounts(RunReader(tmp_path / "run"), ())
    assert account.policy.prompt_tokens + account.value.prompt_tokens == prompt > 0
    assert account.policy.completion_tokens == drawn > 0


@pytest.mark.server
@pytest.mark.parametrize("domain", ["game24", "math"])
def test_sums_are_a_real_servers_own(domain: str, server_url: str, tmp_path: Path) -> None:
    """The counter has a prompt once for each sample drawn from it; `usage`, and so the ledger, once a request."""
    if domain == "math":
        tasks = tuple(Task(f"t{i}", f"A shop has {i} boxes of 4 pens. How many pens?", str(4 * i)) for i in range(6))
    else:
        tasks = load_suite("game24", limit=6).tasks
    before = counted(server_url)
    searched(domain, tasks, tmp_path / "run", VLLM(server_url))
    prompt, drawn = (now - then for now, then in zip(counted(server_url), before, strict=True))
    reader = RunReader(tmp_path / "run")
    (account,) = accounts(reader, ())
    again = sum(
        (event["request"]["n"] - 1) * event["prompt_tokens"] for event in reader.events() if event["kind"] == "propose"
    )
    assert (again > 0) == (domain == "math")
    assert account.policy.prompt_tokens + account.value.prompt_tokens + again == prompt
    assert account.policy.completion_tokens + account.value.completion_tokens == pytest.approx(drawn, rel=0.01)

"""Resuming with scripted models: the same trees, nothing asked twice, and what cannot be resumed says why."""

from __future__ import annotations

import asyncio
import json
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from adding import Adding
from scripted_process import environment

from treewright.domains.protocol import Grade, Task
from treewright.search import (
    Budget,
    Journal,
    JournalError,
    MissingPart,
    Recipe,
    Result,
    RunInUse,
    RunPaused,
    RunReader,
    Status,
    beam,
    best_of_n,
    mcts,
    resume,
    search,
    self_consistency,
)
from treewright.search.described import described, recipe_of
from treewright.search.journal import FILE_NAME, failures, models, tally, verdicts
from treewright.value_models.errors import ServerUnreachable
from treewright.value_models.protocols import Prompt, Proposals
from treewright.value_models.scripted import ScriptedPolicy, ScriptedValue

BUDGET = Budget(expansions=12)
RECIPES = [mcts(leaves=4), mcts(evaluate="children"), beam(width=3), best_of_n(n=3), self_consistency(n=3)]


class Ends(ScriptedPolicy):
    """Goes away after so many calls."""

    def __init__(self, calls: int | None = None) -> None:
        super().__init__(texts=["1", "2", "3", "3 3 3", "2 2"])
        self.left = calls

    async def propose(self, prompts: Sequence[Prompt], n: int) -> list[Proposals]:
        if self.left is not None and self.calls >= self.left:
            raise ServerUnreachable("nobody home")
        return await super().propose(prompts, n)


class Graded(Adding):
    """Counts its steps and grades."""

    def __init__(self) -> None:
        super().__init__(listed=False, paid=False)
        self.grades = 0
        self.expanded = 0

    def grade(self, task: Task, answer: str | None) -> Grade:
        self.grades += 1
        return super().grade(task, answer)


def tasks() -> list[Task]:
    return [Task(f"t{total}", str(total), "9") for total in (4, 7, 9, 12)]


def options(policy: ScriptedPolicy, domain: Adding | None = None) -> dict[str, Any]:
    return {"domain": domain or Graded(), "policy": policy, "value": ScriptedValue(), "patience": 0.0}


def started(run: Path, policy: ScriptedPolicy, recipe: Recipe, domain: Adding | None = None) -> list[Result]:
    async def collect() -> list[Result]:
        stream = search(
            tasks(), **options(policy, domain), recipe=recipe, budget=BUDGET, concurrency=6, deterministic=True, run=run
        )
        return [result async for result in stream]

    return asyncio.run(collect())


def resumed(run: Path, policy: ScriptedPolicy, domain: Adding | None = None) -> list[Result]:
    async def collect() -> list[Result]:
        return [result async for result in resume(run, **options(policy, domain))]

    return asyncio.run(collect())


def trees(results: Sequence[Result]) -> dict[str, Any]:
    return {
        result.task.id: (
            [(n.parent, n.text, n.prior, n.reward, n.value, n.visits, n.q, n.multiplicity) for n in result.tree.nodes],
            (result.answer, result.value, result.stopped, result.grade, result.dropped, result.failures),
            (result.cost.policy, result.cost.value, result.cost.expansions),
        )
        for result in results
    }


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: f"{recipe.name}-{recipe.evaluate}")
@pytest.mark.parametrize("calls", [1, 5, 11])
def test_a_run_that_was_stopped_ends_as_one_left_alone(recipe: Recipe, calls: int, tmp_path: Path) -> None:
    whole_policy, whole_domain = Ends(), Graded()
    whole = started(tmp_path / "whole", whole_policy, recipe, whole_domain)
    first, second, domain = Ends(calls), Ends(), Graded()
    with pytest.raises(RunPaused, match="nobody home\nThe run is paused; go on with: treewright resume") as paused:
        started(tmp_path / "run", first, recipe, domain)
    assert isinstance(paused.value.__cause__, ServerUnreachable)
    results = resumed(tmp_path / "run", second, domain)
    away = sum(event["error"] == "nobody home" for event in RunReader(tmp_path / "run").events())
    mine, theirs = trees(results), trees(whole)
    for task, (nodes, end, (policy, value, expansions)) in theirs.items():
        assert mine[task][:2] == (nodes, end)
        assert mine[task][2][1:] == (value, expansions)
        assert mine[task][2][0].tokens == policy.tokens
    assert first.calls + second.calls == whole_policy.calls, "no answer was asked for twice"
    assert sum(result.cost.policy.calls for result in results) == whole_policy.calls + away
    assert domain.grades == whole_domain.grades == 4


def test_a_finished_run_is_read_back_without_a_call(tmp_path: Path) -> None:
    whole = started(tmp_path, Ends(), mcts())
    policy, domain = Ends(), Graded()
    again = resumed(tmp_path, policy, domain)
    assert trees(again) == trees(whole)
    assert (policy.calls, domain.grades) == (0, 0)


def test_a_run_that_is_asked_to_pause_finishes_what_is_in_flight(tmp_path: Path) -> None:
    async def pause() -> None:
        status = Status()
        stream = search(
            tasks(), **options(ScriptedPolicy(texts=["1", "2", "3"], latency=0.02)), budget=BUDGET, run=tmp_path,
            status=status,
        )  # fmt: skip
        loop = asyncio.get_running_loop()
        loop.call_later(0.05, status.pause)
        async with aclosing(stream):
            async for _ in stream:
                pass

    with pytest.raises(RunPaused, match="what was in flight is finished"):
        asyncio.run(pause())
    events = list(RunReader(tmp_path).events())
    asked = {event["trial"] for event in events}
    assert {event["trial"] for event in events if event["kind"] == "step"} == asked, "each trial begun was finished"
    policy = ScriptedPolicy(texts=["1", "2", "3"])
    assert {result.task.id for result in resumed(tmp_path, policy)} == {task.id for task in tasks()}
    kinds = [event["kind"] for event in RunReader(tmp_path).events()]
    assert policy.calls == kinds.count("propose") - sum(event["kind"] == "propose" for event in events)


def test_two_writers_are_refused_with_pid_and_host(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from treewright.search import Journal\n"
        "journal = Journal(Path(sys.argv[1]), {}); print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "r")], env=environment(), stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True,
    ) as other:  # fmt: skip
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        with pytest.raises(RunInUse, match=rf"written by pid {other.pid} on host {socket.gethostname()} since"):
            Journal.reopen(tmp_path / "r")
        other.kill()
        other.wait()
        Journal.reopen(tmp_path / "r").close()


def test_a_second_writer_in_the_same_process_is_refused(tmp_path: Path) -> None:
    with Journal(tmp_path, {}), pytest.raises(RunInUse, match="by this process already"):
        Journal.reopen(tmp_path)
    Journal.reopen(tmp_path).close()


def test_another_engine_is_noticed(tmp_path: Path) -> None:
    with pytest.raises(RunPaused):
        started(tmp_path, Ends(11), mcts())
    with sqlite3.connect(tmp_path / FILE_NAME) as db:
        db.execute("UPDATE meta SET value = '7' WHERE key = 'seed'")
        db.execute("UPDATE meta SET value = '2' WHERE key = 'concurrency'")
    db.close()
    with pytest.raises(JournalError, match="turn 2 cannot be repeated; the recipe, the budget, the seed"):
        resumed(tmp_path, Ends())


def test_what_has_no_name_must_be_given(tmp_path: Path) -> None:
    with pytest.raises(RunPaused):
        started(tmp_path, Ends(3), mcts())

    async def nothing_given() -> None:
        async for _ in resume(tmp_path):
            pass

    with pytest.raises(MissingPart, match=r"Ends object at .*, which has no name; give policy="):
        asyncio.run(nothing_given())


def test_a_run_of_schema_version_1_is_shown_and_not_resumed(tmp_path: Path) -> None:
    write_version_1(tmp_path)
    reader = RunReader(tmp_path)
    assert (reader.version, reader.tasks()) == (1, ["t"])
    result = reader.result("t")
    assert (result.answer, result.solved, [node.text for node in result.tree.nodes]) == ("3", True, ["3", "1", "2"])
    (event,) = reader.events()
    assert (event["request"], event["answer"], event["trial"], event["cached"]) == ({"n": 1}, ["a"], None, False)
    assert reader.given() == [Task("t", "3")]
    counted = tally(reader)
    assert (counted.tasks, counted.done, counted.solved, counted.event) == (1, 1, 1, event["seq"])
    assert (verdicts(reader), failures(reader), models(reader)) == ({"t": True}, [], [event["model"]])
    with pytest.raises(JournalError, match="schema version 1, which has no order of outcomes"):
        Journal.reopen(tmp_path)


def write_version_1(directory: Path) -> None:
    db = sqlite3.connect(directory / FILE_NAME)
    db.executescript(
        """
        CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE events (seq INTEGER PRIMARY KEY, task TEXT, node INTEGER, kind TEXT, key TEXT, request TEXT,
            answer TEXT, error TEXT, model TEXT, prompt_tokens INTEGER, cached_tokens INTEGER,
            completion_tokens INTEGER, calls INTEGER, started REAL, seconds REAL);
        CREATE TABLE results (task TEXT PRIMARY KEY, text TEXT, answer TEXT, value REAL, node INTEGER, stopped TEXT,
            correct INTEGER, detail TEXT, cost TEXT, dropped TEXT, finished REAL) WITHOUT ROWID;
        CREATE TABLE nodes (task TEXT, node INTEGER, parent INTEGER, text TEXT, prior REAL, reward REAL,
            terminated INTEGER, truncated INTEGER, answer TEXT, multiplicity INTEGER, value REAL, feedback TEXT,
            failure TEXT, visits INTEGER, q REAL, PRIMARY KEY (task, node)) WITHOUT ROWID;
        INSERT INTO meta VALUES ('schema_version', '1'), ('tasks', '[{"id":"t","text":"3"}]');
        INSERT INTO events VALUES (1, 't', 0, 'propose', 'aa', '{"n":1}', '["a"]', NULL, 'm', 1, 0, 1, 1, 0.0, 0.0);
        INSERT INTO nodes VALUES ('t', 0, -1, '3', 1.0, 0.0, 0, 0, NULL, 1, NULL, NULL, NULL, 2, 0.5),
            ('t', 1, 0, '1', 1.0, 0.0, 0, 0, NULL, 1, NULL, NULL, NULL, 2, 0.5),
            ('t', 2, 1, '2', 1.0, 1.0, 1, 0, '3', 1, NULL, NULL, NULL, 1, 1.0);
        """
    )
    usage = {"prompt_tokens": 1, "cached_tokens": 0, "completion_tokens": 1, "calls": 1}
    cost = {"expansions": 1, "policy": usage, "value": usage, "seconds": 0.0, "dollars": 0.0}
    row = ("t", "3", "3", 1.0, 2, "solved", 1, "3 against 3", json.dumps(cost), "{}", 0.0)
    db.execute(f"INSERT INTO results VALUES ({','.join('?' * len(row))})", row)
    db.commit()
    db.close()


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: f"{recipe.name}-{recipe.evaluate}")
def test_recipes_come_back_from_their_description(recipe: Recipe) -> None:
    assert recipe_of(json.loads(json.dumps(described(recipe)))) == recipe


def test_a_run_goes_on_although_its_recipe_s_parts_have_gained_a_field_since(tmp_path: Path) -> None:
    run = tmp_path / "run"
    with pytest.raises(RunPaused):
        started(run, Ends(5), mcts())
    db = sqlite3.connect(run / FILE_NAME)
    (recipe,) = map(json.loads, next(db.execute("SELECT value FROM meta WHERE key = 'recipe'")))
    del recipe["operator"]["instruction"]
    db.execute("UPDATE meta SET value = ? WHERE key = 'recipe'", (json.dumps(recipe),))
    db.commit()
    db.close()
    assert len(resumed(run, Ends())) == 4


def test_parts_that_are_not_there_are_named() -> None:
    description = {**described(mcts()), "selection": {"type": "Magic"}}
    with pytest.raises(JournalError, match="a part of type 'Magic', which is not installed"):
        recipe_of(description)
    with pytest.raises(JournalError, match="cannot be read back"):
        recipe_of("mcts")


def test_a_deterministic_search_does_not_stop_by_the_clock() -> None:
    async def run() -> None:
        stream = search(tasks(), **options(Ends()), budget=Budget(seconds=1.0), deterministic=True)
        async for _ in stream:
            pass

    with pytest.raises(MissingPart, match="cannot stop by the clock"):
        asyncio.run(run())

"""Shipping: a copy that takes in news of a journal is that journal, whenever it is looked at."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from adding import Adding

from treewright.domains.protocol import Task
from treewright.search import Budget, JournalError, RunReader, mcts, resume, search
from treewright.search.journal import FILE_NAME
from treewright.search.journal.shipping import Position, Replica, news
from treewright.value_models.scripted import ScriptedPolicy, ScriptedValue

TABLES = ("meta", "tasks", "texts", "events", "turns", "results", "nodes")
TASKS = [Task(f"t{total}", str(total)) for total in (4, 7, 9, 12, 15)]


def content(run: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(run / FILE_NAME)) as db:
        return {table: sorted(db.execute(f"SELECT * FROM {table}"), key=repr) for table in TABLES}


async def searched(run: Path, replica: Replica, every: int) -> list[int]:
    """Ships after each so many results; the rows of each shipment."""
    shipped = []
    stream = search(
        TASKS, domain=Adding(), policy=ScriptedPolicy(), value=ScriptedValue(), recipe=mcts(leaves=2), concurrency=4,
        budget=Budget(expansions=8), run=run,
    )  # fmt: skip
    done = 0
    async for _ in stream:
        done += 1
        if done % every == 0:
            new = news(run, replica.position)
            shipped.append(sum(map(len, new.rows.values())))
            replica.apply(new)
    replica.apply(news(run, replica.position))
    return shipped


@pytest.mark.parametrize("every", [1, 2, 9])
async def test_a_copy_is_the_journal(every: int, tmp_path: Path) -> None:
    replica = Replica(tmp_path / "copy")
    shipped = await searched(tmp_path / "run", replica, every)
    assert content(tmp_path / "copy") == content(tmp_path / "run")
    assert len(shipped) == len(TASKS) // every
    assert sum(shipped) <= sum(map(len, content(tmp_path / "run").values()))
    replica.apply(news(tmp_path / "run", replica.position))
    assert content(tmp_path / "copy") == content(tmp_path / "run")


async def test_a_copy_goes_on_elsewhere(tmp_path: Path) -> None:
    replica, policy = Replica(tmp_path / "copy"), ScriptedPolicy()
    stream = search(
        TASKS, domain=Adding(), policy=policy, value=ScriptedValue(), recipe=mcts(leaves=2), concurrency=2,
        budget=Budget(expansions=8), run=tmp_path / "run", deterministic=True,
    )  # fmt: skip
    await anext(stream)
    replica.apply(news(tmp_path / "run", Position()))
    await stream.aclose()
    sent = replica.content()
    assert sent is not None
    Replica(tmp_path / "elsewhere").write(sent)
    recorded = sum(event["kind"] == "rank" for event in RunReader(tmp_path / "elsewhere").events())
    second = ScriptedPolicy()
    again = resume(tmp_path / "elsewhere", domain=Adding(), policy=second, value=ScriptedValue())
    assert len([result async for result in again]) == len(TASKS)
    asked = sum(event["kind"] == "rank" for event in RunReader(tmp_path / "elsewhere").events())
    assert second.calls == asked - recorded


def test_a_copy_whose_first_news_never_came_starts_again(tmp_path: Path) -> None:
    replica = Replica(tmp_path)
    assert (replica.position, replica.content()) == (Position(), None)
    with pytest.raises(JournalError, match="is no run directory"):
        news(tmp_path, Position())

"""Merging: shards become one run that shows, costs, replays, repairs and resumes as the runs that it is made of."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from adding import Adding
from hypothesis import given, settings
from hypothesis import strategies as st

from treewright.domains.protocol import Grade, Task
from treewright.search import (
    Budget,
    Journal,
    JournalError,
    Recipe,
    Replay,
    Result,
    RunInUse,
    RunPaused,
    RunReader,
    best_of_n,
    mcts,
    merge,
    repair,
    resume,
    search,
)
from treewright.search.journal import FILE_NAME
from treewright.search.journal.packing import moved, pack, unpack
from treewright.search.journal.texts import TextMover, TextReader, TextWriter
from treewright.value_models.errors import ServerUnreachable
from treewright.value_models.protocols import Prompt, Proposals
from treewright.value_models.scripted import ScriptedPolicy, ScriptedValue

TOTALS = (4, 7, 9, 12, 15, 8, 11)
BUDGET = Budget(expansions=12)


class Ends(ScriptedPolicy):
    """Goes away after so many calls."""

    def __init__(self, calls: int | None = None) -> None:
        super().__init__(texts=["1", "2", "3", "3 3 3", "2 2"])
        self.left = calls

    async def propose(self, prompts: Sequence[Prompt], n: int) -> list[Proposals]:
        if self.left is not None and self.calls >= self.left:
            raise ServerUnreachable("nobody home")
        return await super().propose(prompts, n)


def tasks(*totals: int) -> list[Task]:
    return [Task(f"t{total}", str(total), "9") for total in totals]


def parts(policy: ScriptedPolicy) -> dict[str, Any]:
    return {"domain": Adding(listed=False, paid=False), "policy": policy, "value": ScriptedValue(), "patience": 0.0}


def run(
    directory: Path,
    totals: Sequence[int],
    policy: ScriptedPolicy | None = None,
    recipe: Recipe | None = None,
    *,
    deterministic: bool = True,
    **more: Any,
) -> list[Result]:
    async def collect() -> list[Result]:
        stream = search(
            tasks(*totals), **parts(policy or Ends()), recipe=recipe or mcts(leaves=4), run=directory, concurrency=6,
            deterministic=deterministic, **{"budget": BUDGET, **more},
        )  # fmt: skip
        return [result async for result in stream]

    return asyncio.run(collect())


def resumed(directory: Path, policy: ScriptedPolicy) -> list[Result]:
    async def collect() -> list[Result]:
        return [result async for result in resume(directory, **parts(policy))]

    return asyncio.run(collect())


def trees(results: Sequence[Result]) -> dict[str, Any]:
    return {
        result.task.id: (
            [(n.parent, n.text, n.prior, n.reward, n.value, n.visits, n.q, n.multiplicity) for n in result.tree.nodes],
            (result.answer, result.value, result.stopped, result.dropped, result.failures),
            result.cost.policy.tokens,
            result.cost.value.tokens,
        )
        for result in results
    }


def stored(directory: Path) -> dict[str, Any]:
    reader = RunReader(directory)
    return trees([reader.result(task) for task in reader.tasks()])


def events(directory: Path, task: str) -> list[dict[str, Any]]:
    return [{key: value for key, value in event.items() if key != "seq"} for event in RunReader(directory).events(task)]


def spent(*directories: Path) -> dict[tuple[str, str], tuple[int, ...]]:
    names = ("prompt_tokens", "completion_tokens", "calls", "failed")
    rows = [row for directory in directories for row in RunReader(directory).spending()]
    return {(row["task"], row["kind"]): tuple(row[name] for name in names) for row in rows}


@pytest.mark.parametrize(
    "recipe",
    [mcts(leaves=4), mcts(leaves=3, evaluate="children"), best_of_n(n=3)],
    ids=lambda recipe: f"{recipe.name}-{recipe.evaluate}",
)
@pytest.mark.parametrize("concurrency", [1, 6])
def test_a_tasks_tree_depends_on_no_other_task(recipe: Recipe, concurrency: int, tmp_path: Path) -> None:
    together = trees(run(tmp_path / "together", TOTALS, recipe=recipe, budget=Budget(expansions=12, policy_tokens=300)))
    for total in TOTALS:
        alone = search(
            tasks(total), **parts(Ends()), recipe=recipe, budget=Budget(expansions=12, policy_tokens=300),
            concurrency=concurrency, deterministic=True,
        )  # fmt: skip

        async def only(stream: Any = alone) -> list[Result]:
            return [result async for result in stream]

        assert trees(asyncio.run(only()))[f"t{total}"] == together[f"t{total}"]


@pytest.mark.parametrize("deterministic", [True, False])
def test_shards_become_one_run(deterministic: bool, tmp_path: Path) -> None:
    shards = [tmp_path / "a", tmp_path / "b", tmp_path / "c"]
    for shard, totals in zip(shards, (TOTALS[:3], TOTALS[3:4], TOTALS[4:]), strict=True):
        run(shard, totals, deterministic=deterministic)
    merged = merge(tmp_path / "all", shards)
    assert (merged.shards, merged.tasks, merged.finished, merged.missing) == (3, 7, 7, ())
    assert merged.events == sum(len(list(RunReader(shard).events())) for shard in shards)
    everything = RunReader(tmp_path / "all")
    assert everything.task_ids() == [f"t{total}" for total in TOTALS]
    assert [task.hidden for task in everything.given()] == ["9"] * 7
    assert spent(tmp_path / "all") == spent(*shards)
    assert stored(tmp_path / "all") == {task: tree for shard in shards for task, tree in stored(shard).items()}
    for shard in shards:
        for task in RunReader(shard).task_ids():
            assert events(tmp_path / "all", task) == events(shard, task)
    turns = [[(turn.told, turn.asked, turn.limit) for turn in shard.turns()] for shard in everything.shards()]
    assert turns == [[(turn.told, turn.asked, turn.limit) for turn in RunReader(shard).turns()] for shard in shards]
    policy = Ends()
    again = resumed(tmp_path / "all", policy)
    assert trees(again) == stored(tmp_path / "all")
    assert policy.calls == 0
    replayed = Replay(tmp_path / "all", domain=Adding(listed=False, paid=False)).search(mcts(leaves=4), BUDGET)
    assert len(replayed.results) == 7
    assert not deterministic or replayed.miss_rate == 0.0


def test_what_is_unfinished_goes_on_in_the_merged_run(tmp_path: Path) -> None:
    whole = Ends()
    expected = trees(run(tmp_path / "whole", TOTALS, whole))
    first, second = Ends(9), Ends(5)
    for name, totals, policy in (("a", TOTALS[:4], first), ("b", TOTALS[4:], second)):
        with pytest.raises(RunPaused):
            run(tmp_path / name, totals, policy)
    merged = merge(tmp_path / "all", [tmp_path / "a", tmp_path / "b"])
    assert merged.finished < merged.tasks == 7
    third, fourth = Ends(6), Ends()
    with pytest.raises(RunPaused, match=f"treewright resume {tmp_path / 'all'}"):
        resumed(tmp_path / "all", third)
    done = trees(resumed(tmp_path / "all", fourth))
    assert {task: tree[:2] for task, tree in done.items()} == {task: tree[:2] for task, tree in expected.items()}
    assert first.calls + second.calls + third.calls + fourth.calls == whole.calls, "no answer was asked for twice"
    assert trees(resumed(tmp_path / "all", Ends(0))) == done


def test_merged_runs_can_be_merged(tmp_path: Path) -> None:
    for name, totals in (("a", TOTALS[:2]), ("b", TOTALS[2:4]), ("c", TOTALS[4:])):
        run(tmp_path / name, totals)
    merge(tmp_path / "ab", [tmp_path / "a", tmp_path / "b"])
    merged = merge(tmp_path / "abc", [tmp_path / "ab", tmp_path / "c"])
    assert (merged.shards, merged.finished) == (3, 7)
    assert len(resumed(tmp_path / "abc", Ends(0))) == 7


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"recipe": mcts(leaves=4, c=0.5)}, r"recipe\.selection\.rule\.c is 0\.5 in the one and .* in the other"),
        ({"budget": Budget(expansions=13)}, r"budget\.expansions is 13 in the one and 12"),
        ({"seed": 1}, "seed is 1 in the one and 0"),
        ({"deterministic": False}, "deterministic is False in the one and True"),
        ({"about": {"shard": {"number": 2, "of": 3, "suite": "adding ef"}}}, "the shard's suite is 'adding ef'"),
        ({"about": {"name": "large"}}, "name is 'large' in the one and 'small'"),
    ],
    ids=lambda given: "" if isinstance(given, str) else next(iter(given)),
)
def test_runs_of_different_kinds_are_refused(more: dict[str, Any], message: str, tmp_path: Path) -> None:
    about = {"shard": {"number": 1, "of": 3, "suite": "adding ab"}, "name": "small"}
    run(tmp_path / "a", TOTALS[:1], about=about)
    run(tmp_path / "b", TOTALS[1:2], **{"about": {**about, **more.pop("about", {})}, **more})
    with pytest.raises(JournalError, match=message):
        merge(tmp_path / "all", [tmp_path / "a", tmp_path / "b"])
    assert not (tmp_path / "all").exists()


def test_a_task_that_is_in_two_runs_is_named(tmp_path: Path) -> None:
    run(tmp_path / "a", (4, 7))
    run(tmp_path / "b", (9, 7))
    with pytest.raises(JournalError, match=f"task 't7' is in {tmp_path / 'a'} and in {tmp_path / 'b'}"):
        merge(tmp_path / "all", [tmp_path / "a", tmp_path / "b"])
    with pytest.raises(JournalError, match="at least one run"):
        merge(tmp_path / "all", [])


def test_a_run_that_is_written_or_damaged_leaves_nothing_behind(tmp_path: Path) -> None:
    run(tmp_path / "a", (4, 7))
    run(tmp_path / "b", (9,))
    with Journal.reopen(tmp_path / "b"), pytest.raises(RunInUse, match="is being written by this process already"):
        merge(tmp_path / "all", [tmp_path / "a", tmp_path / "b"])
    db = sqlite3.connect(tmp_path / "b" / FILE_NAME, isolation_level=None)
    db.execute("DELETE FROM texts WHERE text = (SELECT max(text) FROM nodes)")
    db.close()
    with pytest.raises(JournalError, match="is damaged: try treewright repair"):
        merge(tmp_path / "all", [tmp_path / "a", tmp_path / "b"])
    assert merge(tmp_path / "all", [tmp_path / "a"]).finished == 2


def test_shards_come_in_order_and_the_missing_ones_are_named(tmp_path: Path) -> None:
    for number, total in ((3, 9), (1, 4)):
        shard = {"number": number, "of": 4, "suite": "adding ab"}
        run(tmp_path / str(number), (total,), about={"shard": shard})
    merged = merge(tmp_path / "all", [tmp_path / "3", tmp_path / "1"])
    assert RunReader(tmp_path / "all").task_ids() == ["t4", "t9"]
    assert merged.missing == ("2/4", "4/4")
    assert "2/4, 4/4 of the suite are not among them" in str(merged)
    assert "shard" not in RunReader(tmp_path / "all").meta()["about"]


def test_a_hidden_part_that_is_no_plain_data_stays_out(tmp_path: Path) -> None:
    class Kept(Adding):
        def grade(self, task: Task, answer: str | None) -> Grade:
            return Grade(True, "")

    async def one() -> None:
        stream = search(
            [Task("odd", "4", object())], domain=Kept(listed=False), policy=Ends(), value=ScriptedValue(),
            budget=BUDGET, run=tmp_path / "a",
        )  # fmt: skip
        async for _ in stream:
            pass

    asyncio.run(one())
    merge(tmp_path / "all", [tmp_path / "a"])
    with pytest.raises(JournalError, match="hidden part of task 'odd'"):
        RunReader(tmp_path / "all").given()


def test_a_damaged_merged_journal_is_repaired(tmp_path: Path) -> None:
    for name, totals in (("a", TOTALS[:4]), ("b", TOTALS[4:])):
        run(tmp_path / name, totals)
    merge(tmp_path / "all", [tmp_path / "a", tmp_path / "b"])
    path = tmp_path / "all" / FILE_NAME
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("DELETE FROM events WHERE seq = (SELECT max(seq) FROM events) - 6")
    page = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'sqlite_autoindex_tasks_1'").fetchone()[0]
    size = db.execute("PRAGMA page_size").fetchone()[0]
    db.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    repaired = repair(tmp_path / "all")
    assert repaired.damaged is not None
    policy = Ends()
    assert len(resumed(tmp_path / "all", policy)) == 7
    assert {task: tree[:2] for task, tree in stored(tmp_path / "all").items()} == {
        task: tree[:2] for name in ("a", "b") for task, tree in stored(tmp_path / name).items()
    }
    assert policy.calls <= 1


words = st.text(max_size=12)
data = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 99) | st.floats(allow_nan=False) | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(data, st.lists(words, max_size=3))
def test_packed_data_move_to_another_run(packed: Any, before: list[str]) -> None:
    def table() -> tuple[sqlite3.Connection, TextWriter]:
        db = sqlite3.connect(":memory:")
        db.execute("CREATE TABLE texts (text INTEGER PRIMARY KEY, parent INTEGER, rest TEXT NOT NULL)")
        return db, TextWriter(lambda row: db.execute("INSERT INTO texts VALUES (?,?,?)", row))

    (here, written), (there, moved_to) = table(), table()
    for text in before:
        moved_to.text(text)
    moves = moved(pack(packed, written), TextMover(here, moved_to))
    assert unpack(moves, TextReader(there)) == packed
    here.close()
    there.close()

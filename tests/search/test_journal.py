"""The journal: what it holds, that it is written before it is applied, and that it reads back as it was."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from decimal import Decimal
from hashlib import blake2b
from pathlib import Path

import pytest
from adding import Adding
from hypothesis import given, settings
from hypothesis import strategies as st

from treewright.domains.protocol import Task
from treewright.search import Budget, Engine, JournalError, Outcome, RunReader, Trial, mcts, repair, search, solve
from treewright.search.journal import FILE_NAME, Event, Journal, Turn
from treewright.search.journal.event import request_key
from treewright.search.journal.packing import pack, unpack
from treewright.search.journal.texts import TextReader, TextWriter
from treewright.search.journaled import plain
from treewright.value_models.errors import BadAnswer
from treewright.value_models.protocols import Prompt, Usage
from treewright.value_models.scripted import ScriptedPolicy, ScriptedValue

BUDGET = Budget(expansions=8)


def test_a_run_reads_back_as_it_was(tmp_path: Path) -> None:
    run = tmp_path / "run"
    result = solve("7", domain=Adding(), policy=ScriptedPolicy(), value=ScriptedValue(), budget=BUDGET, run=run)
    reader = RunReader(run)
    assert reader.tasks() == ["task"]
    again = reader.result("task")
    assert again.tree.render() == result.tree.render()
    assert (again.answer, again.value, again.node, again.stopped) == (
        result.answer,
        result.value,
        result.node,
        result.stopped,
    )
    assert (again.grade, again.cost, again.dropped) == (result.grade, result.cost, result.dropped)
    assert reader.meta()["recipe"]["name"] == "mcts"
    assert reader.meta()["budget"]["expansions"] == 8


def test_a_long_line_is_stored_once_and_not_kept_in_memory() -> None:
    rows: list[tuple[int, int | None, str | bytes]] = []
    texts = TextWriter(rows.append)
    picture = "data:image/png;base64," + "A" * 100_000
    assert texts.list([picture]) == texts.list([picture]) != texts.list([picture + "B"])
    assert [len(rest) for _, _, rest in rows if len(rest) > 100] == [100_022, 100_023]
    assert sum(len(rest) for _, rest in texts._known) < 100


def test_pictures_are_part_of_a_request_and_none_leave_old_keys_as_they_were() -> None:
    without = plain({"prompt": Prompt("u", "s")})
    assert "images" not in without["prompt"]
    one, other = (plain({"prompt": Prompt("u", "s", images=(image,))}) for image in ("data:a", "data:b"))
    assert len({request_key("propose", asked) for asked in (without, one, other)}) == 3


def test_every_call_step_and_grade_is_there_and_costs_add_up(tmp_path: Path) -> None:
    policy, value = ScriptedPolicy(texts=["1", "2", "3"]), ScriptedValue()
    tasks = [Task(f"t{i}", "40") for i in range(3)]

    async def run() -> list[object]:
        stream = search(
            tasks,
            domain=Adding(listed=False, paid=False),
            policy=policy,
            value=value,
            budget=BUDGET,
            run=tmp_path / "r",
        )
        return [result async for result in stream]

    results = asyncio.run(run())
    events = list(RunReader(tmp_path / "r").events())
    kinds = [event["kind"] for event in events]
    assert kinds.count("propose") == policy.calls == 24
    assert kinds.count("score") == value.items_seen
    assert kinds.count("step") == 24
    assert kinds.count("grade") == 3
    prompt = sum(event["prompt_tokens"] for event in events if event["kind"] == "propose")
    assert prompt == sum(result.cost.policy.prompt_tokens for result in results)  # type: ignore[attr-defined]
    first = next(event for event in events if event["kind"] == "propose")
    assert first["request"]["prompt"]["user"] == "Reach 40."
    assert {item["text"] for item in first["answer"]} <= {"1", "2", "3"}


def test_an_answer_is_committed_before_the_engine_hears_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []
    tell_all = Engine.tell_all

    def told(engine: Engine, pairs: Sequence[tuple[Trial, Outcome]]) -> int:
        with sqlite3.connect(tmp_path / "r" / FILE_NAME) as other:
            events = set(other.execute("SELECT trial, kind FROM events"))
            turns = [json.loads(numbers) for (numbers,) in other.execute("SELECT told FROM turns")]
        other.close()
        for trial, _ in pairs:
            kinds = {"rank", "step"} if trial.wants_children else {"score"}
            seen.append(all((trial.number, kind) in events for kind in kinds))
        seen.append(turns[-1] == [trial.number for trial, _ in pairs])
        return tell_all(engine, pairs)

    monkeypatch.setattr(Engine, "tell_all", told)
    solve("30", domain=Adding(), policy=ScriptedPolicy(), value=ScriptedValue(), budget=BUDGET, run=tmp_path / "r")
    assert len(seen) >= 8
    assert all(seen)


def test_a_failed_call_is_recorded_with_its_error(tmp_path: Path) -> None:
    class Broken(ScriptedValue):
        async def score(self, evidence: object) -> list[object]:  # type: ignore[override]
            raise BadAnswer("no number in 'perhaps'")

    solve("9", domain=Adding(), policy=ScriptedPolicy(), value=Broken(), budget=BUDGET, run=tmp_path / "r")
    failed = [event for event in RunReader(tmp_path / "r").events() if event["error"]]
    assert [event["kind"] for event in failed] == ["score"] * 3
    assert failed[0]["error"] == "no number in 'perhaps'"
    assert RunReader(tmp_path / "r").result("task").failures[0][0] == 0


def test_equal_requests_have_equal_keys_and_others_do_not() -> None:
    def event(kind: str, request: object) -> Event:
        return Event("t", 0, kind, request, None, Usage(), 0.0, 0.0)  # type: ignore[arg-type]

    assert event("propose", {"a": 1, "b": 2}).key == event("propose", {"b": 2, "a": 1}).key
    assert event("propose", {"a": 1}).key != event("propose", {"a": 2}).key
    assert event("propose", {"a": 1}).key != event("score", {"a": 1}).key


@pytest.mark.parametrize(
    "text", ["Make 24.", 'é "\\" \x00 \x1f \x7f \u2028 \N{GRINNING FACE}', "half \ud83d"], ids=["plain", "odd", "half"]
)
def test_keys_of_older_journals_stand(text: str) -> None:
    request = {"prompt": {"user": text, "sampling": {"temperature": 0.8, "seed": None}}, "n": 2, "candidates": ()}
    told = json.dumps(["propose", request], ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    digest = blake2b(told.encode(errors="surrogatepass"), digest_size=16).hexdigest()
    assert request_key("propose", request) == digest


def test_what_is_no_plain_data_is_not_packed() -> None:
    with pytest.raises(TypeError, match="Decimal is not JSON serializable"):
        pack({"reward": Decimal("0.5")}, TextWriter(lambda _: None))


def test_a_directory_with_a_run_is_not_written_over(tmp_path: Path) -> None:
    Journal(tmp_path, {}).close()
    with pytest.raises(JournalError, match="holds a run already"):
        Journal(tmp_path, {})


def test_directories_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="is no run directory"):
        RunReader(tmp_path / "none")
    Journal(tmp_path / "newer", {}).close()
    with sqlite3.connect(tmp_path / "newer" / FILE_NAME) as db:
        db.execute("UPDATE meta SET value = '99' WHERE key = 'schema_version'")
    db.close()
    with pytest.raises(JournalError, match="schema version 99; this treewright reads 1 to 2"):
        RunReader(tmp_path / "newer")


def test_an_unknown_task_gives_the_nearest(tmp_path: Path) -> None:
    tasks = [Task("game24-0-1", "5")]

    async def run() -> None:
        stream = search(
            tasks, domain=Adding(), policy=ScriptedPolicy(), value=ScriptedValue(), recipe=mcts(), budget=BUDGET,
            run=tmp_path / "r",
        )  # fmt: skip
        async for _ in stream:
            pass

    asyncio.run(run())
    with pytest.raises(JournalError, match="did you mean 'game24-0-1'"):
        RunReader(tmp_path / "r").result("game24-0-2")


TEXTS = st.text(st.characters(), max_size=30) | st.sampled_from(["", "a\nb\n", "a\nb\nc", "\ud83d half of a pair"])
NUMBERS = st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats()
PLAIN = st.recursive(
    TEXTS | NUMBERS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=4),
    max_leaves=30,
)


@settings(max_examples=200, deadline=None)
@given(st.lists(PLAIN, max_size=3))
def test_whatever_is_packed_comes_back(data: list[object]) -> None:
    with closing(sqlite3.connect(":memory:")) as db:
        writer = texts_of(db)
        packed = [pack(item, writer) for item in data]
        reader = TextReader(db)
        assert [repr(_sorted(unpack(item, reader))) for item in packed] == [repr(_sorted(item)) for item in data]


def texts_of(db: sqlite3.Connection) -> TextWriter:
    """A writer whose rows are in the database at once."""
    db.execute("CREATE TABLE texts (text INTEGER PRIMARY KEY, parent INTEGER, rest TEXT NOT NULL)")
    return TextWriter(lambda row: db.execute("INSERT INTO texts VALUES (?,?,?)", row))


def _sorted(data: object) -> object:
    """The same with the keys in order, so that the repr tells 0.0 from -0.0 and 1 from True."""
    if isinstance(data, dict):
        return {key: _sorted(data[key]) for key in sorted(data)}
    return [_sorted(item) for item in data] if isinstance(data, list) else data


def test_a_longer_text_costs_its_last_line_alone() -> None:
    with closing(sqlite3.connect(":memory:")) as db:
        writer = texts_of(db)
        short, long = writer.text("one\ntwo\n"), writer.text("one\ntwo\nthree\n")
        again = writer.text("one\ntwo\n")
        assert (again, long) == (short, short + 1)
        assert db.execute("SELECT rest FROM texts").fetchall() == [("one\n",), ("two\n",), ("three\n",)]


def test_a_failed_commit_is_told_to_all_who_wait_and_to_all_who_come_later(tmp_path: Path) -> None:
    async def write() -> None:
        with Journal(tmp_path, {}) as journal:
            journal._db.execute(f"PRAGMA max_page_count = {journal._db.execute('PRAGMA page_count').fetchone()[0]}")
            big = Event("t", 0, "step", {"texts": ["x" * 100_000]}, {}, Usage(), 0.0, 0.0)
            journal.record(big)
            results = await asyncio.gather(*(journal.recorded() for _ in range(3)), return_exceptions=True)
            assert all(isinstance(error, JournalError) and "disk is full" in str(error) for error in results)
            small = Event("t", 0, "step", {}, {}, Usage(), 0.0, 0.0)
            with pytest.raises(JournalError, match="disk is full"):
                journal.record(small)
            with pytest.raises(JournalError, match="disk is full"):
                await journal.turn(Turn((), 1, 0.0, 0))

    asyncio.run(write())
    assert list(RunReader(tmp_path).events()) == []


@pytest.mark.parametrize("count", [1, 3, 255, 256, 600])
def test_however_many_events_come_at_once_their_order_stays(count: int, tmp_path: Path) -> None:
    def event(number: int) -> Event:
        return Event("t", number, "step", {"texts": [f"step {number}\n"]}, None, Usage(), 0.0, 0.0, trial=number)

    async def write() -> None:
        with Journal(tmp_path, {}) as journal:
            journal.record(*map(event, range(count)))
            await journal.turn(Turn((0,), 1, 0.5, 1))
            journal.record(event(count))  # not waited for: closing writes it

    asyncio.run(write())
    reader = RunReader(tmp_path)
    assert [event["node"] for event in reader.events()] == [*range(count + 1)]
    assert [event["request"]["texts"] for event in reader.events()] == [[f"step {i}\n"] for i in range(count + 1)]
    assert [turn.after for turn in reader.turns()] == [count]

    async def go_on() -> None:
        with Journal.reopen(tmp_path) as journal:
            journal.record(event(count + 1))
            await journal.recorded()

    asyncio.run(go_on())
    assert [event["seq"] for event in RunReader(tmp_path).events()] == [*range(1, count + 3)]


def damaged(run: Path, page: int) -> None:
    path = run / FILE_NAME
    content = bytearray(path.read_bytes())
    content[page * 4096 : (page + 1) * 4096] = b"\xff" * 4096
    path.write_bytes(content)


def test_a_damaged_page_costs_what_was_on_it(tmp_path: Path) -> None:
    run = tmp_path / "run"

    async def search_all() -> None:
        stream = search(
            [Task(f"t{i}", "60") for i in range(8)], domain=Adding(paid=False), policy=ScriptedPolicy(),
            value=ScriptedValue(), budget=Budget(expansions=40), run=run,
        )  # fmt: skip
        async for _ in stream:
            pass

    asyncio.run(search_all())
    whole = len(list(RunReader(run).events()))
    pages = (run / FILE_NAME).stat().st_size // 4096
    assert "nothing is damaged" in str(repair(run))
    damaged(run, pages // 2)
    repaired = repair(run)
    assert repaired.damaged is not None
    assert repaired.damaged.exists()
    assert 0 < repaired.events <= whole
    assert repaired.events + repaired.events_lost == whole
    assert len(list(RunReader(run).events())) == repaired.events
    assert "nothing is damaged" in str(repair(run))


def test_what_says_no_more_what_it_was_cannot_be_repaired(tmp_path: Path) -> None:
    Journal(tmp_path, {}).close()
    damaged(tmp_path, 0)
    with pytest.raises(JournalError, match="says no more what the run was"):
        repair(tmp_path)

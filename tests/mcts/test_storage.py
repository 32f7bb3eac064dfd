"""Saving and loading: the same forest afterwards, and a clear refusal of anything else."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from treewright.mcts import PUCT, BestFirst, Forest, InvalidInput, PowerMean, SavedForestError, StaleTicket, Widening

SETTINGS: list[dict[str, Any]] = [
    {"rule": PUCT(c=0.7), "discount": 0.9, "seed": 5, "ties": "random"},
    {"backup": PowerMean(3.0), "widening": Widening(1.5, 0.4), "normalise": True},
    {"transpositions": True, "solver": True, "threads": 3},
    {"rule": BestFirst(depth=0.1, duplicates=-0.2)},
]


def grown(settings: dict[str, Any]) -> tuple[Forest, Any]:
    """A forest in the middle of a search, with visits in flight, a released tree and a widened node."""
    forest = Forest(**settings)
    trees = forest.new_trees(6)
    grow(forest, trees, 30)
    forest.release(trees[2:3])
    return forest, np.delete(trees, 2)


def grow(forest: Forest, trees: Any, rounds: int) -> None:
    for number in range(rounds):
        leaves = forest.select_batch(trees, 2)
        count = len(leaves.ticket)
        counts = 1 + ((leaves.depth + number) % 3).astype(np.int32)
        wanted = ~leaves.terminal
        total = int(counts[wanted].sum())
        numbers = np.arange(total)
        forest.expand_batch(
            leaves.ticket[wanted],
            counts[wanted],
            0.1 + numbers % 5 / 5,
            terminal=numbers % 9 == 8,
            hashes=(1 + numbers % 13 + number * 3).astype(np.uint64),
        )
        forest.backup_batch(leaves.ticket, (np.arange(count) * 7 + number) % 11 / 10)


def assert_equal(one: Forest, other: Forest, trees: Any) -> None:
    for tree in trees:
        for mine, theirs in zip(one.snapshot(tree), other.snapshot(tree), strict=True):
            np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("mmap", [False, True], ids=["read", "mapped"])
@pytest.mark.parametrize("settings", SETTINGS, ids=lambda settings: next(iter(settings)))
def test_a_loaded_forest_goes_on_like_the_saved_one(tmp_path: Path, settings: dict[str, Any], mmap: bool) -> None:
    forest, trees = grown(settings)
    out = forest.select_batch(trees)
    assert len(out.ticket) >= 2
    forest.save(tmp_path / "forest")
    loaded = Forest.load(tmp_path / "forest", mmap=mmap)
    assert loaded.settings == forest.settings
    assert (loaded.trees_open, loaded.tickets_out) == (forest.trees_open, forest.tickets_out)
    assert_equal(forest, loaded, trees)
    for each in (forest, loaded):
        each.backup_batch(out.ticket, np.full(len(out.ticket), 0.25))
        trees_now = np.append(trees, each.new_trees(2))
        grow(each, trees_now, 20)
    assert_equal(forest, loaded, trees_now)
    with pytest.raises(StaleTicket):
        loaded.cancel_batch(out.ticket[:1])


def test_a_mapped_forest_leaves_its_files_alone(tmp_path: Path) -> None:
    forest, trees = grown(SETTINGS[0])
    forest.save(tmp_path / "forest")
    before = {path.name: path.read_bytes() for path in (tmp_path / "forest").iterdir()}
    loaded = Forest.load(tmp_path / "forest", mmap=True)
    grow(loaded, trees, 5)
    assert {path.name: path.read_bytes() for path in (tmp_path / "forest").iterdir()} == before


def test_saving_again_replaces_the_forest_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    forest, trees = grown(SETTINGS[0])
    forest.save(tmp_path / "forest")
    grow(forest, trees, 10)
    forest.save(tmp_path / "forest")
    assert [path.name for path in tmp_path.iterdir()] == ["forest"]
    assert_equal(forest, Forest.load(tmp_path / "forest"), trees)


def test_a_directory_of_something_else_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InvalidInput, match=r"holds no saved forest alone, but mine\.txt"):
        Forest().save(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    grown(SETTINGS[0])[0].save(tmp_path / "forest")
    return tmp_path / "forest"


def test_damage_is_named(saved: Path) -> None:
    columns = saved / "columns-0.bin"
    good = columns.read_bytes()
    columns.write_bytes(good[:100] + bytes([good[100] ^ 1]) + good[101:])
    with pytest.raises(SavedForestError, match=r"columns-0\.bin is damaged"):
        Forest.load(saved)
    columns.write_bytes(good[:-1])
    for mmap in (False, True):
        with pytest.raises(SavedForestError, match=r"columns-0\.bin"):
            Forest.load(saved, mmap=mmap)
    columns.write_bytes(good)
    tables = saved / "tables.bin"
    tables.write_bytes(tables.read_bytes()[:-8])
    with pytest.raises(SavedForestError, match=r"tables\.bin is damaged"):
        Forest.load(saved, mmap=True)
    tables.unlink()
    with pytest.raises(SavedForestError, match=r"tables\.bin cannot be read"):
        Forest.load(saved)


def test_an_altered_header_is_damage(saved: Path) -> None:
    header = (saved / "forest.json").read_text()
    (saved / "forest.json").write_text(header.replace('"solver": false', '"solver": true'))
    with pytest.raises(SavedForestError, match=r"forest\.json is damaged"):
        Forest.load(saved, mmap=True)


def test_files_of_others_are_not_replaced(saved: Path) -> None:
    (saved / "notes.txt").write_text("mine")
    with pytest.raises(InvalidInput, match=r"notes\.txt"):
        Forest().save(saved)
    assert (saved / "notes.txt").read_text() == "mine"


def test_best_first_may_take_over_a_saved_forest(tmp_path: Path) -> None:
    grown({})[0].save(tmp_path / "forest")
    loaded = Forest.load(tmp_path / "forest", rule=BestFirst())
    leaf = loaded.select_batch([0])
    shot = loaded.snapshot(0)
    open_leaves = (shot.flags == 0) & ~np.isin(shot.node, shot.parent)
    own = np.where(np.isnan(shot.raw), shot.q, shot.raw)
    assert own[shot.node == leaf.node[0]] == own[open_leaves].max()


def test_saving_beside_a_working_thread_saves_one_moment(tmp_path: Path) -> None:
    forest = Forest(capacity=2)
    trees = forest.new_trees(4)
    done = threading.Event()

    def work() -> None:
        while not done.is_set():
            grow(forest, trees, 1)
            forest.release(trees[3:])
            forest.new_trees(1)

    worker = threading.Thread(target=work)
    worker.start()
    try:
        for number in range(8):
            forest.save(tmp_path / str(number))
    finally:
        done.set()
        worker.join()
    for number in range(8):
        loaded = Forest.load(tmp_path / str(number))
        for tree in range(3):
            shot = loaded.snapshot(tree)
            visits = dict(zip(shot.node.tolist(), shot.visits.tolist(), strict=True))
            below = np.zeros(len(shot.node), np.int64)
            row = {node: i for i, node in enumerate(shot.node.tolist())}
            for node, parent in zip(shot.node.tolist(), shot.parent.tolist(), strict=True):
                if parent >= 0:
                    below[row[parent]] += visits[node]
            assert (shot.visits >= below).all()


def test_another_format_is_refused(saved: Path) -> None:
    header = json.loads((saved / "forest.json").read_text())
    (saved / "forest.json").write_text(json.dumps({**header, "format": 3}))
    with pytest.raises(SavedForestError, match="has format 3: this treewright reads 2"):
        Forest.load(saved)
    (saved / "forest.json").write_text("{")
    with pytest.raises(SavedForestError, match="is no JSON"):
        Forest.load(saved)
    with pytest.raises(SavedForestError, match="cannot be read: No such file"):
        Forest.load(saved / "nowhere")


def test_another_rule_may_be_given(saved: Path) -> None:
    assert Forest.load(saved, rule=PUCT(c=2.0)).settings.rule == PUCT(c=2.0)

"""`--shard` and `treewright merge`, as a batch of jobs would use them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scripted_process import free_port
from typer.testing import CliRunner

from treewright.cli.main import app
from treewright.search import RunReader
from treewright.value_models import ScriptedPolicy, ScriptedValue

Run = Callable[..., Any]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs a command in an empty directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("treewright.cli.options.models", lambda *_: (ScriptedPolicy(), ScriptedValue()))
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *args: CliRunner().invoke(app, list(args))


def searched(run: Run, out: str, *more: str) -> Path:
    result = run("run", "game24", "--budget", "8", "--limit", "5", "--deterministic", "--out", out, *more)
    assert result.exit_code == 0, result.output
    (directory,) = Path(out).iterdir()
    return directory


def test_shards_are_merged_into_the_run_of_one_process(run: Run) -> None:
    whole = searched(run, "whole")
    shards = [searched(run, f"part{number}", "--shard", f"{number}/2") for number in (1, 2)]
    assert [re.sub(r"^[\d-]+-", "", shard.name) for shard in shards] == ["game24-1of2-mcts-8", "game24-2of2-mcts-8"]
    merged = run("merge", "all", *map(str, reversed(shards)))
    assert merged.exit_code == 0, merged.output
    assert re.match(r"all: 2 shards, 5/5 tasks finished, [\d,]+ events\n$", merged.output)
    for command in (("show",), ("show", RunReader(whole).tasks()[0])):
        shown = [run(command[0], directory, *command[1:]).output for directory in (str(whole), "all")]
        one, other = (sorted(re.sub(r"[\d.]+ s\b", "", text).splitlines()) for text in shown)
        assert one == other
    costs = [run("cost", str(directory), "--by", "operator") for directory in (whole, "all")]
    assert costs[0].exit_code == costs[1].exit_code == 0
    tokens = [re.findall(r"│ (\w+) +│ +([\d,]+) │", cost.output) for cost in costs]
    assert tokens[0] == tokens[1] != []
    done = run("resume", "all")
    assert done.exit_code == 0, done.output
    assert re.search(r"│ mcts .*│ +\d/5 │", done.output)
    assert run("replay", "all").exit_code == 0


def test_a_merge_says_what_is_missing_and_what_does_not_fit(run: Run) -> None:
    first = searched(run, "part1", "--shard", "1/3")
    merged = run("merge", "some", str(first))
    assert "2/3, 3/3 of the suite are not among them" in merged.output
    other = searched(run, "part2", "--shard", "2/3", "--seed", "4")
    refused = run("merge", "all", str(first), str(other))
    assert refused.exit_code == 2
    assert "cannot be merged: seed is 4 in the one and 0 in the other" in refused.output
    (first / "shards").mkdir()
    unended = run("merge", "all", str(first))
    assert unended.exit_code == 2
    assert f"treewright resume {first}" in unended.output


def test_bad_shards_and_runners_are_refused(run: Run) -> None:
    for more, message in (
        (("--shard", "3/2"), "a shard is i/n with i from 1 to n"),
        (("--shard", "1/2", "--search", "mcts,beam"), "a shard takes one recipe"),
        (("--runner", "rey"), "did you mean 'ray'?"),
        (("--runner", "ray", "--servers", "splitted"), "did you mean 'split'?"),
    ):
        refused = run("run", "game24", "--limit", "4", "--budget", "4", *more)
        assert refused.exit_code == 2
        assert message in refused.output


def test_an_address_where_nobody_listens_is_named_at_once(run: Run) -> None:
    pytest.importorskip("ray", reason="needs Ray: pip install treewright[ray]")
    refused = run("run", "game24", "--limit", "2", "--runner", "ray", "--address", f"127.0.0.1:{free_port()}")
    assert refused.exit_code == 2
    assert "no Ray cluster at 127.0.0.1:" in refused.output
    assert "ray start --head" in refused.output
    assert not list(Path("results").iterdir())

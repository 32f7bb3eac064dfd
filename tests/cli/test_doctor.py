"""`treewright doctor`: what stands, what does not, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from treewright.cli import doctor
from treewright.cli.main import app
from treewright.domains.code.sandbox import NoSandbox
from treewright.domains.code.sandbox.strengths import STRENGTHS


def test_it_says_which_sandbox_stands_and_what_it_does_not_stop() -> None:
    result = CliRunner().invoke(app, ["doctor"])
    assert result.exit_code == 0, result.output
    assert result.output.count("(used by default)") == 1
    assert "ok  sandbox process: warm workers" in result.output
    assert "faults of the kernel: programs run on the host's own" in result.output
    assert all(f"sandbox {name}: " in result.output for name in STRENGTHS)


def test_without_a_wall_it_says_what_would_help_and_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*_: object) -> object:
        raise NoSandbox("namespaces are forbidden here")

    monkeypatch.setattr("treewright.domains.code.sandbox.probe.open_strongest", refuses)
    monkeypatch.setattr("treewright.domains.code.sandbox.inside.landlock.version", lambda: 0)
    result = CliRunner().invoke(app, ["doctor"])
    assert result.exit_code == 1
    assert "-  sandbox process: namespaces are forbidden here" in result.output
    assert "missing  sandbox: no wall stands; code tasks will be refused" in result.output
    assert "User namespaces must be allowed" in result.output


def test_it_names_the_browser_or_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    browser = tmp_path / "chrome"
    browser.touch()
    monkeypatch.setenv("TREEWRIGHT_CHROMIUM", str(browser))
    monkeypatch.setattr("importlib.util.find_spec", lambda _: object())
    assert [finding.text for finding in doctor.browser()] == [f"browser: {browser}"]
    monkeypatch.setenv("TREEWRIGHT_CHROMIUM", str(tmp_path / "none"))
    (finding,) = doctor.browser()
    assert finding.state == "unused"
    assert "which is no file" in finding.notes[0]
    monkeypatch.delenv("TREEWRIGHT_CHROMIUM")
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    (finding,) = doctor.browser()
    assert "playwright install chromium" in finding.notes[0]
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    (finding,) = doctor.browser()
    assert "pip install 'treewright[web]'" in finding.notes[0]

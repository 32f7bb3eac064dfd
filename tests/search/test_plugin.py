"""A third-party domain, suite and recipe, installed as a package of their own, are found by name and searched."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PLUGIN = Path(__file__).parents[1] / "plugin"
SCRIPT = """
from treewright.runs import load_suite, suite_cards
from treewright.search import Budget, solve
from treewright.value_models import ScriptedPolicy, ScriptedValue
models = dict(policy=ScriptedPolicy(), value=ScriptedValue())
suite = load_suite("counting", limit=2, seed=4)
print(suite.domain, *(task.text for task in suite.tasks), suite_cards()["counting"].licence)
print(solve("Count to 5.", domain="count_to", budget=Budget(expansions=30), **models).answer)
models["policy"] = ScriptedPolicy(lambda prompt: ["+2 +2 +1" if "doubt settled" in prompt.system else "+2 +2 +2"])
result = solve("Count to 5.", domain="count_to", recipe="second_opinion", budget=Budget(expansions=30), **models)
print([node.kind for node in result.path], result.answer)
"""


@pytest.mark.slow
def test_what_is_installed_is_found_by_its_entry_points(tmp_path: Path) -> None:
    site = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    source = tmp_path / "source"
    source.mkdir()
    for file in PLUGIN.iterdir():
        if file.is_file():
            (source / file.name).write_bytes(file.read_bytes())
    subprocess.run([*install, "--target", str(site), str(source)], check=True, capture_output=True, timeout=120)
    path = os.pathsep.join([str(site), *(entry for entry in sys.path if entry)])
    environment = {**os.environ, "PYTHONPATH": path}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.splitlines() == [
        "count_to Count to 5. Count to 6. CC0-1.0",
        "5",
        "['root', 'solution', 'doubt', 'settled'] 5",
    ], done.stderr

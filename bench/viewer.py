"""The viewer on a large tree: time to the first paint, frames a second while panning and while the slider moves.

`python bench/viewer.py` searches a word problem with scripted models until its tree has 50,000 nodes, serves it by
`treewright view`, and looks at it in a headless Chromium. The canvas is painted by the CPU there, as in the worst case
of a user without a graphics card. Prints one table.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from marks import Mark, print_marks

from treewright.domains.protocol import Task
from treewright.domains.web import find_chromium
from treewright.search import Budget, RunReader, mcts, search
from treewright.value_models import ScriptedPolicy, ScriptedValue

NODES = 50_000
PROPOSALS = 4  # an expansion
ZOOMS = (1, 4, 20, 100, 400)  # times the scale at which the whole tree fits
WINDOW = {"width": 1400, "height": 860}
LINES = [f"{verb} {a} and {b} to get {a + b}" for verb in ("add", "take") for a in range(9) for b in range(9)]

# Pans along a curve for some seconds, a step each frame, and counts the frames that were painted.
PAN = """async (seconds) => {
    const view = explorer.view;
    const [began, painted] = [performance.now(), view.frames];
    await new Promise((done) => {
        let step = 0;
        const tick = () => {
            view.pan(3 * Math.cos(step / 9), 9 * Math.sin(step / 15));
            step += 1;
            if (performance.now() - began < 1000 * seconds) requestAnimationFrame(tick);
            else done();
        };
        requestAnimationFrame(tick);
    });
    return (1000 * (view.frames - painted)) / (performance.now() - began);
}"""
SLIDE = """async (seconds) => {
    const began = performance.now();
    let frames = 0;
    await new Promise((done) => {
        const tick = () => {
            frames += 1;
            explorer.showTime(Math.floor((explorer.tree.steps * (performance.now() - began)) / (1000 * seconds)));
            if (performance.now() - began < 1000 * seconds) requestAnimationFrame(tick);
            else done();
        };
        requestAnimationFrame(tick);
    });
    return (1000 * frames) / (performance.now() - began);
}"""


async def grow(run: Path, nodes: int) -> None:
    """Records a run of one task whose tree has about so many nodes."""
    stream = search(
        [Task("large", "A shop has 7 boxes of 4 pens. How many pens?", "28")],
        domain="math",
        policy=ScriptedPolicy(texts=LINES),
        value=ScriptedValue(),
        recipe=mcts(leaves=64),
        # Some of the proposals are equal, and become one child.
        budget=Budget(expansions=round(nodes / PROPOSALS * 1.07)),
        run=run,
    )
    async for _ in stream:
        pass


@contextmanager
def viewer(run: Path) -> Iterator[str]:
    """`treewright view` in a process of its own; gives its address."""
    call = [sys.executable, "-u", "-m", "treewright.cli.main", "view", str(run)]
    process = subprocess.Popen(call, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().split(": ", 1)[1].split()[0]
    finally:
        process.terminate()
        process.wait()


@contextmanager
def page() -> Iterator[Any]:
    """A page of a headless Chromium without a GPU."""
    from playwright.sync_api import sync_playwright

    arguments = ["--disable-gpu", "--no-first-run", "--disable-background-networking"]
    arguments += ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(find_chromium()), args=arguments)
        yield browser.new_page(viewport=WINDOW)
        browser.close()


def until(shown: Any, condition: str) -> None:
    """Waits for a condition in the page."""
    while not shown.evaluate(condition):
        shown.wait_for_timeout(5)


def measured(address: str, seconds: float) -> list[Mark]:
    """The marks of one visit to the large tree."""
    with page() as shown:
        began = time.monotonic()
        shown.goto(f"{address}#/task/0")
        until(shown, "window.explorer?.view.frames > 0")
        painted = time.monotonic() - began
        until(shown, "explorer.tree.life !== null")
        lived = time.monotonic() - began
        marks = [
            Mark("first paint of the tree, seconds", 3.0, painted, at_most=True),
            Mark("life of the tree at hand, seconds", 10.0, lived, at_most=True),
        ]
        for zoom in ZOOMS:
            shown.evaluate("explorer.view.fit()")
            shown.wait_for_timeout(100)
            shown.evaluate("(zoom) => explorer.view.zoom(zoom, 400, 350)", zoom)
            shown.wait_for_timeout(100)
            rate = shown.evaluate(PAN, seconds)
            drawn = shown.evaluate("explorer.view.seen")
            marks.append(Mark(f"frames/s panning at {zoom} times the whole tree, {drawn:,} nodes drawn", 30, rate))
        shown.evaluate("explorer.view.fit()")
        marks.append(Mark("frames/s while the slider moves", 10, shown.evaluate(SLIDE, seconds)))
    return marks


def main(arguments: list[str] | None = None) -> None:
    """Runs the benchmark and prints its marks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=NODES)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each motion")
    parser.add_argument("--run", type=Path, help="a run directory: looked at where it exists, made where it does not")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        run = given.run or Path(scratch) / "run"
        if not run.exists():
            asyncio.run(grow(run, given.nodes))
        print(f"{RunReader(run).overview()[0]['nodes']:,} nodes")
        with viewer(run) as address:
            print_marks(measured(address, given.seconds))


if __name__ == "__main__":
    main()

"""MiniWoB++ (Liu et al. 2018): the 130 small tasks of the package `miniwob`, served from its own files."""

from __future__ import annotations

import functools
import http.server
import importlib.util
import json
import re
import threading
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..protocol import DomainError, Task
from .domain import Web
from .errors import NoBrowser
from .site import Element, Sight, Verdict, Visit

# Tasks that are done by clicks, lists and texts that the task quotes, and that show all that they need as text.
STARTERS = (
    "click-test", "click-test-2", "click-button", "click-link", "click-dialog", "click-dialog-2", "click-tab",
    "click-tab-2", "click-option", "click-checkboxes", "click-checkboxes-large", "click-checkboxes-soft",
    "click-widget", "click-collapsible", "click-collapsible-2", "click-color", "click-button-sequence", "choose-list",
    "enter-text", "enter-text-dynamic", "enter-text-2", "enter-password", "focus-text", "focus-text-2", "login-user",
    "login-user-popup", "email-inbox", "navigate-tree", "social-media", "search-engine",
)  # fmt: skip
WINDOW = (332, 300)
ORIGIN = "http://miniwob.test"
_LONG = 100_000_000  # milliseconds: no task runs out of time
_TEXT = re.compile(r"MiniWoB\+\+ (?P<name>[\w.-]+), seed (?P<seed>\d+)")
# What is left of an episode before is put away, and the panel that shows rewards is hidden from the agent.
_BEGIN = """() => {
  core.EPISODE_MAX_TIME = %d;
  if (!core.cover_div) core.startEpisode();
  Math.seedrandom(%s);
  core.startEpisodeReal();
  const panel = document.getElementById('reward-display');
  if (panel) panel.style.display = 'none';
  const said = core.getUtterance();
  return typeof said === 'string' ? said : said.utterance;
}"""
_INSPECT = "() => ({done: WOB_DONE_GLOBAL, reward: WOB_RAW_REWARD_GLOBAL, why: WOB_REWARD_REASON})"


def miniwob_tasks(count: int, seed: int) -> tuple[Task, ...]:
    """The first `count` tasks: each name once, the `STARTERS` first, then all again with the next seed, and so on."""
    names = (*STARTERS, *(name for name in miniwob_names() if name not in STARTERS))
    chosen = [(names[place % len(names)], seed + place // len(names)) for place in range(count)]
    return tuple(miniwob_task(name, number) for name, number in chosen)


def miniwob_task(name: str, seed: int) -> Task:
    """One task by its name and seed; equal seeds make equal pages."""
    return Task(f"{name}-{seed}", f"MiniWoB++ {name}, seed {seed}")


def miniwob_names() -> tuple[str, ...]:
    """The names of the package's tasks, sorted.

    Raises:
        NoBrowser: the package is not installed.
    """
    return tuple(sorted(path.stem for path in (_folder() / "miniwob").glob("*.html")))


class MiniWoBSite:
    """The package's pages, each task a page and a seed."""

    name = "miniwob"
    origins: tuple[str, ...] = ()
    page_from_context = False
    answers = False
    stateless = True
    inspect = _INSPECT

    def __init__(self) -> None:
        handler = functools.partial(_Quiet, directory=str(_folder()))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, name="miniwob", daemon=True).start()
        self._finalizer = weakref.finalize(self, _shut, server)
        self._names = frozenset(miniwob_names())
        self.served: Mapping[str, str] = {ORIGIN: f"http://127.0.0.1:{server.server_address[1]}"}

    def check(self, task: Task) -> None:
        """Raises DomainError where the task's text is none that `miniwob_task` writes."""
        self._read(task)

    def open(self, task: Task) -> Visit:
        """The task's page, and the script that begins an episode with its seed."""
        name, seed = self._read(task)
        return Visit(f"{ORIGIN}/miniwob/{name}.html", script=_BEGIN % (_LONG, json.dumps(str(seed))))

    def close(self, visit: Visit) -> None:
        """Nothing is kept of a visit."""

    def sight(self, task: Task, visit: Visit, inspected: Any) -> Sight:  # noqa: ARG002
        """Whether the episode is over; not how it went."""
        return Sight(done=bool(inspected["done"]))

    def judge(self, task: Task, visit: Visit, inspected: Any, said: str | None) -> Verdict:  # noqa: ARG002
        """The page's own raw reward, not discounted by time: 1 is success; what is below 0 is 0."""
        if not inspected["done"]:
            return Verdict(0.0, "the episode is not over")
        return Verdict(min(1.0, max(0.0, float(inspected["reward"]))), str(inspected["why"] or ""))

    def irreversible(self, action: str, element: Element | None) -> bool:  # noqa: ARG002
        """Nothing is: every visit is its own."""
        return False

    def _read(self, task: Task) -> tuple[str, int]:
        found = _TEXT.fullmatch(task.text.strip())
        if found is None or found["name"] not in self._names:
            raise DomainError(
                f"{task.text[:80]!r} is no MiniWoB++ task; expected such as 'MiniWoB++ click-button, seed 3', "
                "with a name of miniwob_names()"
            )
        return found["name"], int(found["seed"])


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
        """No lines on standard error."""

    def handle(self) -> None:
        """A browser that goes away early is no error."""
        try:
            super().handle()
        except ConnectionError:
            self.close_connection = True


def miniwob(*, oracle_reward: bool = False, **options: Any) -> Web:
    """MiniWoB++ with enumerated actions for a model to rank; `options` as for `Web`."""
    return Web(MiniWoBSite(), oracle_reward=oracle_reward, **{"window": WINDOW, **options})


def miniwob_written(**options: Any) -> Web:
    """MiniWoB++ with actions that the model writes."""
    return miniwob(ranked=False, **options)


def _folder() -> Path:
    found = importlib.util.find_spec("miniwob")
    if found is None or found.origin is None:
        raise NoBrowser("MiniWoB++ needs the package miniwob: pip install 'treewright[web]'.")
    return Path(found.origin).parent / "html"


def _shut(server: http.server.ThreadingHTTPServer) -> None:
    server.shutdown()
    server.server_close()

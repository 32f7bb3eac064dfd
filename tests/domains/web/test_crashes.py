"""Browsers that die, contexts that hang, pages that never come, and a process that is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from web_pages import task

from treewright.domains.web import Limits, PageFailed, Web
from treewright.domains.web.place import PageState

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Make = Callable[..., Web]
HOST = Path(__file__).parents[2] / "browser_host.py"


def after(domain: Web, state: PageState, line: str) -> PageState:
    (action,) = domain.parse(state, line)
    return domain.step(state, action).state


def descendants(parent: int) -> dict[int, str]:
    """The live processes below one, with their names."""
    parents: dict[int, tuple[int, str]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                head, _, rest = (entry / "stat").read_text().rpartition(")")
            except OSError:
                continue
            if rest.split()[0] != "Z":
                parents[int(entry.name)] = (int(rest.split()[1]), head.partition("(")[2])
    found: dict[int, str] = {}
    waiting = [parent]
    while waiting:
        above = waiting.pop()
        below = {pid: name for pid, (its, name) in parents.items() if its == above}
        found |= below
        waiting += below
    return found


def browsers(parent: int) -> list[int]:
    return [pid for pid, name in descendants(parent).items() if name.startswith("chrom")]


def gone(pids: list[int], seconds: float) -> bool:
    """Whether none of the processes is left after some seconds; a zombie is one that nobody took away."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not any(Path(f"/proc/{pid}").exists() for pid in pids):
            return True
        time.sleep(0.1)
    return False


def test_a_killed_browser_is_replaced_and_its_pages_are_had_again(make: Make) -> None:
    domain = make(contexts=2)
    root = domain.reset(task("/"))
    one = after(domain, root, "click('1')")
    domain.see(one)
    killed = browsers(os.getpid())
    assert killed
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    two = after(domain, one, "click('1')")
    assert domain.see(two).page.url == domain.see(root).page.url
    assert domain.counts.lost >= 1
    assert domain.counts.restores["replay"] == 1
    assert gone(killed, 10)


def test_a_killed_driver_is_replaced_with_its_browser(make: Make) -> None:
    domain = make(contexts=1)
    root = domain.reset(task("/"))
    domain.see(root)
    drivers = [pid for pid in descendants(os.getpid()) if b"run-driver" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    assert drivers
    for pid in drivers:
        os.kill(pid, signal.SIGKILL)
    one = after(domain, root, "click('1')")
    assert domain.see(one).page.url.endswith("/next")
    assert gone(drivers, 10)


def test_a_killed_renderer_costs_its_context_alone(make: Make) -> None:
    domain = make(contexts=1)
    root = domain.reset(task("/"))
    domain.see(root)
    for pid in browsers(os.getpid()):
        if "--type=renderer" in Path(f"/proc/{pid}/cmdline").read_text():
            os.kill(pid, signal.SIGKILL)
    one = after(domain, root, "click('1')")
    assert domain.see(one).page.url.endswith("/next")
    assert domain.counts.lost == 1


def test_a_page_that_never_loads_fails_its_node_and_the_pool_goes_on(make: Make) -> None:
    domain = make(contexts=1, limits=Limits(load=1.0, answer=8.0))
    with pytest.raises(PageFailed, match=r"given up after 2 tries: .*/never does not load"):
        domain.see(domain.reset(task("/never")))
    waiting = after(domain, domain.reset(task("/stuck")), "click('1')")
    assert "the page was still loading after 1 s" in domain.observe(waiting).notes
    assert domain.see(domain.reset(task("/"))).page.lines


def test_a_page_that_hangs_fails_its_node_and_the_pool_goes_on(make: Make) -> None:
    domain = make(contexts=1, limits=Limits(load=1.0, answer=3.0))
    hanging = after(domain, domain.reset(task("/hang")), "click('1')")
    with pytest.raises(PageFailed, match="no answer within 3 s"):
        domain.see(hanging)
    assert domain.counts.lost == 2
    assert domain.see(domain.reset(task("/"))).page.lines


def test_nothing_is_left_when_a_domain_is_closed_or_forgotten(make: Make) -> None:
    domain = make(contexts=2)
    domain.see(domain.reset(task("/")))
    running = browsers(os.getpid())
    domain.close()
    assert gone(running, 10)
    domain.see(domain.reset(task("/")))  # the next look starts another
    running = browsers(os.getpid())
    assert running
    domain.close()
    assert gone(running, 10)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, None])
def test_no_browser_outlives_the_process(chromium: None, how: signal.Signals | None) -> None:
    seconds = "0.1" if how is None else "60"
    host = subprocess.Popen(
        [sys.executable, str(HOST), seconds], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert host.stdout is not None
        assert host.stderr is not None
        assert host.stdout.readline() == "open\n"
        running = list(descendants(host.pid))
        if how is not None:
            assert browsers(host.pid)
            host.send_signal(how)
        host.wait(timeout=30)
        assert gone(running, 15)
        assert how is not None or host.stderr.read() == ""
    finally:
        host.kill()
        host.communicate()

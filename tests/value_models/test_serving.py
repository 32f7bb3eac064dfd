"""Starting and stopping a server: without vLLM where the process is what matters, with it where it is not."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from processes import alive, wait_until_gone

from treewright.value_models import Server, guard, serving
from treewright.value_models.errors import SetupFailed

FAKE_VLLM = """
import os, signal, subprocess, sys, time
from http.server import BaseHTTPRequestHandler, HTTPServer

class Health(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()

worker = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
print("pids", os.getpid(), worker.pid, flush=True)
if {stubborn}:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
HTTPServer(("127.0.0.1", {port}), Health).serve_forever()
"""


def pids_in(log):
    lines = [line.split()[1:] for line in log.read_text().splitlines() if line.startswith("pids ")]
    return [int(word) for line in lines for word in line]


@pytest.fixture
def fake(monkeypatch, tmp_path):
    """A Server whose vLLM is a small program with a child of its own."""

    def make(stubborn=False, program=FAKE_VLLM, **options):
        monkeypatch.setattr(serving, "find_build", lambda: "cpu")

        def command(self, build, model, name, port):
            text = program.replace("{port}", str(port)).replace("{stubborn}", str(stubborn))
            return [sys.executable, "-c", text]

        monkeypatch.setattr(Server, "_command", command)
        return Server(tmp_path, log_path=tmp_path / "log", **options)

    return make


def test_start_and_stop_leave_no_process(fake, tmp_path):
    with fake() as server:
        pids = pids_in(tmp_path / "log")
        assert len(pids) == 2
        assert all(alive(pid) for pid in pids)
        assert server.url.startswith("http://127.0.0.1:")
        with pytest.raises(SetupFailed, match="already running"):
            server.start()
    assert wait_until_gone(pids, 2) == []
    server.stop()
    with pytest.raises(SetupFailed, match="not running"):
        server.wait()


def test_a_server_that_ignores_sigterm_is_killed(fake, tmp_path, monkeypatch):
    quick = tmp_path / "quick_guard.py"
    quick.write_text(Path(guard.__file__).read_text().replace("GRACE = 15.0", "GRACE = 0.3"))
    monkeypatch.setattr(guard, "__file__", str(quick))
    with fake(stubborn=True):
        pids = pids_in(tmp_path / "log")
    assert wait_until_gone(pids, 2) == []


@pytest.mark.parametrize("death", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_server_dies_with_its_parent(tmp_path, death):
    log = tmp_path / "log"
    command = [sys.executable, "-c", FAKE_VLLM.replace("{port}", "0").replace("{stubborn}", "False")]
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            textwrap.dedent(f"""
                import subprocess, sys, time
                child = subprocess.Popen([sys.executable, {guard.__file__!r}, *{command!r}], stdin=subprocess.PIPE,
                                         stdout=open({str(log)!r}, "wb"), start_new_session=True)
                time.sleep(300)
            """),
        ],
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 10
    while not (log.exists() and len(pids_in(log)) == 2) and time.monotonic() < deadline:
        time.sleep(0.05)
    pids = pids_in(log)
    assert len(pids) == 2
    os.kill(parent.pid, death)
    parent.wait()
    assert wait_until_gone(pids, 5) == []


def test_a_server_that_fails_shows_its_log(fake):
    server = fake(program="import sys; print('no such model'); sys.exit(3)")
    with pytest.raises(SetupFailed, match=r"exit status 3 while starting.*(?s:.*)no such model"):
        server.start()


def test_a_server_that_is_never_ready(fake, tmp_path):
    server = fake(program="import os, time; print('pids', os.getpid(), flush=True); time.sleep(300)", start_timeout=4.0)
    with pytest.raises(SetupFailed, match=r"not ready within 4 s.*(?s:.*)pids"):
        server.start()
    assert wait_until_gone(pids_in(tmp_path / "log"), 2) == []


def test_a_server_that_ends_by_itself(fake, tmp_path):
    with fake() as server:
        os.kill(pids_in(tmp_path / "log")[0], signal.SIGKILL)
        assert server.wait() == 128 + signal.SIGKILL
        assert wait_until_gone(pids_in(tmp_path / "log"), 2) == []


def test_a_taken_port_is_named(fake):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SetupFailed, match=f"Cannot listen on 127.0.0.1:{port}.*Choose another port"):
            fake(port=port).start()

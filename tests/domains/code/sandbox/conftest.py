"""A sandbox for all tests of this folder, and a host with things to steal."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest
from sandbox_host import CANARY, Host

from treewright.domains.code.sandbox import NoSandbox, Sandbox, open_sandbox


@pytest.fixture(scope="session", params=["process", pytest.param("bubblewrap", marks=pytest.mark.slow)])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """One open sandbox of each strength that stands here."""
    os.environ["TREEWRIGHT_TEST_SECRET"] = CANARY
    try:
        opened = open_sandbox(request.param, workers=1)
    except NoSandbox as error:
        pytest.skip(str(error).splitlines()[0])
    with opened:
        yield opened
    del os.environ["TREEWRIGHT_TEST_SECRET"]


@pytest.fixture(scope="session")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """Servers, a process and a file, all as open to everybody as they can be."""
    directory = tmp_path_factory.mktemp("host")
    for path in (directory, directory.parent, directory.parent.parent):
        path.chmod(0o755)
    file = directory / "planted"
    file.write_text(CANARY)
    tcp, unix, abstract = socket.socket(), socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
    tcp.bind(("127.0.0.1", 0))
    unix.bind(str(directory / "socket"))
    (directory / "socket").chmod(0o777)
    abstract.bind(f"\0treewright-test-{os.getpid()}")
    for listening in (tcp, unix, abstract):
        listening.listen()
        listening.setblocking(False)
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
    with tcp, unix, abstract, child:
        yield Host(file, tcp, unix, abstract, child)
        child.kill()

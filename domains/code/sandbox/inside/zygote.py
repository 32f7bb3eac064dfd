"""PID 1 of a worker's namespaces: forks one process a program, and leaves nothing of it behind.

It has imported what programs commonly import, so a program starts in milliseconds. Each program is PID 1 of a PID
namespace of its own and dies with all of its descendants; it sees neither the zygote nor any other process.
"""

from __future__ import annotations

import array
import gc
import importlib
import json
import os
import select
import signal
import site
import socket
import sys
from typing import Any, NoReturn

from . import collect, examiner, kernel, player, root, walls
from .seccomp import Filter
from .wire import MAX_ORDER, NEWS, Stream

COMMON = (
    "math",
    "re",
    "collections",
    "itertools",
    "functools",
    "heapq",
    "bisect",
    "string",
    "random",
    "typing",
    "copy",
    "operator",
    "traceback",
    "datetime",
    "statistics",
    "decimal",
    "fractions",
    "hashlib",
    "json",
    "queue",
    "unittest",
    "dataclasses",
    "enum",
    "abc",
    "contextlib",
    "io",
    "time",
    "cmath",
    "array",
    "struct",
    "textwrap",
    "threading",
    "types",
    "numbers",
    "warnings",
    "inspect",
    "linecache",
    "calendar",
    "uuid",
    "secrets",
    "pprint",
    "graphlib",
    "asyncio",
    "ast",
)
# The zygote, and the process that made it.
_OTHERS = 2


def serve(config: dict[str, Any]) -> NoReturn:
    """Runs one program after the other until the host closes the control socket."""
    control = socket.socket(fileno=config["control"])
    sys.path[:] = [path for path in sys.path if path != config["home"]]
    if config["packages"]:
        sys.path.append(root.PACKAGES)
    for name in COMMON:
        importlib.import_module(name)
    site.setquit()
    walls.environment(bool(config["packages"]))
    for name in [name for name in sys.modules if name.partition(".")[0] == __package__]:
        del sys.modules[name]  # they stay in use; a program that looks for them finds nothing
    sys.argv[:] = ["program.py"]
    calls, own = Filter(), os.pidfd_open(os.getpid())
    kernel.set_dumpable(True)
    prey = os.open("self/oom_score_adj", os.O_WRONLY, dir_fd=config["proc"])
    kernel.set_dumpable(False)
    os.close(config["proc"])
    gc.collect()
    gc.freeze()
    tell(control.fileno(), {"ready": True})
    while True:
        message, descriptors = _receive(control)
        if not message:
            os._exit(0)
        asked = json.loads(message)
        if "limits" not in asked:
            continue  # an order to end a program that has just ended by itself
        tell(control.fileno(), _one(asked, descriptors, control, calls, own, prey))


def _one(
    asked: dict[str, Any], descriptors: list[int], control: socket.socket, calls: Filter, own: int, prey: int
) -> dict[str, Any]:
    limits = asked["limits"]
    root.fresh_home(limits["disk"])
    kernel.unshare(kernel.NEWPID)
    # A program is born as what the kernel ends first where memory runs out; the zygote is so for that moment only.
    os.write(prey, b"1000")
    pid = os.fork()
    if pid == 0:
        _program(asked, descriptors, calls)
    os.write(prey, b"0")
    kernel.children_in_own_pid_namespace(own)
    for descriptor in descriptors[:2]:
        os.close(descriptor)
    watched = os.pidfd_open(pid)
    try:
        ended, _, _ = select.select([watched, control.fileno()], [], [])
        if watched not in ended:
            if not control.recv(4096):
                os._exit(0)
            os.kill(pid, signal.SIGKILL)
        # The kernel reports PID 1 of a namespace as ended only when all others in it are.
        _, status = os.waitpid(pid, 0)
    finally:
        os.close(watched)
    stream = descriptors[2]
    if asked["collect"]:
        files = collect.gather(root.WORK, asked["collect"], collect.MOST)
        Stream(stream, stream).write(NEWS, collect.pack(files))
    os.close(stream)
    os.chdir("/")
    root.drop_home()
    return {"status": status}


def _program(asked: dict[str, Any], descriptors: list[int], calls: Filter) -> NoReturn:
    try:
        os.setsid()
        stdout, stderr, stream = descriptors
        empty = os.open("/dev/null", os.O_RDONLY)
        for target, source in enumerate((empty, stdout, stderr, stream)):
            os.dup2(source, target, inheritable=target < 3)
        os.closerange(4, 256)
        os.chdir(root.WORK)
        walls.limit(asked["limits"], _OTHERS)
        walls.close(calls, files=True)
        if asked["mode"] == "examine":
            os.dup2(2, 1)
            player.open_standard_streams()
            examiner.main(Stream(3, 3))
        player.main(asked["mode"], Stream(3, 3))
    except BaseException as error:
        os.write(2, f"the program could not go on: {type(error).__name__}: {error}\n".encode())
    finally:
        os._exit(70)


def _receive(control: socket.socket) -> tuple[bytes, list[int]]:
    descriptors = array.array("i")
    message, ancillary, _, _ = control.recvmsg(MAX_ORDER, socket.CMSG_SPACE(8 * descriptors.itemsize))
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            descriptors.frombytes(data[: len(data) - len(data) % descriptors.itemsize])
    return message, list(descriptors)


def tell(control: int, message: dict[str, Any]) -> None:
    """Sends the host a message; where the host is gone there is nobody to tell."""
    try:
        os.write(control, json.dumps(message).encode()[:4096])
    except OSError:
        os._exit(0)

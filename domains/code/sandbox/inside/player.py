"""The process of a program: runs it as a script, or loads it and answers calls into it."""

from __future__ import annotations

import atexit
import base64
import builtins
import io
import linecache
import os
import signal
import sys
import threading
import traceback
import types
from typing import Any, NoReturn

from .peer import Peer
from .values import dumps, loads
from .wire import JOB, NEWS, Closed, Frames, Stream

FILE = "program.py"


def main(mode: str, stream: Stream) -> NoReturn:
    """Reads a job from the stream and plays it; never returns.

    Args:
        mode: "run": as `__main__`, to its end. "serve": as a module, then calls into it until the stream ends.
            "parse": not at all, only whether it could be.
        stream: to the host.
    """
    kind, content = stream.read()
    if kind != JOB:
        raise Closed("the first frame is no job")
    job = loads(content)
    _lay_out(job)
    if mode in ("parse", "serve"):
        open_standard_streams()
        serve(job["source"], stream, only_parse=mode == "parse")
    os.close(3)
    if job["argv"]:
        _execute(job["argv"])
    open_standard_streams()
    _run(job["source"])


def open_standard_streams() -> None:
    """Makes Python's standard streams anew on the descriptors 0, 1 and 2; text that is not UTF-8 passes through."""
    for number, name, mode in ((0, "stdin", "rb"), (1, "stdout", "wb"), (2, "stderr", "wb")):
        raw = open(number, mode, closefd=False)  # noqa: SIM115  it stays open as long as the process
        text = io.TextIOWrapper(raw, encoding="utf-8", errors="surrogateescape", line_buffering=number == 2)
        setattr(sys, name, text)
        setattr(sys, f"__{name}__", text)


def load(source: str, name: str, file: str) -> types.ModuleType:
    """An empty module for a source that tracebacks can quote."""
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    module = types.ModuleType(name)
    module.__dict__.update(__file__=file, __builtins__=builtins)
    sys.modules[name] = module
    return module


def describe(error: BaseException) -> str:
    """A traceback without the sandbox's own lines, the last 2,000 characters of it."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename not in (FILE, "test"):
        trace = trace.tb_next
    lines = traceback.format_exception(type(error), error, trace, limit=-8)
    return "".join(lines)[-2000:].rstrip()


def _lay_out(job: dict[str, Any]) -> None:
    for path, content in job["files"].items():
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        with open(path, "wb") as file:
            file.write(base64.b64decode(content))
    if job["stdin"]:
        with open("../stdin", "w+b", buffering=0) as file:
            file.write(base64.b64decode(job["stdin"]))
            file.seek(0)
            os.dup2(file.fileno(), 0)
        os.unlink("../stdin")


def _execute(argv: list[str]) -> NoReturn:
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        os.execvp(argv[0], argv)
    except OSError as error:
        os.write(2, f"{argv[0]}: {error.strerror}\n".encode())
        os._exit(127)


def _run(source: str) -> NoReturn:
    """What the interpreter does with a script, its ending included, without the time that taking it down costs."""
    module, code = load(source, "__main__", FILE), 0
    try:
        exec(compile(source, FILE, "exec", dont_inherit=True), module.__dict__)
        threading._shutdown()  # type: ignore[attr-defined]
    except SystemExit as error:
        code = _exit_code(error)
    except BaseException as error:
        sys.stderr.write(describe(error) + "\n")
        code = 1
    atexit._run_exitfuncs()
    for file in (sys.stdout, sys.stderr):
        file.flush()
    os._exit(code)


def _exit_code(error: SystemExit) -> int:
    if error.code is None or isinstance(error.code, int):
        return (error.code or 0) & 0xFF
    sys.stderr.write(f"{error.code}\n")
    return 1


def serve(source: str, stream: Frames, *, only_parse: bool) -> NoReturn:
    """Loads a program and tells the host how far it came, then answers calls until the stream ends.

    Args:
        source: the program.
        stream: to the host.
        only_parse: whether to stop before it is loaded.
    """
    module = load(source, "program", FILE)
    try:
        code = compile(source, FILE, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        _news(stream, {"stage": "parse", "message": describe(error)})
        os._exit(1)
    if only_parse:
        _news(stream, {"stage": "ready", "names": {}})
        os._exit(0)
    try:
        exec(code, module.__dict__)
    except BaseException as error:
        _news(stream, {"stage": "load", "message": describe(error)})
        os._exit(1)
    peer = Peer(stream, opens=True)
    names = {name: value for name, value in module.__dict__.items() if not name.startswith("__")}
    _news(stream, {"stage": "ready", "names": peer.describe(names)})
    peer.serve()
    os._exit(0)


def _news(stream: Frames, news: dict[str, Any]) -> None:
    for file in (sys.stdout, sys.stderr):
        file.flush()
    stream.write(NEWS, dumps(news))

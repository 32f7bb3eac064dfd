"""A program as the frame that starts it."""

from __future__ import annotations

import base64
from pathlib import PurePosixPath
from typing import Any

from .inside.values import dumps
from .protocol import BadProgram, Program


def job(program: Program) -> bytes:
    """A program as the frame that starts it.

    Raises:
        BadProgram: neither or both of source and command, or a file that leads outside.
    """
    if bool(program.argv) == bool(program.source):
        raise BadProgram("a program has either source or argv; this one has " + ("both" if program.argv else "neither"))
    if any("\0" in part for part in program.argv):
        raise BadProgram("a word of a command cannot hold a null character")
    for path in program.files:
        pure = PurePosixPath(path)
        if pure.is_absolute() or ".." in pure.parts or not pure.parts or "\0" in path:
            raise BadProgram(
                f"the file {path!r} is not inside the working directory; give a relative path without '..'"
            )
    described: dict[str, Any] = {
        "source": program.source,
        "argv": list(program.argv),
        "stdin": base64.b64encode(program.stdin).decode(),
        "files": {path: base64.b64encode(content).decode() for path, content in program.files.items()},
    }
    return dumps(described)

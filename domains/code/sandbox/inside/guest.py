"""A process in WebAssembly: no descriptors to move, no fork; its frames go through the one call to its host."""

from __future__ import annotations

import base64
import sys
from collections.abc import Callable

from . import examiner, player
from .values import loads
from .wire import JOB, Closed

# What the guest asks of its host, the first byte of each call; a frame's kind and content follow on SEND.
RECEIVE, SEND = b"r", b"s"


class Door:
    """Frames through a function of the host that takes bytes and returns bytes."""

    def __init__(self, call: Callable[[bytes], bytes]) -> None:
        self._call = call

    def read(self) -> tuple[int, bytes]:
        """The next frame's kind and content; see `Frames`."""
        answer = self._call(RECEIVE)
        if not answer:
            raise Closed("the host is gone")
        return answer[0], answer[1:]

    def write(self, kind: int, content: bytes) -> None:
        """Sends one frame; see `Frames`."""
        self._call(SEND + bytes([kind]) + content)


def main(mode: str, call: Callable[[bytes], bytes]) -> None:
    """Plays the modes other than "run", which needs nothing of this.

    Raises:
        Closed: the first frame is no job.
    """
    sys.path[:] = [path for path in sys.path if path.endswith(".zip")]
    door = Door(call)
    if mode == "examine":
        examiner.main(door)
    kind, content = door.read()
    if kind != JOB:
        raise Closed("the first frame is no job")
    job = loads(content)
    for path, encoded in job["files"].items():
        with open(path, "wb") as file:
            file.write(base64.b64decode(encoded))
    player.serve(job["source"], door, only_parse=mode == "parse")

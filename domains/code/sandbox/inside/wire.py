"""Frames on a byte stream: four bytes of length, one of kind, then the content."""

from __future__ import annotations

import os
import struct
from typing import Protocol

HEADER = struct.Struct("!IB")
MAX_FRAME = 32 << 20
MAX_ORDER = 1 << 16  # bytes of one message to a zygote

JOB = ord("j")  # to a process behind the wall: what to do
NEWS = ord("n")  # from there to the host: a program's state, a test's verdict
CALL = ord("c")  # between program and examiner; the host passes it on unread


class Closed(Exception):
    """The other end of a stream is gone, or sent what is no frame."""


class Frames(Protocol):
    """Where frames come from and go to."""

    def read(self) -> tuple[int, bytes]:
        """The next frame's kind and content.

        Raises:
            Closed: there is none.
        """
        ...

    def write(self, kind: int, content: bytes) -> None:
        """Sends one frame.

        Raises:
            Closed: nobody reads.
            ValueError: it is too long.
        """
        ...


class Stream:
    """Blocking frames over two file descriptors, which may be the same one."""

    def __init__(self, reading: int, writing: int) -> None:
        self._reading = reading
        self._writing = writing

    def read(self) -> tuple[int, bytes]:
        """The next frame's kind and content.

        Raises:
            Closed: there is none.
        """
        length, kind = HEADER.unpack(self._take(HEADER.size))
        if length > MAX_FRAME:
            raise Closed(f"a frame of {length} bytes; at most {MAX_FRAME} are allowed")
        return kind, self._take(length)

    def write(self, kind: int, content: bytes) -> None:
        """Sends one frame.

        Raises:
            Closed: nobody reads.
            ValueError: it is too long.
        """
        left = memoryview(frame(kind, content))
        try:
            while left:
                left = left[os.write(self._writing, left) :]
        except BrokenPipeError as error:
            raise Closed("nobody reads") from error

    def _take(self, count: int) -> bytes:
        parts = []
        while count:
            part = os.read(self._reading, min(count, 1 << 20))
            if not part:
                raise Closed("the stream ended")
            parts.append(part)
            count -= len(part)
        return b"".join(parts)


def frame(kind: int, content: bytes) -> bytes:
    """One frame's bytes.

    Raises:
        ValueError: the content is too long.
    """
    if len(content) > MAX_FRAME:
        raise ValueError(f"{len(content)} bytes are too long to pass on; at most {MAX_FRAME} are allowed")
    return HEADER.pack(len(content), kind) + content

"""Why Numba refuses a function: in one sentence, with the line."""

from __future__ import annotations

import dis
import linecache
import re
from collections.abc import Callable
from typing import Any


def complaint(error: Exception, function: Callable[..., Any]) -> str:
    """`line 12: ``return q ** foo``: name 'foo' is not defined`; the file is named where it is not the function's."""
    file, line = _place(error, function)
    text = linecache.getline(file, line).strip()
    where = f"line {line}" if file == function.__code__.co_filename else f"{file}, line {line}"
    return f"{where}: `{text}`: {_reason(error)}" if text else f"{where}: {_reason(error)}"


def _place(error: Exception, function: Callable[..., Any]) -> tuple[str, int]:
    location = getattr(error, "loc", None)
    if location is not None:
        return location.filename, location.line
    raised = re.search(r"Raised from (.+) \((\d+)\)$", str(error))
    if raised:
        return raised[1], int(raised[2])
    # Python itself refused, as for an attribute that a module lacks: the line that names it, else that of the function.
    code = function.__code__
    missing = getattr(error, "name", None)
    lines = [step.positions and step.positions.lineno for step in dis.get_instructions(code) if step.argval == missing]
    return code.co_filename, next((line for line in lines if missing and line), code.co_firstlineno)


def _reason(error: Exception) -> str:
    """The first sentence about the code itself: Numba says before it which step failed, and after it much more."""
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line).strip() for line in str(error).splitlines()]
    said = [line for line in lines if line and not line.startswith("Failed in nopython mode pipeline")]
    call = re.match(r"No implementation of function .* found for signature:", said[0]) and said[1].removeprefix(">>> ")
    if call:
        return f"there is no {call}"
    reason = re.sub(r"(\.* Raised from|, defined at) .*$", "", said[0])
    return re.split(r"(?<=[^.])\. ", reason.removeprefix("NameError: "))[0].rstrip(". ")

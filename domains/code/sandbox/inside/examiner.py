"""The process of the tests: it never holds the program, only stand-ins for it, and it alone decides the verdicts."""

from __future__ import annotations

import ast
import builtins
import linecache
import os
import sys
import traceback
from typing import Any, NoReturn

from .peer import Peer, program_text
from .values import dumps, loads
from .wire import JOB, NEWS, Closed, Frames

FILE = "test"
_SHOWN = 300
_MESSAGE = 2000


def main(stream: Frames) -> NoReturn:
    """Takes the program's names and the setup, then one test after the other, until the stream ends."""
    peer = Peer(stream, opens=False)
    first = _read(stream)
    names: dict[str, Any] = {"__name__": "test", "__builtins__": builtins, "@explain": _explain}
    names.update(peer.adopt(first["names"], frozenset(first["defines"])))
    setup = _judge(first["setup"], names, peer)
    _tell(stream, setup)
    while True:
        code = _read(stream)["code"]
        if setup["status"] == "passed":
            _tell(stream, _judge(code, names, peer))
        else:
            _tell(stream, {"status": "error", "message": f"the setup of the tests: {setup['message']}"})


def _judge(code: str, names: dict[str, Any], peer: Peer) -> dict[str, str]:
    """Runs statements; whatever they catch themselves, with a program that ended meanwhile they have not passed."""
    status, message = "passed", ""
    linecache.cache[FILE] = (len(code), None, code.splitlines(keepends=True), FILE)
    try:
        tree = ast.fix_missing_locations(_Explained(code).visit(ast.parse(code)))
        exec(compile(tree, FILE, "exec", dont_inherit=True), names)
    except BaseException as error:
        failed = isinstance(error, AssertionError) and not program_text(error)
        status, message = "failed" if failed else "error", _message(error)
    if peer.ended:
        status, message = "error", f"the program ended during the test: {peer.ended}"
    for file in (sys.stdout, sys.stderr):
        file.flush()
    return {"status": status, "message": message[-_MESSAGE:]}


def _message(error: BaseException) -> str:
    if program_text(error):
        return f"the program raised {program_text(error)}"
    if isinstance(error, AssertionError) and str(error):
        return str(error)
    text = "".join(traceback.format_exception_only(error)).strip()
    lines = [frame.line for frame in traceback.extract_tb(error.__traceback__) if frame.filename == FILE and frame.line]
    return f"{text}\nat: {lines[-1]}" if lines else text


class _Explained(ast.NodeTransformer):
    """Gives each assertion a message: its own text and, where it compares two values, both of them."""

    def __init__(self, code: str) -> None:
        self._code = code

    def visit_Assert(self, node: ast.Assert) -> ast.Assert:
        said = [node.msg] if node.msg else []
        text = ast.Constant((ast.get_source_segment(self._code, node.test) or "")[:_SHOWN])
        sides: list[ast.expr] = []
        if isinstance(node.test, ast.Compare) and len(node.test.ops) == 1:
            # "@" keeps the names apart from all that a test can write.
            node.test.left = ast.NamedExpr(ast.Name("@left", ast.Store()), node.test.left)
            node.test.comparators = [ast.NamedExpr(ast.Name("@right", ast.Store()), node.test.comparators[0])]
            sides = [ast.Name("@left", ast.Load()), ast.Name("@right", ast.Load())]
        explain = ast.Name("@explain", ast.Load())
        node.msg = ast.Call(explain, [text, ast.Tuple(sides, ast.Load()), *said], [])
        return node


def _explain(text: str, sides: tuple[object, ...], said: object = None) -> str:
    lines = [f"does not hold: {text}"]
    lines += [f"{side}: {_shown(value)}" for side, value in zip(("left side", "right side"), sides, strict=False)]
    if said is not None:
        lines.append(f"message: {_shown(said)}")
    return "\n".join(lines)


def _shown(value: object) -> str:
    try:
        text = repr(value)
    except ValueError:  # an integer of more digits than Python writes
        text = f"<{type(value).__name__}>"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}... ({len(text)} characters)"


def _read(stream: Frames) -> Any:
    """The host's next order. What a program sends between two tests is dropped: nobody asked."""
    while True:
        try:
            kind, content = stream.read()
        except Closed:
            os._exit(0)
        if kind == JOB:
            return loads(content)


def _tell(stream: Frames, news: dict[str, str]) -> None:
    stream.write(NEWS, dumps(news))

"""Calls between the program's process and the examiner's: plain data goes over as a copy, other objects as stand-ins.

The program's end is open: the examiner may read attributes, call and iterate. The examiner's end is closed: all that a
program can do with an object it was lent is to call it and to iterate.
"""

from __future__ import annotations

import builtins
import importlib
import sys
import traceback
import types
from collections.abc import Callable, Iterable
from typing import Any

from . import standin
from .values import NotPlain, decode, dumps, encode, loads
from .wire import CALL, Closed, Frames

_TEXT = "_program_text"
_LENT = frozenset({"call", "iter", "next", "len", "getitem"})


class ProgramEnded(BaseException):
    """The program's process is gone; a bare `except:` of a test does not hide it, see `Peer.ended`."""


class RemoteError(Exception):
    """An exception of the program whose class this process does not have."""


def program_text(error: BaseException) -> str:
    """What the program said of an exception that came from it; empty for one of this process's own."""
    return getattr(error, _TEXT, "")


class Peer:
    """One end of the calls.

    Args:
        stream: to the other end.
        opens: whether the other end may do everything with this one's objects.

    Attributes:
        ended: why the other end can answer no more; empty while it can.
    """

    def __init__(self, stream: Frames, *, opens: bool) -> None:
        self.ended = ""
        self._stream = stream
        self._opens = opens
        self._lent: list[object] = []
        self._numbers: dict[int, int] = {}
        self._errors: dict[str, type[Exception]] = {}

    def describe(self, names: dict[str, object]) -> dict[str, Any]:
        """Global names for the other end: values, stand-ins, modules and classes of exceptions."""
        found: dict[str, Any] = {}
        for name, value in names.items():
            if isinstance(value, types.ModuleType):
                found[name] = {"module": value.__name__}
            elif isinstance(value, type) and issubclass(value, Exception):
                found[name] = {"error": [value.__name__, _builtin_base(value).__name__]}
            else:
                try:
                    found[name] = {"value": encode(value, self._refer)}
                except NotPlain:
                    found[name] = {"value": {"ref": self._refer(value)}}
        return found

    def adopt(self, described: dict[str, Any], defines: frozenset[str]) -> dict[str, object]:
        """The names that the other end described, as this process may use them.

        A name that Python itself has, a built-in's or a standard module's, keeps its own meaning here unless it is in
        `defines`: a program must not replace `abs` or `math` in its tests.
        """
        found: dict[str, object] = {}
        for name, about in described.items():
            ((kind, content),) = about.items()
            if name in sys.stdlib_module_names and name not in defines:
                found[name] = importlib.import_module(name)
            elif hasattr(builtins, name) and name not in defines:
                continue
            elif kind == "value":
                found[name] = decode(content, self._resolve)
            elif kind == "error":
                found[name] = self._error_class(*content)
            elif content.partition(".")[0] in sys.stdlib_module_names:
                found[name] = importlib.import_module(content)
        return found

    def ask(self, operation: str, number: int, *args: object, **named: object) -> Any:
        """Has the other end do something with its object `number` and returns what came of it.

        Raises:
            ProgramEnded: the other end is gone, or sent what is no answer.
            RemoteError: it raised what this process has no class for; a built-in exception is raised as itself.
        """
        if self.ended:
            raise ProgramEnded(self.ended)
        given = [encode(part, self._refer) for part in args], {k: encode(v, self._refer) for k, v in named.items()}
        try:
            self._stream.write(CALL, dumps([operation, number, *given]))
            error, result = self._take(self._answer(), args, named)
        except (Closed, LookupError, TypeError, ValueError, RecursionError) as broken:
            raise self._lost(broken) from None
        if isinstance(error, StopIteration) and operation != "next":
            # Raised by a call, it would end the test's own loop around that call as if all had been seen.
            raise RuntimeError("the program raised StopIteration") from error
        if error is not None:
            raise error
        return result

    def serve(self) -> None:
        """Answers calls until the stream ends."""
        while True:
            try:
                kind, content = self._stream.read()
            except Closed:
                return
            if kind == CALL:
                self._serve_one(loads(content))

    def _answer(self) -> list[Any]:
        """Waits for the answer; meanwhile the other end may call what it was lent."""
        while True:
            kind, content = self._stream.read()
            if kind != CALL:
                raise Closed("no call")
            found: list[Any] = loads(content)
            if found[0] in ("returned", "raised"):
                return found
            self._serve_one(found)

    def _take(
        self, answer: list[Any], args: tuple[Any, ...], named: dict[str, Any]
    ) -> tuple[BaseException | None, object]:
        """An answer's exception or result; lists, dicts and sets that were passed take over what was done to them."""
        if answer[0] == "raised":
            return self._error(*answer[1:]), None
        for place, content in answer[2]:
            _update(args[place] if isinstance(place, int) else named[place], decode(content, self._resolve))
        return None, decode(answer[1], self._resolve)

    def _serve_one(self, asked: list[Any]) -> None:
        operation, number, encoded, encoded_named = asked
        try:
            if not self._opens and operation not in _LENT:
                raise PermissionError(f"the program may not {operation} what a test lent it")
            subject = self._lent[number] if number >= 0 else None
            args = [decode(part, self._resolve) for part in encoded]
            named = {name: decode(part, self._resolve) for name, part in encoded_named.items()}
            mutable = {place: value for place, value in _places(args, named) if type(value) in _UPDATED}
            before = {place: dumps(encode(value, self._refer)) for place, value in mutable.items()}
            result = standin.OPERATIONS[operation](subject, *args, **named)
            after = {place: encode(value, self._refer) for place, value in mutable.items()}
            changed = [[place, content] for place, content in after.items() if dumps(content) != before[place]]
            answer = ["returned", encode(result, self._refer), changed]
        except BaseException as error:
            if isinstance(error, ProgramEnded):
                raise
            answer = ["raised", *self._explain(error)]
        for file in (sys.stdout, sys.stderr):
            file.flush()
        self._stream.write(CALL, dumps(answer))

    def _explain(self, error: BaseException) -> list[Any]:
        try:
            args = encode(list(error.args), lambda value: [-1, "object", type(value).__name__])
        except NotPlain:
            args = []
        text = "".join(traceback.format_exception_only(error)).strip()[-1000:]
        return [type(error).__name__, _builtin_base(type(error)).__name__, args, text]

    def _error(self, name: str, base: str, args: Any, text: str) -> BaseException:
        known = getattr(builtins, base, None)
        if not (isinstance(known, type) and issubclass(known, Exception)):
            return self._lost(f"it raised {text}")
        found = known if name == base else self._error_class(name, base)
        try:
            error = found(*(decode(part, lambda content: f"<{content[2]}>") for part in args))
        except (TypeError, ValueError):
            error = RemoteError(text)
        setattr(error, _TEXT, text or name)
        return error

    def _error_class(self, name: str, base: str) -> type[Exception]:
        if name not in self._errors:
            known = getattr(builtins, base, Exception)
            plain = isinstance(known, type) and issubclass(known, Exception) and not issubclass(known, UnicodeError)
            self._errors[name] = type(str(name), (known if plain else Exception,), {})
        return self._errors[name]

    def _lost(self, why: object) -> ProgramEnded:
        self.ended = self.ended or str(why) or type(why).__name__
        return ProgramEnded(self.ended)

    def _refer(self, value: object) -> Any:
        if isinstance(value, standin.StandIn) and standin.peer_of(value) is self:
            return ["yours", standin.number_of(value)]
        number = self._numbers.get(id(value))
        if number is None:
            number = self._numbers[id(value)] = len(self._lent)
            self._lent.append(value)
        return ["mine", number, type(value).__name__]

    def _resolve(self, content: Any) -> object:
        if content[0] == "yours":
            return self._lent[content[1]]
        return standin.StandIn(self, int(content[1]), str(content[2]))


_UPDATED: dict[type, Callable[[Any, Any], None]] = {
    list: lambda old, new: old.__setitem__(slice(None), new),
    bytearray: lambda old, new: old.__setitem__(slice(None), new),
    dict: lambda old, new: (old.clear(), old.update(new))[0],
    set: lambda old, new: (old.clear(), old.update(new))[0],
}


def _update(old: Any, new: Any) -> None:
    if type(old) is not type(new):
        raise TypeError("an argument cannot change its type")
    _UPDATED[type(old)](old, new)


def _places(args: list[Any], named: dict[str, Any]) -> Iterable[tuple[int | str, Any]]:
    yield from enumerate(args)
    yield from named.items()


def _builtin_base(kind: type[BaseException]) -> type[BaseException]:
    return next(base for base in kind.__mro__ if base.__module__ == "builtins" and issubclass(base, BaseException))

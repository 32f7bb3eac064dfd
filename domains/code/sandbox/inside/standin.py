"""An object of the other process, here: what is done with it is done there. It cannot be compared."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any, NoReturn, Protocol


class Asker(Protocol):
    """Who passes an operation on; `inside.peer.Peer`."""

    def ask(self, operation: str, number: int, *args: object, **named: object) -> Any:
        """Has the other process do something with its object `number`."""
        ...


class StandIn:
    """An object of the other process.

    Attributes, calls, items, iteration, `len`, `str` and arithmetic are done there. `==`, order and truth raise
    TypeError, as does arithmetic whose result is plain data: the answer would be the other process's own, and an object
    that equals everything, or differs by zero from it, would pass any test.
    """

    __slots__ = ("_standin_name", "_standin_number", "_standin_peer")

    def __init__(self, peer: Asker, number: int, name: str) -> None:
        object.__setattr__(self, "_standin_peer", peer)
        object.__setattr__(self, "_standin_number", number)
        object.__setattr__(self, "_standin_name", name)

    def __call__(self, *args: object, **named: object) -> Any:
        return _ask(self, "call", *args, **named)

    def __getattr__(self, name: str) -> Any:
        return _ask(self, "getattr", name)

    def __setattr__(self, name: str, value: object) -> None:
        _ask(self, "setattr", name, value)

    def __iter__(self) -> Iterator[Any]:
        return iter(_Items(_ask(self, "iter")))

    def __next__(self) -> Any:
        return _ask(self, "next")

    def __len__(self) -> int:
        return int(_ask(self, "len"))

    def __getitem__(self, key: object) -> Any:
        return _ask(self, "getitem", key)

    def __setitem__(self, key: object, value: object) -> None:
        _ask(self, "setitem", key, value)

    def __delitem__(self, key: object) -> None:
        _ask(self, "delitem", key)

    def __contains__(self, item: object) -> bool:
        return any(item == found for found in self)

    def __str__(self) -> str:
        return str(_ask(self, "str"))

    def __repr__(self) -> str:
        return f"<{object.__getattribute__(self, '_standin_name')} of the program>"

    def __bool__(self) -> bool:
        _refuse(self, "truth")

    def __eq__(self, other: object) -> bool:
        _refuse(self, "==")

    def __ne__(self, other: object) -> bool:
        _refuse(self, "!=")

    def __lt__(self, other: object) -> bool:
        _refuse(self, "<")

    def __le__(self, other: object) -> bool:
        _refuse(self, "<=")

    def __gt__(self, other: object) -> bool:
        _refuse(self, ">")

    def __ge__(self, other: object) -> bool:
        _refuse(self, ">=")

    __hash__ = object.__hash__


class _Items:
    """Iterates over a stand-in of an iterator, or over what came over as plain data."""

    def __init__(self, iterator: Any) -> None:
        self._iterator = iterator

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        return next(self._iterator)


def _arithmetic(name: str, *, reflected: bool) -> Callable[[StandIn, object], Any]:
    def method(self: StandIn, other: object) -> Any:
        result = _ask(self, "reflected" if reflected else "arithmetic", name, other)
        if not isinstance(result, StandIn):  # zero, say, as the difference to whatever was expected
            _refuse(self, f"plain data that came of {name.strip('_')!r}")
        return result

    return method


ARITHMETIC = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and_", "or_", "xor")
for _name in ARITHMETIC:
    setattr(StandIn, f"__{_name.strip('_')}__", _arithmetic(_name, reflected=False))
    setattr(StandIn, f"__r{_name.strip('_')}__", _arithmetic(_name, reflected=True))


def _ask(self: StandIn, operation: str, *args: object, **named: object) -> Any:
    return peer_of(self).ask(operation, number_of(self), *args, **named)


def _refuse(self: StandIn, what: str) -> NoReturn:
    raise TypeError(
        f"{what} of {self!r} cannot be tested: only plain data (numbers, text, lists, dicts, ...) can be compared; "
        "compare an attribute, str() or a plain form of it"
    )


def peer_of(standin: StandIn) -> Asker:
    """The end that a stand-in came from."""
    found: Asker = object.__getattribute__(standin, "_standin_peer")
    return found


def number_of(standin: StandIn) -> int:
    """The number of the object that it stands for."""
    found: int = object.__getattribute__(standin, "_standin_number")
    return found


def _arithmetic_of(subject: Any, name: str, other: Any) -> Any:
    return getattr(operator, name)(subject, other)


def _reflected(subject: Any, name: str, other: Any) -> Any:
    return getattr(operator, name)(other, subject)


# What an end does with an object of its own when the other end asks.
OPERATIONS: dict[str, Callable[..., Any]] = {
    "call": lambda subject, *args, **named: subject(*args, **named),
    "getattr": getattr,
    "setattr": setattr,
    "iter": iter,
    "next": next,
    "len": len,
    "getitem": operator.getitem,
    "setitem": operator.setitem,
    "delitem": operator.delitem,
    "str": str,
    "arithmetic": _arithmetic_of,
    "reflected": _reflected,
}

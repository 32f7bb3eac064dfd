"""Plain data as JSON and back. Only built-in types come out of it, whatever bytes go in."""

from __future__ import annotations

import builtins
import datetime
import json
from collections import deque
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

_DEPTH = 400
_EXACT_INTEGERS = 1 << 53


class NotPlain(ValueError):
    """A value nested too deeply to pass on, or bytes that encode no value."""


def encode(value: object, refer: Callable[[object], Any], depth: int = 0) -> Any:
    """A value in terms of JSON; an instance of a subclass of a plain type is taken as its plain base.

    Args:
        value: any object.
        refer: makes the content of a `ref` of an object that is no plain data.
        depth: levels above it.

    Raises:
        NotPlain: more than 400 levels.
    """
    if value is None or value is True or value is False or type(value) is str:
        return value
    if depth > _DEPTH:
        raise NotPlain(f"a value of more than {_DEPTH} levels")
    for kind, parts in _PARTS.items():
        if isinstance(value, kind):
            found = parts(value)
            if kind in _NESTED:
                found = [encode(part, refer, depth + 1) for part in found]
            bare = isinstance(found, int) or kind in (float, str, list)
            return found if bare else {kind.__name__: found}
    if type(value) is type and value in _BUILTIN_TYPES:
        return {"type": _BUILTIN_TYPES[value]}
    return {"ref": refer(value)}


def decode(found: Any, resolve: Callable[[Any], object]) -> object:
    """The value that `encode` was given.

    Args:
        found: in terms of JSON.
        resolve: makes an object of a `ref`'s content.

    Raises:
        NotPlain: it encodes no value.
    """
    if isinstance(found, list):
        return [decode(part, resolve) for part in found]
    if not isinstance(found, dict):
        return found
    if len(found) != 1:
        raise NotPlain("an object with other than one tag")
    ((tag, parts),) = found.items()
    if tag == "ref":
        return resolve(parts)
    if tag not in _WHOLE:
        raise NotPlain(f"no type {tag!r}")
    if tag in _NESTED_NAMES:
        if not isinstance(parts, list):
            raise NotPlain(f"no {tag}: its parts are no list")
        parts = [decode(part, resolve) for part in parts]
    try:
        return _WHOLE[tag](parts)
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise NotPlain(f"no {tag}: {error}") from error


def dumps(found: Any) -> bytes:
    """JSON as bytes; lone surrogates are escaped."""
    return json.dumps(found, separators=(",", ":")).encode()


def loads(content: bytes) -> Any:
    """JSON from bytes that nobody trusts.

    Raises:
        NotPlain: it is none.
    """
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise NotPlain(f"no JSON: {error}") from error


def _int_parts(value: int) -> Any:
    whole = int.__index__(value)
    return whole if -_EXACT_INTEGERS < whole < _EXACT_INTEGERS else hex(whole)


def _dict_items(value: dict[Any, Any]) -> list[Any]:
    return [list(item) for item in dict.items(value)]


_BUILTIN_TYPES = {found: name for name, found in vars(builtins).items() if type(found) is type}
_TYPES_BY_NAME = {name: found for found, name in _BUILTIN_TYPES.items()}

# How each plain type comes apart; a subclass comes before its base, and all of them after None, bool and str.
_PARTS: dict[type, Callable[[Any], Any]] = {
    int: _int_parts,
    float: lambda value: float.__float__(value),
    str: lambda value: str.__str__(value),
    list: lambda value: list(list.__iter__(value)),
    tuple: lambda value: list(tuple.__iter__(value)),
    dict: _dict_items,
    set: lambda value: list(set.__iter__(value)),
    frozenset: lambda value: list(frozenset.__iter__(value)),
    bytes: lambda value: bytes.hex(value),
    bytearray: lambda value: bytearray.hex(value),
    complex: lambda value: [value.real, value.imag],
    range: lambda value: [hex(value.start), hex(value.stop), hex(value.step)],
    deque: lambda value: list(deque.__iter__(value)),
    Decimal: lambda value: Decimal.__str__(value),
    Fraction: lambda value: [hex(value.numerator), hex(value.denominator)],
    datetime.datetime: lambda value: value.isoformat(),
    datetime.date: lambda value: value.isoformat(),
    datetime.time: lambda value: value.isoformat(),
    datetime.timedelta: lambda value: [value.days, value.seconds, value.microseconds],
}
_NESTED = (list, tuple, dict, set, frozenset, deque)
_NESTED_NAMES = {kind.__name__ for kind in _NESTED}


# How each is put together again.
_WHOLE: dict[str, Callable[[Any], Any]] = {
    "int": lambda parts: int(parts, 16),
    "list": list,
    "tuple": tuple,
    "dict": dict,
    "set": set,
    "frozenset": frozenset,
    "bytes": bytes.fromhex,
    "bytearray": bytearray.fromhex,
    "complex": lambda parts: complex(*parts),
    "range": lambda parts: range(*(int(part, 16) for part in parts)),
    "deque": deque,
    "Decimal": Decimal,
    "Fraction": lambda parts: Fraction(*(int(part, 16) for part in parts)),
    "datetime": datetime.datetime.fromisoformat,
    "date": datetime.date.fromisoformat,
    "time": datetime.time.fromisoformat,
    "timedelta": lambda parts: datetime.timedelta(*parts),
    "type": _TYPES_BY_NAME.__getitem__,
}

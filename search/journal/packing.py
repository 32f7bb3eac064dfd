"""Plain data as a shape and its leaves, so that what all requests of a kind have in common is stored once.

`{"n": 4, "prompt": {"user": "Use 4, 7, ...", "system": ""}}` has the shape
`{"n":"v","prompt":{"system":"v","user":"t"}}` and the leaves `[4,"",17]`: the shape and long texts are rows of the
text table, and floats that are long, or no JSON, are eight bytes each.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Sequence
from functools import lru_cache
from math import isfinite
from typing import Any, Protocol

import msgspec

from .event import dumps

SHORT_TEXT = 8  # characters; a shorter text is written in place
SHORT_FLOAT = 8  # digits; longer floats are written as eight bytes

VALUE, TEXT, TEXTS, FLOAT, FLOATS, SAME = "v", "t", "l", "d", "f", "r"
COLUMNS = "T"  # a list of alike objects, one list a field


class Writer(Protocol):
    """Where texts go."""

    def text(self, text: str) -> int:
        """The row of a text."""
        ...

    def list(self, texts: Sequence[str]) -> int:
        """The row of a list of texts."""
        ...


class Reader(Protocol):
    """Where texts come from."""

    def text(self, row: int) -> str:
        """The text of a row."""
        ...

    def list(self, row: int) -> list[str]:
        """The texts of a list's row."""
        ...


class Mover(Protocol):
    """Where texts of one run's table go to in another's."""

    def text(self, row: int) -> int:
        """The row there of a text here."""
        ...

    def list(self, row: int) -> int:
        """The row there of a list of texts here."""
        ...

    def content(self, row: int) -> str:
        """The text of a row here."""
        ...


# ASCII, so that half of a surrogate pair in a model's text can be stored; twenty times slower than msgspec's.
_encode = json.JSONEncoder(separators=(",", ":")).encode
_encode_finite = msgspec.json.Encoder().encode

Packed = tuple[int, str, bytes | None]


def pack(data: Any, texts: Writer) -> Packed:
    """The row of the shape, the leaves as JSON, and the long floats."""
    packer = _Packer(texts)
    shape = packer.shape(data)
    leaves, numbers = packer.leaves, packer.numbers
    try:
        encoded = _encode_finite(leaves).decode()
    except UnicodeEncodeError:
        encoded = _encode(leaves)
    return texts.text(shape), encoded, array("d", numbers).tobytes() if numbers else None


def unpack(packed: Packed, texts: Reader) -> Any:
    """The data that was packed; tuples come back as lists."""
    shape, leaves, numbers = packed
    floats = array("d", numbers or b"")
    return _Unpacker(json.loads(leaves), floats, texts).data(json.loads(texts.text(shape)))


def moved(packed: Packed, texts: Mover) -> Packed:
    """The same data with the texts that it names in another run's table."""
    shape, leaves, numbers = packed
    kinds = _leaf_kinds(texts.content(shape))
    if TEXT in kinds or TEXTS in kinds:
        found = json.loads(leaves)
        for at, kind in enumerate(kinds):
            if kind == TEXT:
                found[at] = texts.text(found[at])
            elif kind == TEXTS:
                found[at] = texts.list(found[at])
        leaves = _encode(found)
    return texts.text(shape), leaves, numbers


class _Packer:
    """Writes the shape as JSON while it collects the leaves."""

    __slots__ = ("_texts", "leaves", "numbers")

    def __init__(self, texts: Writer) -> None:
        self._texts = texts
        self.leaves: list[Any] = []
        self.numbers: list[float] = []

    def shape(self, data: Any) -> str:
        kind = type(data)
        if kind is str:
            if len(data) < SHORT_TEXT:
                return self._leaf(VALUE, data)
            return self._leaf(TEXT, self._texts.text(data))
        if kind is dict:
            return self._object(data)
        if kind is list or kind is tuple:
            return self._list(data)
        if kind is float and (len(repr(data)) > SHORT_FLOAT or not isfinite(data)):
            self.numbers.append(data)
            return _FLOAT
        if kind in _NUMBERS:
            return self._leaf(VALUE, data)
        return self.shape(json.loads(_encode(data)))  # a subclass of what JSON has; anything else raises TypeError

    def _object(self, fields: dict[str, Any]) -> str:
        return "{" + ",".join([quoted + self.shape(fields[name]) for name, quoted in _in_order(tuple(fields))]) + "}"

    def _list(self, items: list[Any] | tuple[Any, ...]) -> str:
        kinds = set(map(type, items))
        if len(kinds) == 1:
            (kind,) = kinds
            if len(items) > 2 and kind in _SCALARS and _all_alike(items, kind):
                self.leaves.append(len(items))
                return f'["{SAME}",{self.shape(items[0])}]'
            if kind is str:
                return self._leaf(TEXTS, self._texts.list(items))
            if kind is float:
                self.numbers += items
                return self._leaf(FLOATS, len(items))
            if kind is dict and items[0] and all(item.keys() == items[0].keys() for item in items):
                columns = {name: [item[name] for item in items] for name in items[0]}
                return f'["{COLUMNS}",{self._object(columns)}]'
        if kinds <= _NUMBERS and all(type(item) is not float or isfinite(item) for item in items):
            return self._leaf(VALUE, list(items))
        return "[" + ",".join(map(self.shape, items)) + "]"

    def _leaf(self, code: str, leaf: Any) -> str:
        self.leaves.append(leaf)
        return _CODES[code]


_CODES = {code: dumps(code) for code in (VALUE, TEXT, TEXTS, FLOATS)}
_FLOAT = dumps(FLOAT)
_NUMBERS = frozenset({type(None), bool, int, float})
_SCALARS = _NUMBERS | {str}


@lru_cache(1024)
def _in_order(names: tuple[str, ...]) -> list[tuple[str, str]]:
    """The names of an object's fields, sorted, each as it is and as JSON with its colon."""
    return [(name, f"{dumps(name)}:") for name in sorted(names)]


def _all_alike(items: Sequence[Any], kind: type) -> bool:
    """Whether all items, of one kind, are written alike: 0.0 is not -0.0, though they are equal."""
    if kind is float:
        return len(set(map(repr, items))) == 1
    return bool(items.count(items[0]) == len(items))


@lru_cache(1024)
def _leaf_kinds(shape: str) -> tuple[str, ...]:
    """What each leaf of a shape is, in the order of the leaves."""
    kinds: list[str] = []

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            for inner in part.values():
                walk(inner)
        elif isinstance(part, list):
            if part and part[0] == SAME:
                kinds.append(VALUE)
            for inner in part[1:] if part and part[0] in (SAME, COLUMNS) else part:
                walk(inner)
        elif part != FLOAT:
            kinds.append(part)

    walk(json.loads(shape))
    return tuple(kinds)


class _Unpacker:
    def __init__(self, leaves: list[Any], numbers: array[float], texts: Reader) -> None:
        self._leaves = iter(leaves)
        self._numbers = iter(numbers)
        self._texts = texts

    def data(self, shape: Any) -> Any:
        if isinstance(shape, dict):
            return {name: self.data(inner) for name, inner in shape.items()}
        if isinstance(shape, list):
            return self._list(shape)
        if shape == FLOAT:
            return next(self._numbers)
        leaf = next(self._leaves)
        if shape == TEXT:
            return self._texts.text(leaf)
        if shape == TEXTS:
            return self._texts.list(leaf)
        if shape == FLOATS:
            return [next(self._numbers) for _ in range(leaf)]
        return leaf

    def _list(self, shape: list[Any]) -> list[Any]:
        if shape and shape[0] == SAME:
            count = next(self._leaves)
            return [self.data(shape[1])] * count
        if shape and shape[0] == COLUMNS:
            columns = {name: self.data(inner) for name, inner in shape[1].items()}
            return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        return [self.data(inner) for inner in shape]

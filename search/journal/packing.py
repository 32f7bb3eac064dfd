"""Plain data as a shape and its leaves, so that what all requests of a kind have in common is stored once.

`{"n": 4, "prompt": {"user": "Use 4, 7, ...", "system": ""}}` has the shape
`{"n":"v","prompt":{"system":"v","user":"t"}}` and the leaves `[4,"",17]`: the shape and long texts are rows of the
text table, and long floats are eight bytes each.
"""

from __future__ import annotations

import json
from array import array
from dataclasses import dataclass, field
from typing import Any, Protocol

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

    def list(self, texts: list[str]) -> int:
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


# ASCII, so that half of a surrogate pair in a model's text can be stored.
_encode = json.JSONEncoder(separators=(",", ":")).encode

Packed = tuple[int, str, bytes | None]


def pack(data: Any, texts: Writer) -> Packed:
    """The row of the shape, the leaves as JSON, and the long floats."""
    packer = _Packer(texts)
    shape = packer.shape(data)
    leaves, numbers = packer.leaves, packer.numbers
    return texts.text(dumps(shape)), _encode(leaves), numbers.tobytes() if numbers else None


def unpack(packed: Packed, texts: Reader) -> Any:
    """The data that was packed; tuples come back as lists."""
    shape, leaves, numbers = packed
    floats = array("d", numbers or b"")
    return _Unpacker(json.loads(leaves), floats, texts).data(json.loads(texts.text(shape)))


@dataclass(slots=True)
class _Packer:
    texts: Writer
    leaves: list[Any] = field(default_factory=list)
    numbers: array[float] = field(default_factory=lambda: array("d"))

    def shape(self, data: Any) -> Any:
        if isinstance(data, dict):
            return {name: self.shape(data[name]) for name in sorted(data)}
        if isinstance(data, list | tuple):
            return self._list(data)
        if isinstance(data, str) and len(data) >= SHORT_TEXT:
            return self._leaf(TEXT, self.texts.text(data))
        if isinstance(data, float) and len(repr(data)) > SHORT_FLOAT:
            self.numbers.append(data)
            return FLOAT
        return self._leaf(VALUE, data)

    def _list(self, items: list[Any] | tuple[Any, ...]) -> Any:
        if len(items) > 2 and all(map(_scalar, items)) and len(set(map(repr, items))) == 1:
            self.leaves.append(len(items))
            return [SAME, self.shape(items[0])]
        if items and all(isinstance(item, str) for item in items):
            return self._leaf(TEXTS, self.texts.list(list(items)))
        if items and all(isinstance(item, float) for item in items):
            self.numbers.extend(items)
            return self._leaf(FLOATS, len(items))
        if all(_scalar(item) and not isinstance(item, str) for item in items):
            return self._leaf(VALUE, list(items))
        first = items[0]
        if (
            first
            and isinstance(first, dict)
            and all(isinstance(item, dict) and item.keys() == first.keys() for item in items)
        ):
            return [COLUMNS, {name: self.shape([item[name] for item in items]) for name in sorted(first)}]
        return [self.shape(item) for item in items]

    def _leaf(self, code: str, leaf: Any) -> str:
        self.leaves.append(leaf)
        return code


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


def _scalar(data: Any) -> bool:
    return data is None or isinstance(data, str | int | float)

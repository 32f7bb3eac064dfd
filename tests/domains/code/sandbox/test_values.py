"""Plain data across the wall: there and back, and nothing but built-in types whatever the bytes are."""

from __future__ import annotations

import datetime
from collections import Counter, OrderedDict, deque, namedtuple
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treewright.domains.code.sandbox.inside.values import NotPlain, decode, dumps, encode, loads

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.integers(-(10**400), 10**400) | st.floats(allow_nan=False)
    | st.text() | st.text(st.characters()) | st.binary() | st.complex_numbers(allow_nan=False)
    | st.decimals(allow_nan=False) | st.fractions() | st.dates() | st.datetimes() | st.times() | st.timedeltas()
)  # fmt: skip
HASHABLE = st.recursive(SCALARS, lambda part: st.tuples(part, part) | st.frozensets(part, max_size=3), max_leaves=6)
VALUES = st.recursive(
    HASHABLE,
    lambda part: (
        st.lists(part, max_size=4)
        | st.dictionaries(HASHABLE, part, max_size=3)
        | st.sets(HASHABLE, max_size=3)
        | st.builds(deque, st.lists(part, max_size=3))
    ),
    max_leaves=12,
)


def crossed(value: object) -> Any:
    return decode(loads(dumps(encode(value, lambda found: type(found).__name__))), lambda content: f"<{content}>")


@given(VALUES)
def test_plain_data_comes_back_equal_and_of_the_same_type(value: object) -> None:
    assert crossed(value) == value
    assert type(crossed(value)) is type(value)


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Counter("aab"), {"a": 2, "b": 1}),
        (OrderedDict(a=1), {"a": 1}),
        (namedtuple("P", "x y")(1, 2), (1, 2)),
        (range(10**30), range(10**30)),
        (bytearray(b"ab"), bytearray(b"ab")),
        (Decimal("1.50"), Decimal("1.50")),
        (Fraction(-1, 3), Fraction(-1, 3)),
        (datetime.timedelta(days=-1, microseconds=5), datetime.timedelta(days=-1, microseconds=5)),
        ([int, ValueError], [int, ValueError]),
        ([object()], ["<object>"]),
        ({"ref": 1}, {"ref": 1}),
    ],
)
def test_a_subclass_arrives_as_its_plain_base(value: object, plain: object) -> None:
    assert crossed(value) == plain
    assert type(crossed(value)) is type(plain)
    assert repr(crossed(value)) == repr(plain)


def test_a_subclass_has_no_say_in_how_it_is_encoded() -> None:
    class Evil(int):
        def __index__(self) -> int:
            return 4

        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = int.__hash__

    class Lying(list[int]):
        def __iter__(self) -> Any:
            return iter([4])

    assert crossed(Evil(3)) == 3
    assert crossed(Lying([3])) == [3]


def test_deep_values_are_refused() -> None:
    deep: list[Any] = []
    deep.append(deep)
    with pytest.raises(NotPlain, match="more than 400 levels"):
        encode(deep, repr)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff", b'{"a": 1, "b": 2}', b'{"os": "system"}', b'{"int": 5}', b'{"tuple": 5}', b'{"set": [[1]]}',
     b'{"complex": ["a", "b"]}', b'{"Fraction": ["1", "0"]}', b'{"Decimal": "x"}', b'{"datetime": "now"}',
     b'{"bytes": "0g"}', b'{"dict": [[1]]}', b'{"range": ["0", "1", "0"]}',
     b'{"type": "eval"}', b'{"type": "Popen"}', b'{"type": []}', b"[" * 100_000],
)  # fmt: skip
def test_bytes_that_encode_no_value_are_refused(content: bytes) -> None:
    with pytest.raises(NotPlain):
        decode(loads(content), repr)

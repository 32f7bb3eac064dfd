"""Turns what a caller gives into the columns that a forest reads, or says which argument cannot be."""

from __future__ import annotations

import operator
from typing import Any, SupportsIndex, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import InvalidInput, LimitExceeded

Scalar = TypeVar("Scalar", bound=np.generic)

_KINDS = {"i": "iu", "u": "iu", "f": "fiu", "b": "b"}
_EXPECTED = {"i": "integers", "u": "integers", "f": "numbers", "b": "booleans"}


def column(name: str, given: ArrayLike, scalar: type[Scalar], length: int | None = None) -> NDArray[Scalar]:
    """The argument as a contiguous one-dimensional array of `scalar`.

    Integers are taken from integers, floats from integers and floats, booleans from booleans; an empty argument is
    taken from anything.

    Raises:
        InvalidInput: another type, another shape, a length other than `length`, or an integer that does not fit.
    """
    result: NDArray[Scalar] = _converted(name, given, np.dtype(scalar))
    if length is not None and len(result) != length:
        raise InvalidInput(f"{name} has length {len(result)}: expected {length}")
    return result


def integer(name: str, given: SupportsIndex, lowest: int, limit: int) -> int:
    """The argument as an integer in [lowest, limit].

    Raises:
        InvalidInput: it is lower or no integer.
        LimitExceeded: it is higher.
    """
    try:
        number = operator.index(given)
    except TypeError:
        raise InvalidInput(f"{name} is {given!r}: expected an integer") from None
    if number < lowest:
        raise InvalidInput(f"{name} is {number}: expected at least {lowest}")
    if number > limit:
        raise LimitExceeded(f"{name} is {number}: the limit is {limit}")
    return number


def identifier(name: str, given: SupportsIndex) -> int:
    """The argument as an integer; brought into the range of int64, where no id is near its ends.

    Raises:
        InvalidInput: it is no integer.
    """
    try:
        number = operator.index(given)
    except TypeError:
        raise InvalidInput(f"{name} is {given!r}: expected an integer") from None
    return max(-(2**63), min(number, 2**63 - 1))


def _converted(name: str, given: ArrayLike, wanted: np.dtype[Any]) -> NDArray[Any]:
    try:
        array = np.asarray(given)
    except ValueError as error:
        raise InvalidInput(f"{name} is no array: {error}") from None
    if array.ndim != 1:
        raise InvalidInput(f"{name} has {array.ndim} dimensions: expected 1")
    if array.size == 0:
        return np.empty(0, wanted)
    kind = array.dtype.kind
    if wanted.kind == "u" and kind in "fO" and not isinstance(given, np.ndarray):
        # NumPy makes floats of a list in which some integers fit int64 and some only uint64.
        exact = np.array(given, object)
        if all(isinstance(number, int | np.integer) for number in exact):
            array, kind = exact, "u"
    if kind not in _KINDS[wanted.kind]:
        raise InvalidInput(f"{name} has dtype {array.dtype}: expected {_EXPECTED[wanted.kind]} ({wanted})")
    if wanted.kind in "iu":
        limits = np.iinfo(wanted)
        outside = np.flatnonzero((array < limits.min) | (array > limits.max))
        if outside.size:
            index = int(outside[0])
            raise InvalidInput(
                f"{name}[{index}] is {array[index]}: expected an integer in [{limits.min}, {limits.max}]"
            )
    # A float64 beyond float32's range becomes an infinity here, which the forest then refuses by index.
    with np.errstate(over="ignore"):
        return np.require(array, wanted, ["C", "A"])

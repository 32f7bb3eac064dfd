"""Compiles a rule to a C function that picks a child of a node. Imported, and Numba with it, when one is decorated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np
from llvmlite import ir
from numba import carray, cfunc, config, njit, types
from numba.extending import intrinsic
from numba.np.numpy_support import from_dtype

from ..fields import EXHAUSTED, PLACE, RULE_NODE
from .lanes import EIGHT, Addresses, child_columns, child_values, each_lane, field, highest
from .names import NAMES, UNIFORM_STREAM

# What a rule's parameters are computed from: fields of RULE_NODE, the index of the child, and the child's columns in
# the order of lanes.child_values.
_NODE_FIELDS: Final = {
    "count": types.int32,
    "parent_started": types.int32,
    "parent_in_flight": types.int32,
    "depth": types.int32,
    "parent_q": types.float32,
    "parent_raw": types.float32,
    "range_squared": types.float32,
    "key": types.uint64,
}
_CHILD_COLUMNS: Final = {
    "q": types.float32,
    "prior": types.float32,
    "started": types.int32,
    "in_flight": types.int32,
    "reward": types.float32,
    "raw": types.float32,
    "mean": types.float32,
    "best": types.float32,
    "m2": types.float32,
}
_READ: Final = _NODE_FIELDS | {"i": types.int64} | _CHILD_COLUMNS

# Division by zero is an infinity or NaN as in C, not an exception.
_INLINED: Final = {"error_model": "numpy", "forceinline": True, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
_LOWEST: Final = np.float32(-np.inf)
_ALL_OPEN: Final = 2**EIGHT - 1


class Compiled(NamedTuple):
    """A compiled rule.

    Attributes:
        address: of the C function int32 (*)(RuleNode*): the index of the child with the highest score; -1 - i if the
            score of child i is NaN or raised; the number of children if none is eligible.
        kept: what must live for as long as the address is used.
    """

    address: int
    kept: Any


def enabled() -> bool:
    """Whether Numba compiles at all in this process."""
    return not config.DISABLE_JIT


def score_type(function: Callable[..., Any], names: tuple[str, ...]) -> tuple[Callable[..., Any], Any]:
    """The function compiled for its parameters, and the type of what it returns."""
    # An index out of range raises; it is no wild read.
    compiled = njit(error_model="numpy", forceinline=True, boundscheck=True)(function)
    signature = tuple(types.int64 if NAMES[name].integer else types.float64 for name in names)
    compiled.compile(signature)
    return compiled, compiled.overloads[signature].signature.return_type


def is_number(kind: Any) -> bool:
    """Whether a Numba type is that of a score."""
    return isinstance(kind, types.Float | types.Integer | types.Boolean)


def picker(score: Callable[..., Any], names: tuple[str, ...]) -> Compiled:
    """The C function that picks the child of the highest score, as float32; of equals the first or the highest draw."""
    score_one, score_eight = _scorers(_reader(score, names))

    def pick(pointer: Any) -> Any:
        node = carray(pointer, 1)[0]
        count, skip = int(node["count"]), node["skip"] != 0
        places = carray(_places(node["places"]), count)
        best, chosen, whole = _LOWEST, count, count & ~(EIGHT - 1)
        for begin in range(0, whole, EIGHT):
            open_bits = _ALL_OPEN
            if skip:
                for lane in range(EIGHT):
                    if places[begin + lane]["flags"] & EXHAUSTED:
                        open_bits ^= 1 << lane
            top, first, wrong = score_eight(pointer, begin, open_bits)
            if wrong < EIGHT:
                return -1 - begin - wrong
            if top > best:
                best, chosen = top, begin + first
        for child in range(whole, count):
            found = score_one(pointer, child)
            if skip and places[child]["flags"] & EXHAUSTED:
                continue
            if found != found:
                return -1 - child
            if found > best:
                best, chosen = found, child
        if chosen == count:  # every score is -inf: the first
            for child in range(count):
                if not (skip and places[child]["flags"] & EXHAUSTED):
                    chosen = child
                    break
        if node["random_ties"]:
            highest_draw = np.uint64(0)
            for child in range(chosen, count):
                draw = _splitmix64(node["key"] ^ np.uint64(child))
                is_open = not (skip and places[child]["flags"] & EXHAUSTED)
                if is_open and draw > highest_draw and score_one(pointer, child) == best:
                    chosen, highest_draw = child, draw
        node["best"] = best
        return chosen

    compiled = cfunc(types.int32(types.CPointer(from_dtype(RULE_NODE))), error_model="numpy")(pick)
    return Compiled(int(compiled.address), compiled)


def _reader(score: Callable[..., Any], names: tuple[str, ...]) -> Callable[..., Any]:
    """A function of `_READ` that calls the rule with what it asks for. Text, as each rule asks for other names."""
    text = f"""
def read({", ".join(_READ)}):
    shown = float64(q)
    visits = int64(started) - int64(in_flight)
    return float64(score({", ".join(NAMES[name].kernel for name in names)}))
"""
    scope: dict[str, Any] = {"score": score, "known": _known, "uniform": _uniform}
    scope |= {"float32": np.float32, "float64": np.float64, "int64": np.int64}
    exec(text, scope)
    reader: Callable[..., Any] = scope["read"]
    return reader


def _scorers(read: Callable[..., Any]) -> tuple[Any, Any]:
    """The reader called for one child: its float32 score; and for eight: what lanes.highest says of their scores."""
    reader = njit(**_INLINED)(read)
    reader.compile(tuple(_READ.values()))
    (compiled,) = reader.overloads.values()

    def prepared(context: Any, builder: Any, pointer: Any) -> tuple[Addresses, Callable[..., Any]]:
        """The addresses of the node's first child, and the reader as a call that needs the index and the columns."""
        context.active_code_library.add_linking_library(compiled.library)
        node = builder.ptrtoint(pointer, ir.IntType(64))
        values = [
            field(builder, node, RULE_NODE, name, context.get_value_type(_NODE_FIELDS[name])) for name in _NODE_FIELDS
        ]
        addresses = [field(builder, node, RULE_NODE, name, ir.IntType(64)) for name in ("children", "returns", "q")]

        def scored(child: Any, columns: list[Any]) -> Any:
            status, score = context.call_internal_no_propagate(
                builder, compiled.fndesc, compiled.signature, [*values, child, *columns]
            )
            # No exception can leave a C function: a rule that raises has no score.
            return builder.select(status.is_error, ir.Constant(score.type, float("nan")), score)

        return Addresses(*addresses), scored

    def score_one(_context: Any, pointer: Any, _child: Any) -> Any:
        def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            pointer, child = arguments
            addresses, scored = prepared(context, builder, pointer)
            return builder.fptrunc(scored(child, child_values(builder, addresses.of(builder, child))), ir.FloatType())

        return types.float32(pointer, types.int64), generate

    def score_eight(_context: Any, pointer: Any, _begin: Any, _open_bits: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            pointer, begin, open_bits = arguments
            addresses, scored = prepared(context, builder, pointer)
            columns = child_columns(builder, addresses.of(builder, begin))
            scores = each_lane(builder, columns, lambda lane, values: scored(builder.add(begin, lane), values))
            return context.make_tuple(builder, signature.return_type, highest(builder, scores, open_bits))

        answer = types.Tuple((types.float32, types.int64, types.int64))
        return answer(pointer, types.int64, types.int64), generate

    return intrinsic(score_one), intrinsic(score_eight)


def _places_at(_context: Any, _address: Any) -> Any:
    """An address as a pointer to places."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], context.get_value_type(signature.return_type))

    return types.CPointer(from_dtype(PLACE))(types.uint64), generate


def _splitmix64_of(x: Any) -> Any:
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def _uniform_of(key: Any, i: Any) -> Any:
    drawn = _splitmix64(_splitmix64(key ^ np.uint64(i + UNIFORM_STREAM)))
    return (np.float64(drawn >> np.uint64(12)) + 0.5) * 2.0**-52


def _known_of(number: Any, visits: Any, otherwise: Any) -> Any:
    return np.float64(number) if visits > 0 and number == number else otherwise


_places = intrinsic(_places_at)
_splitmix64, _uniform, _known = (njit(**_INLINED)(each) for each in (_splitmix64_of, _uniform_of, _known_of))

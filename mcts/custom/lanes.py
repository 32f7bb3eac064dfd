"""A rule is one scalar function; here its arguments are read from the forest, for one child or for eight at once.

LLVM turns a loop over columns, not one over records, into vector instructions, of whatever width the machine has. So
the fields of eight records are first transposed into columns, then the rule is called in a loop over these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

import numpy as np
from llvmlite import ir

from ..fields import RETURNS, SLOT

EIGHT: Final = 8

_BIT, _BYTE, _I16, _I32, _I64 = (ir.IntType(bits) for bits in (1, 8, 16, 32, 64))
_FLOAT: Final = ir.FloatType()
_FLOATS, _INTEGERS = ir.VectorType(_FLOAT, EIGHT), ir.VectorType(_I32, EIGHT)
_HALF_SLOT: Final = SLOT.itemsize // 2
# A builder of instructions, and a value that one of them gives.
Builder = Any
Value = Any


class Addresses(NamedTuple):
    """Where a child's slot, returns and shown q are, as int64; the last is 0 where q is the slot's."""

    slot: Value
    returns: Value
    shown: Value

    def of(self, builder: Builder, child: Value) -> Addresses:
        """Those of another child, so many further on."""
        ahead = [builder.mul(child, ir.Constant(_I64, size)) for size in (SLOT.itemsize, RETURNS.itemsize, 4)]
        shown = builder.select(self.no_shown(builder), self.shown, builder.add(self.shown, ahead[2]))
        return Addresses(builder.add(self.slot, ahead[0]), builder.add(self.returns, ahead[1]), shown)

    def no_shown(self, builder: Builder) -> Value:
        """Whether q is the slot's."""
        return builder.icmp_unsigned("==", self.shown, ir.Constant(_I64, 0))


def field(builder: Builder, record: Value, dtype: np.dtype[Any], name: str, kind: Any) -> Value:
    """A field of the record at an address."""
    assert dtype.fields is not None
    return _loaded(builder, record, dtype.fields[name][1], kind)


def child_values(builder: Builder, at: Addresses) -> list[Value]:
    """q, prior, started, in_flight, reward, raw, mean, max and m2 of one child."""
    own_q = field(builder, at.slot, SLOT, "q", _FLOAT)
    # Where there is no shown q the slot is read in its place: a choice between addresses needs no branch.
    shown = _loaded(builder, builder.select(at.no_shown(builder), at.slot, at.shown), 0, _FLOAT)
    return [
        builder.select(at.no_shown(builder), own_q, shown),
        field(builder, at.slot, SLOT, "prior", _FLOAT),
        field(builder, at.slot, SLOT, "started", _I32),
        builder.zext(field(builder, at.slot, SLOT, "in_flight", _I16), _I32),
        field(builder, at.slot, SLOT, "reward", _FLOAT),
        *(field(builder, at.returns, RETURNS, name, _FLOAT) for name in ("raw", "mean", "max", "m2")),
    ]


def child_columns(builder: Builder, at: Addresses) -> list[Value]:
    """The same of eight children side by side, of which the first is given: a vector each."""
    prior, own_q, started, _ = _transposed(builder, at.slot, 0, SLOT.itemsize)
    _, counts, _, reward = _transposed(builder, at.slot, _HALF_SLOT, SLOT.itemsize)
    in_flight = builder.lshr(builder.bitcast(counts, _INTEGERS), ir.Constant(_INTEGERS, [16] * EIGHT))
    shown = _loaded(builder, builder.select(at.no_shown(builder), at.slot, at.shown), 0, _FLOATS)
    q = builder.select(at.no_shown(builder), own_q, shown)
    returned = _transposed(builder, at.returns, 0, RETURNS.itemsize)
    return [q, prior, builder.bitcast(started, _INTEGERS), in_flight, reward, *returned]


def each_lane(builder: Builder, columns: list[Value], score: Callable[[Value, list[Value]], Value]) -> Value:
    """What `score` answers for each lane's number and values, as a vector of float32."""
    stored = [_stored(builder, column) for column in columns]
    answers = _room(builder, _FLOAT)
    before, loop, after = builder.block, builder.append_basic_block("lane"), builder.append_basic_block("scored")
    builder.branch(loop)
    builder.position_at_end(loop)
    lane = builder.phi(_I64)
    lane.add_incoming(ir.Constant(_I64, 0), before)
    values = [builder.load(_item(builder, column, lane)) for column in stored]
    builder.store(builder.fptrunc(score(lane, values), _FLOAT), _item(builder, answers, lane))
    following = builder.add(lane, ir.Constant(_I64, 1))
    lane.add_incoming(following, builder.block)
    back = builder.cbranch(builder.icmp_unsigned("<", following, ir.Constant(_I64, EIGHT)), loop, after)
    back.set_metadata("llvm.loop", _not_unrolled(builder.module))
    builder.position_at_end(after)
    return builder.load(builder.bitcast(answers, _FLOATS.as_pointer()))


def highest(builder: Builder, scores: Value, open_bits: Value) -> tuple[Value, Value, Value]:
    """Of the open lanes the highest score, the first lane that has it, and the first whose score is NaN; 8 if none."""
    is_open = builder.bitcast(builder.trunc(open_bits, _BYTE), ir.VectorType(_BIT, EIGHT))
    scores = builder.select(is_open, scores, ir.Constant(_FLOATS, [float("-inf")] * EIGHT))
    name = f"llvm.vector.reduce.fmax.v{EIGHT}f32"
    module = builder.module
    reduce = module.globals.get(name) or ir.Function(module, ir.FunctionType(_FLOAT, [_FLOATS]), name)
    top = builder.call(reduce, [scores], fastmath=("nnan",))
    alone = builder.insert_element(ir.Constant(_FLOATS, ir.Undefined), top, ir.Constant(_I32, 0))
    equal = builder.fcmp_ordered("==", scores, _mixed(builder, alone, alone, [0] * EIGHT))
    nan = builder.fcmp_unordered("uno", scores, scores)
    return top, _first(builder, builder.and_(is_open, equal)), _first(builder, nan)


def _transposed(builder: Builder, base: Value, offset: int, stride: int) -> list[Value]:
    """The four 4-byte fields from `offset` on of eight records of `stride` bytes, as four columns."""
    quad = ir.VectorType(_FLOAT, 4)
    rows = [_loaded(builder, base, offset + stride * row, quad) for row in range(EIGHT)]
    a, b, c, d = (_mixed(builder, rows[row], rows[row + 4], range(EIGHT)) for row in range(4))
    columns = []
    for half in ((0, 8, 1, 9, 4, 12, 5, 13), (2, 10, 3, 11, 6, 14, 7, 15)):
        left, right = _mixed(builder, a, b, half), _mixed(builder, c, d, half)
        columns.append(_mixed(builder, left, right, (0, 1, 8, 9, 4, 5, 12, 13)))
        columns.append(_mixed(builder, left, right, (2, 3, 10, 11, 6, 7, 14, 15)))
    return columns


def _mixed(builder: Builder, left: Value, right: Value, lanes: Iterable[int]) -> Value:
    chosen = list(lanes)
    return builder.shuffle_vector(left, right, ir.Constant(ir.VectorType(_I32, len(chosen)), chosen))


def _loaded(builder: Builder, base: Value, offset: int, kind: Any) -> Value:
    value = builder.load(builder.inttoptr(builder.add(base, ir.Constant(_I64, offset)), kind.as_pointer()))
    value.align = 2 if kind == _I16 else 4
    return value


def _room(builder: Builder, kind: Any) -> Value:
    """Eight items on the stack, aligned like a vector of them."""
    with builder.goto_entry_block():
        room = builder.alloca(ir.ArrayType(kind, EIGHT))
    room.align = 32
    return room


def _stored(builder: Builder, column: Value) -> Value:
    room = _room(builder, column.type.element)
    builder.store(column, builder.bitcast(room, column.type.as_pointer()))
    return room


def _item(builder: Builder, room: Value, lane: Value) -> Value:
    return builder.gep(room, [ir.Constant(_I32, 0), lane])


def _first(builder: Builder, lanes: Value) -> Value:
    """The first lane that is set, as int64; 8 if none is."""
    count_zeros = builder.module.declare_intrinsic("llvm.cttz", [_I64], ir.FunctionType(_I64, [_I64, _BIT]))
    bits = builder.or_(builder.zext(builder.bitcast(lanes, _BYTE), _I64), ir.Constant(_I64, 2**EIGHT))
    return builder.call(count_zeros, [bits, ir.Constant(_BIT, 1)])


def _not_unrolled(module: Any) -> Any:
    """Loop metadata: LLVM unrolls short loops before it would vectorise them. It refers to itself, as LLVM wants it."""
    hint = module.add_metadata([ir.MetaDataString(module, "llvm.loop.unroll.disable")])
    loop = module.add_metadata([ir.Constant(_I64, 0), hint])
    loop.operands = (loop, hint)
    return loop

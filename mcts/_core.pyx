# distutils: language = c++
# cython: language_level=3, boundscheck=False, wraparound=False
"""The Python face of csrc/forest.hpp; every public name is documented in _core.pyi."""

from cpython.buffer cimport PyBuffer_FillInfo
from cpython.exc cimport PyErr_SetString
from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.string cimport memcpy
from libcpp.memory cimport shared_ptr, unique_ptr
from libcpp.vector cimport vector

cimport forest as native
cimport numpy as cnp

import numpy as np

from . import errors, fields
from .arguments import column, identifier, integer
from .hashing import new_salt
from .records import Leaves, RootStats, Snapshot
from .rules import PUCT, UCT
from .settings import Settings

cnp.import_array()

ERRORS = {
    <int>native.ErrorKind.stale_ticket: errors.StaleTicket,
    <int>native.ErrorKind.duplicate_ticket: errors.DuplicateTicket,
    <int>native.ErrorKind.closed_tree: errors.ClosedTree,
    <int>native.ErrorKind.unknown_node: errors.UnknownNode,
    <int>native.ErrorKind.terminal_node: errors.TerminalNode,
    <int>native.ErrorKind.invalid_input: errors.InvalidInput,
    <int>native.ErrorKind.limit_exceeded: errors.LimitExceeded,
    <int>native.ErrorKind.no_memory: MemoryError,
    <int>native.ErrorKind.internal: RuntimeError,
}

# NodeRecord, as NumPy sees it.
RECORD = np.dtype(
    [(name, np.int32) for name in Snapshot._fields[:5]]
    + [(name, np.float32) for name in Snapshot._fields[5:12]]
    + [(name, np.uint8) for name in Snapshot._fields[12:]],
    align=True,
)


cdef void raise_error(native.ErrorKind kind, const char* message) noexcept with gil:
    PyErr_SetString(ERRORS[<int>kind], message)


native.error_sink = raise_error


cdef class Block:
    """The columns at one moment: a read-only buffer that lives for as long as a view of it does."""

    cdef shared_ptr[native.Block] block

    def __getbuffer__(self, Py_buffer* buffer, int flags):
        cdef native.Block* block = self.block.get()
        if block == NULL:
            raise BufferError("a block is made by a forest")
        PyBuffer_FillInfo(buffer, self, <void*>block.base(), block.bytes, 1, flags)


cdef class Forest:
    cdef unique_ptr[native.Forest] forest
    cdef readonly object settings

    def __cinit__(
        self,
        *,
        rule=None,
        backup="mean",
        in_flight="wu_uct",
        discount=1.0,
        value_range=(0.0, 1.0),
        skip_exhausted=True,
        ties="lowest",
        seed=0,
        capacity=1024,
    ):
        settings = Settings(
            rule=PUCT() if rule is None else rule,
            backup=backup,
            in_flight=in_flight,
            discount=discount,
            value_range=value_range,
            skip_exhausted=skip_exhausted,
            ties=ties,
            seed=seed,
            capacity=capacity,
        )
        cdef native.Settings s
        s.rule = native.RuleKind.uct if isinstance(settings.rule, UCT) else native.RuleKind.puct
        s.c = settings.rule.c
        s.max_backup = settings.backup == "max"
        s.virtual_loss = settings.in_flight == "virtual_loss"
        s.skip_exhausted = settings.skip_exhausted
        s.random_ties = settings.ties == "random"
        s.discount = settings.discount
        s.low, s.high = settings.value_range
        s.seed = settings.seed
        s.capacity = settings.capacity
        s.salt = new_salt()
        self.forest.reset(new native.Forest(s))
        self.settings = settings

    def new_trees(self, count):
        cdef int64_t n = integer("count", count, 0, fields.MAX_SLOTS // 2)
        ids = empty(n, cnp.NPY_INT32)
        cdef int32_t* out = <int32_t*>data(ids)
        with nogil:
            self.forest.get().new_trees(n, out)
        return ids

    def release(self, trees):
        ids = given("trees", trees, np.int32, cnp.NPY_INT32)
        cdef int64_t n = len(ids)
        cdef const int32_t* pointer = <const int32_t*>data(ids)
        with nogil:
            self.forest.get().release(pointer, n)

    def root(self, tree):
        cdef int64_t id_ = identifier("tree", tree)
        cdef int32_t node
        with nogil:
            node = self.forest.get().root(id_)
        return node

    def children(self, node):
        cdef int64_t id_ = identifier("node", node)
        cdef vector[int32_t] found
        with nogil:
            found = self.forest.get().children(id_)
        ids = empty(found.size(), cnp.NPY_INT32)
        memcpy(data(ids), found.data(), found.size() * sizeof(int32_t))
        return ids

    def select_batch(self, trees, leaves=1):
        ids = given("trees", trees, np.int32, cnp.NPY_INT32)
        cdef int64_t n = len(ids)
        cdef int64_t k = integer("leaves", leaves, 1, fields.MAX_IN_FLIGHT)
        cdef const int32_t* pointer = <const int32_t*>data(ids)
        ticket = empty(n * k, cnp.NPY_INT64)
        tree = empty(n * k, cnp.NPY_INT32)
        node = empty(n * k, cnp.NPY_INT32)
        depth = empty(n * k, cnp.NPY_INT32)
        terminal = empty(n * k, cnp.NPY_BOOL)
        expanded = empty(n * k, cnp.NPY_BOOL)
        cdef native.LeafRows rows
        rows.ticket = <int64_t*>data(ticket)
        rows.tree = <int32_t*>data(tree)
        rows.node = <int32_t*>data(node)
        rows.depth = <int32_t*>data(depth)
        rows.terminal = <uint8_t*>data(terminal)
        rows.expanded = <uint8_t*>data(expanded)
        cdef int64_t m
        with nogil:
            m = self.forest.get().select_batch(pointer, n, k, rows)
        found = (ticket, tree, node, depth, terminal, expanded)
        return Leaves._make(found if m == n * k else [array[:m].copy() for array in found])

    def reserve_batch(self, nodes):
        ids = given("nodes", nodes, np.int32, cnp.NPY_INT32)
        cdef int64_t n = len(ids)
        tickets = empty(n, cnp.NPY_INT64)
        cdef const int32_t* pointer = <const int32_t*>data(ids)
        cdef int64_t* out = <int64_t*>data(tickets)
        with nogil:
            self.forest.get().reserve_batch(pointer, n, out)
        return tickets

    def expand_batch(self, tickets, counts, priors, rewards=None, terminal=None, urgency=None):
        ticket = given("tickets", tickets, np.int64, cnp.NPY_INT64)
        cdef int64_t n = len(ticket)
        count = given("counts", counts, np.int32, cnp.NPY_INT32, n)
        cdef native.Expansion e
        e.rows = n
        e.tickets = <const int64_t*>data(ticket)
        e.counts = <const int32_t*>data(count)
        e.children = total(e.counts, n)
        prior = given("priors", priors, np.float32, cnp.NPY_FLOAT32, e.children)
        reward = (
            cnp.PyArray_ZEROS(1, &e.children, cnp.NPY_FLOAT32, 0)
            if rewards is None
            else given("rewards", rewards, np.float32, cnp.NPY_FLOAT32, e.children)
        )
        ends = (
            cnp.PyArray_ZEROS(1, &e.children, cnp.NPY_BOOL, 0)
            if terminal is None
            else given("terminal", terminal, np.bool_, cnp.NPY_BOOL, e.children)
        )
        first_play = None if urgency is None else given("urgency", urgency, np.float32, cnp.NPY_FLOAT32, e.children)
        e.priors = <const float*>data(prior)
        e.rewards = <const float*>data(reward)
        e.terminal = <const uint8_t*>data(ends)
        e.urgency = NULL
        if urgency is not None:
            e.urgency = <const float*>data(first_play)
        nodes = empty(e.children, cnp.NPY_INT32)
        cdef int32_t* out = <int32_t*>data(nodes)
        with nogil:
            self.forest.get().expand_batch(e, out)
        return nodes

    def backup_batch(self, tickets, values):
        ticket = given("tickets", tickets, np.int64, cnp.NPY_INT64)
        cdef int64_t n = len(ticket)
        value = given("values", values, np.float32, cnp.NPY_FLOAT32, n)
        cdef const int64_t* ticket_pointer = <const int64_t*>data(ticket)
        cdef const float* value_pointer = <const float*>data(value)
        with nogil:
            self.forest.get().backup_batch(ticket_pointer, value_pointer, n)

    def cancel_batch(self, tickets):
        ticket = given("tickets", tickets, np.int64, cnp.NPY_INT64)
        cdef int64_t n = len(ticket)
        cdef const int64_t* pointer = <const int64_t*>data(ticket)
        with nogil:
            self.forest.get().cancel_batch(pointer, n)

    def exhaust_batch(self, tickets):
        ticket = given("tickets", tickets, np.int64, cnp.NPY_INT64)
        cdef int64_t n = len(ticket)
        cdef const int64_t* pointer = <const int64_t*>data(ticket)
        with nogil:
            self.forest.get().exhaust_batch(pointer, n)

    def root_stats(self, tree):
        cdef int64_t id_ = identifier("tree", tree)
        cdef vector[native.NodeRecord] found
        with nogil:
            found = self.forest.get().root_records(id_)
        rows = records(found)
        of_children = [rows[name][1:].copy() for name in RootStats._fields[:6]]
        return RootStats(*of_children, int(rows["visits"][0]), float(rows["q"][0]))

    def snapshot(self, tree):
        cdef int64_t id_ = identifier("tree", tree)
        cdef vector[native.NodeRecord] found
        with nogil:
            found = self.forest.get().snapshot(id_)
        rows = records(found)
        return Snapshot._make(rows[name].copy() for name in Snapshot._fields)

    @property
    def trees_open(self):
        return counters(self).trees_open

    @property
    def tickets_out(self):
        return counters(self).tickets_out

    @property
    def slots_used(self):
        return counters(self).slots_used

    @property
    def slots_capacity(self):
        return counters(self).slots_capacity

    @property
    def bytes(self):
        return counters(self).bytes

    @property
    def slots(self):
        return view(self, "slots", fields.SLOT)

    @property
    def returns(self):
        return view(self, "returns", fields.RETURNS)

    @property
    def places(self):
        return view(self, "places", fields.PLACE)

    @property
    def slot_of(self):
        return view(self, "slot_of", fields.SLOT_OF)


cdef native.Counters counters(Forest self) except *:
    cdef native.Counters found
    with nogil:
        found = self.forest.get().counters()
    return found


cdef object view(Forest self, str name, dtype):
    cdef Block owner = Block()
    cdef int64_t slots = 0
    cdef int64_t ids = 0
    with nogil:
        owner.block = self.forest.get().share(slots, ids)
    cdef native.Block* block = owner.block.get()
    columns = {
        "slots": <size_t>block.slots,
        "returns": <size_t>block.returns,
        "places": <size_t>block.places,
        "slot_of": <size_t>block.slot_of,
    }
    return np.frombuffer(owner, dtype, ids if name == "slot_of" else slots, columns[name] - <size_t>block.base())


cdef cnp.ndarray empty(cnp.npy_intp length, int type_number):
    return cnp.PyArray_EMPTY(1, &length, type_number, 0)


cdef inline void* data(array):
    return cnp.PyArray_DATA(<cnp.ndarray>array)


cdef cnp.ndarray given(str name, argument, scalar, int type_number, int64_t length=-1):
    """The argument as a column: itself where it already is one, else `column`'s conversion."""
    cdef cnp.ndarray array
    if (
        cnp.PyArray_Check(argument)
        and cnp.PyArray_TYPE(<cnp.ndarray>argument) == type_number
        and cnp.PyArray_NDIM(<cnp.ndarray>argument) == 1
        and cnp.PyArray_ISCARRAY_RO(<cnp.ndarray>argument)
        and (length < 0 or cnp.PyArray_DIM(<cnp.ndarray>argument, 0) == length)
    ):
        return argument
    array = column(name, argument, scalar, None if length < 0 else length)
    return array


cdef int64_t total(const int32_t* counts, int64_t n) noexcept:
    """The sum of the counts; the forest refuses negative ones."""
    cdef int64_t result = 0
    cdef int64_t i
    for i in range(n):
        result += max(counts[i], 0)
    return result


cdef cnp.ndarray records(const vector[native.NodeRecord]& found):
    rows = np.empty(found.size(), RECORD)
    memcpy(data(rows), found.data(), found.size() * sizeof(native.NodeRecord))
    return rows


cdef void check_layout() except *:
    """Refuses to load where the native structs are not what the tables of NumPy say."""
    slot = np.zeros(1, fields.SLOT)
    returns = np.zeros(1, fields.RETURNS)
    place = np.zeros(1, fields.PLACE)
    record = np.zeros(1, RECORD)
    if (slot.itemsize, returns.itemsize, place.itemsize, record.itemsize) != (
        sizeof(native.Slot),
        sizeof(native.Returns),
        sizeof(native.Place),
        sizeof(native.NodeRecord),
    ):
        raise ImportError("the sizes of csrc/fields.hpp and mcts/fields.py differ")
    (<native.Slot*>data(slot))[0] = native.Slot(
        prior=0, q=1, started=2, first=3, parent=4, count=5, in_flight=6, node=7, reward=8
    )
    (<native.Returns*>data(returns))[0] = native.Returns(raw=0, mean=1, max=2, m2=3)
    (<native.Place*>data(place))[0] = native.Place(tree=0, depth=1, capacity=2, flags=3)
    (<native.NodeRecord*>data(record))[0] = native.NodeRecord(
        node=0, parent=1, depth=2, visits=3, in_flight=4, q=5, prior=6, reward=7, raw=8, mean=9, max=10, m2=11, flags=12
    )
    for array in (slot, returns, place, record):
        if array[0].tolist() != tuple(range(len(array.dtype))):
            raise ImportError(f"csrc/fields.hpp and mcts/fields.py differ in the fields {array.dtype.names}")


check_layout()

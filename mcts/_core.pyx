# distutils: language = c++
# cython: language_level=3, boundscheck=False, wraparound=False
"""The Python face of csrc/forest.hpp; every public name is documented in _core.pyi."""

from cpython.buffer cimport PyBuffer_FillInfo
from cpython.exc cimport PyErr_SetString
from libc.math cimport NAN
from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t, uintptr_t
from libc.string cimport memcpy
from libcpp.memory cimport shared_ptr, unique_ptr
from libcpp.string cimport string
from libcpp.vector cimport vector

cimport forest as native
cimport numpy as cnp

import numpy as np

from . import errors, fields, snapshots, storage
from .arguments import column, identifier, integer
from .backups import PowerMean
from .hashing import new_salt
from .records import Leaves, RootStats, Snapshot
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
    <int>native.ErrorKind.rule_failed: errors.RuleError,
    <int>native.ErrorKind.bad_file: errors.SavedForestError,
    <int>native.ErrorKind.internal: RuntimeError,
}

RULES = {
    "uct": <int>native.RuleKind.uct,
    "ucb1_tuned": <int>native.RuleKind.ucb1_tuned,
    "ucb_v": <int>native.RuleKind.ucb_v,
    "puct": <int>native.RuleKind.puct,
    "gumbel": <int>native.RuleKind.gumbel,
    "thompson": <int>native.RuleKind.thompson,
    "adaptive_branching": <int>native.RuleKind.adaptive_branching,
    "softmax_mix": <int>native.RuleKind.softmax_mix,
    "best_first": <int>native.RuleKind.best_first,
    "custom": <int>native.RuleKind.custom,
}

# NodeRecord, as NumPy sees it.
RECORD = np.dtype(
    [(name, np.int32) for name in Snapshot._fields[:5]]
    + [(name, np.float32) for name in Snapshot._fields[5:12]]
    + [("flags", np.uint8), ("target", np.int32), ("hash", np.uint64)],
    align=True,
)

# Which instructions the built-in rules use on this machine: "scalar", "avx2" or "avx512".
SIMD = ("scalar", "avx2", "avx512")[<int>native.path_in_use()]


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

    def __cinit__(self, *, rule=None, **settings):
        if rule is not None:
            settings["rule"] = rule
        self.settings = Settings(**settings)
        cdef native.Settings s
        fill(s, self.settings)
        self.forest.reset(new native.Forest(s))

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

    def reroot(self, tree, node):
        cdef int64_t tree_id = identifier("tree", tree)
        cdef int64_t node_id = identifier("node", node)
        with nogil:
            self.forest.get().reroot(tree_id, node_id)

    def add_tree(self, snapshot):
        rows = snapshots.checked(snapshot, self.settings)
        cdef vector[native.NodeRecord] records
        filled = np.zeros(len(rows.parent), RECORD)
        for name in rows._fields:
            if name in filled.dtype.names:
                filled[name] = getattr(rows, name)
        records.resize(len(filled))
        memcpy(records.data(), data(filled), records.size() * sizeof(native.NodeRecord))
        cdef int32_t tree
        with nogil:
            tree = self.forest.get().add_tree(records)
        return tree

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
        if found.size() > 0:  # an empty vector may have no address, which memcpy does not allow
            memcpy(data(ids), found.data(), found.size() * sizeof(int32_t))
        return ids

    def target(self, nodes):
        ids = given("nodes", nodes, np.int32, cnp.NPY_INT32)
        cdef int64_t n = len(ids)
        targets = empty(n, cnp.NPY_INT32)
        cdef const int32_t* pointer = <const int32_t*>data(ids)
        cdef int32_t* out = <int32_t*>data(targets)
        with nogil:
            self.forest.get().target(pointer, n, out)
        return targets

    def batch(self, trees, leaves=1, width=8):
        return Batch(self, trees, leaves, width)

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

    def expand_batch(self, tickets, counts, priors, rewards=None, terminal=None, urgency=None, hashes=None):
        ticket = given("tickets", tickets, np.int64, cnp.NPY_INT64)
        cdef int64_t n = len(ticket)
        count = given("counts", counts, np.int32, cnp.NPY_INT32, n)
        cdef native.Expansion e
        e.rows = n
        e.tickets = <const int64_t*>data(ticket)
        e.counts = <const int32_t*>data(count)
        cdef int64_t children = total(e.counts, n)
        prior = given("priors", priors, np.float32, cnp.NPY_FLOAT32, children)
        reward = None if rewards is None else given("rewards", rewards, np.float32, cnp.NPY_FLOAT32, children)
        ends = None if terminal is None else given("terminal", terminal, np.bool_, cnp.NPY_BOOL, children)
        first_play = None if urgency is None else given("urgency", urgency, np.float32, cnp.NPY_FLOAT32, children)
        states = None if hashes is None else given("hashes", hashes, np.uint64, cnp.NPY_UINT64, children)
        e.stride = 0
        e.offsets = NULL
        e.priors = <const float*>data(prior)
        e.rewards = <const float*>data_or_null(reward)
        e.terminal = <const uint8_t*>data_or_null(ends)
        e.urgency = <const float*>data_or_null(first_play)
        e.hashes = <const uint64_t*>data_or_null(states)
        nodes = empty(children, cnp.NPY_INT32)
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
    def arenas(self):
        return self.forest.get().shards()

    def slots(self, int arena=0):
        return view(self, arena, "slots", fields.SLOT)

    def returns(self, int arena=0):
        return view(self, arena, "returns", fields.RETURNS)

    def places(self, int arena=0):
        return view(self, arena, "places", fields.PLACE)

    def slot_of(self, int arena=0):
        return view(self, arena, "slot_of", fields.SLOT_OF)

    def save(self, directory):
        storage.save(self, directory)

    @staticmethod
    def load(directory, *, mmap=False, rule=None):
        return storage.load(Forest, directory, mmap, rule)

    def _write(self, paths):
        cdef vector[string] files = [path.encode() for path in paths]
        cdef vector[int64_t] capacities
        cdef string tables
        with nogil:
            tables = self.forest.get().write(files, capacities)
        return <bytes>tables, <list>capacities

    def _restore(self, tables, paths, capacities, bint mapped):
        cdef vector[shared_ptr[native.Block]] blocks
        cdef string bytes_ = tables
        cdef string path
        for name, capacity in zip(paths, capacities, strict=True):
            path = name.encode()
            blocks.push_back(shared_ptr[native.Block](new native.Block(path, capacity, mapped)))
        with nogil:
            self.forest.get().restore(bytes_, blocks)


cdef void fill(native.Settings& s, settings) except *:
    """The settings, as the native forest reads them."""
    rule = settings.rule
    constants = [*rule.constants(), NAN, NAN, NAN, NAN][:4]
    s.rule = <native.RuleKind><int>RULES[rule.KIND]
    s.constants[0], s.constants[1], s.constants[2], s.constants[3] = constants
    s.kernel = <native.RuleKernel><uintptr_t>(rule.address if rule.KIND == "custom" else 0)
    s.reads_parent_raw = rule.KIND == "custom" and "parent_raw" in rule.names
    s.rule_name = (rule.name if rule.KIND == "custom" else rule.KIND).encode()
    s.power = 1.0
    if isinstance(settings.backup, PowerMean):
        s.backup = native.Backup.power
        s.power = settings.backup.p
    else:
        s.backup = native.Backup.max if settings.backup == "max" else native.Backup.mean
    s.virtual_loss = settings.in_flight == "virtual_loss"
    s.skip_exhausted = settings.skip_exhausted
    s.random_ties = settings.ties == "random"
    s.solver = settings.solver
    s.normalise = settings.normalise
    s.transpositions = settings.transpositions
    s.widening = settings.widening is not None
    s.widening_c, s.widening_a = (settings.widening.c, settings.widening.a) if s.widening else (0.0, 0.0)
    s.discount = settings.discount
    s.low, s.high = settings.value_range
    s.seed = settings.seed
    s.capacity = settings.capacity
    s.threads = settings.threads
    s.salt = new_salt()


include "_batch.pxi"


cdef native.Counters counters(Forest self) except *:
    cdef native.Counters found
    with nogil:
        found = self.forest.get().counters()
    return found


cdef object view(Forest self, int arena, str name, dtype):
    if not 0 <= arena < self.forest.get().shards():
        raise errors.InvalidInput(f"arena is {arena}: expected an integer in [0, {self.forest.get().shards() - 1}]")
    cdef Block owner = Block()
    cdef int64_t slots = 0
    with nogil:
        owner.block = self.forest.get().share(arena, slots)
    cdef native.Block* block = owner.block.get()
    columns = {
        "slots": <size_t>block.slots,
        "returns": <size_t>block.returns,
        "places": <size_t>block.places,
        "slot_of": <size_t>block.slot_of,
    }
    return np.frombuffer(owner, dtype, slots, columns[name] - <size_t>block.base())


cdef cnp.ndarray empty(cnp.npy_intp length, int type_number):
    return cnp.PyArray_EMPTY(1, &length, type_number, 0)


cdef inline void* data(array):
    return cnp.PyArray_DATA(<cnp.ndarray>array)


cdef inline void* data_or_null(array):
    return NULL if array is None else data(array)


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
    rule_node = np.zeros(1, fields.RULE_NODE)
    if (slot.itemsize, returns.itemsize, place.itemsize, record.itemsize, rule_node.itemsize) != (
        sizeof(native.Slot),
        sizeof(native.Returns),
        sizeof(native.Place),
        sizeof(native.NodeRecord),
        sizeof(native.RuleNode),
    ):
        raise ImportError("the sizes of csrc/fields.hpp and mcts/fields.py differ")
    (<native.Slot*>data(slot))[0] = native.Slot(
        prior=0, q=1, started=2, first=3, parent=4, count=5, in_flight=6, node=7, reward=8
    )
    (<native.Returns*>data(returns))[0] = native.Returns(raw=0, mean=1, max=2, m2=3)
    (<native.Place*>data(place))[0] = native.Place(tree=0, depth=1, capacity=2, held=3, flags=4)
    (<native.NodeRecord*>data(record))[0] = native.NodeRecord(
        node=0, parent=1, depth=2, visits=3, in_flight=4, q=5, prior=6, reward=7, raw=8, mean=9, max=10, m2=11, flags=12,
        target=13, hash=14
    )
    cdef native.RuleNode* node = <native.RuleNode*>data(rule_node)
    node.children, node.returns = <const native.Slot*>0, <const native.Returns*>1
    node.places, node.q = <const native.Place*>2, <const float*>3
    node.count, node.parent_started, node.parent_in_flight, node.depth = 4, 5, 6, 7
    node.parent_q, node.parent_raw, node.range_squared, node.skip, node.random_ties = 8, 9, 10, 11, 12
    node.key, node.best = 13, 14
    for array in (slot, returns, place, record, rule_node):
        if array[0].tolist() != tuple(range(len(array.dtype))):
            raise ImportError(f"csrc/fields.hpp and mcts/fields.py differ in the fields {array.dtype.names}")


check_layout()

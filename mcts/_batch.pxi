# The buffers of one round over the same trees; a part of _core.pyx.

cdef class Batch:
    cdef readonly Forest forest
    cdef readonly cnp.ndarray trees, ticket, node, depth, terminal, expanded
    cdef readonly cnp.ndarray counts, priors, rewards, ends, values, children
    cdef native.Round round

    def __cinit__(self, Forest forest not None, trees, leaves, width):
        self.forest = forest
        self.trees = given("trees", trees, np.int32, cnp.NPY_INT32).copy()[:]
        self.trees.flags.writeable = False
        self.round.count = len(self.trees)
        self.round.leaves = integer("leaves", leaves, 1, fields.MAX_IN_FLIGHT)
        self.round.width = integer("width", width, 1, fields.MAX_CHILDREN)
        cdef int64_t rows = self.round.count * self.round.leaves
        cdef tuple wide = (rows, self.round.width)
        # Views all of them: NumPy does not let the memory of a view be resized.
        self.ticket, self.counts = np.full(rows, -1, np.int64)[:], np.full(rows, -1, np.int32)[:]
        self.node, self.depth, self._tree_of_row = (np.zeros(rows, np.int32)[:] for _ in range(3))
        self.terminal, self.expanded = (np.zeros(rows, np.bool_)[:] for _ in range(2))
        self.values = np.zeros(rows, np.float32)[:]
        self.priors, self.rewards = (np.zeros(wide, np.float32)[:] for _ in range(2))
        self.ends, self.children = np.zeros(wide, np.bool_)[:], np.zeros(wide, np.int32)[:]
        self.round.trees = <const int32_t*>data(self.trees)
        self.round.leaf.ticket = <int64_t*>data(self.ticket)
        self.round.leaf.tree = <int32_t*>data(self._tree_of_row)
        self.round.leaf.node = <int32_t*>data(self.node)
        self.round.leaf.depth = <int32_t*>data(self.depth)
        self.round.leaf.terminal = <uint8_t*>data(self.terminal)
        self.round.leaf.expanded = <uint8_t*>data(self.expanded)
        self.round.counts = <const int32_t*>data(self.counts)
        self.round.priors = <const float*>data(self.priors)
        self.round.rewards = <const float*>data(self.rewards)
        self.round.ends = <const uint8_t*>data(self.ends)
        self.round.values = <const float*>data(self.values)
        self.round.children = <int32_t*>data(self.children)

    cdef cnp.ndarray _tree_of_row

    def select(self):
        cdef int64_t rows
        with nogil:
            rows = self.forest.forest.get().select_round(self.round)
        return rows

    def expand(self):
        with nogil:
            self.forest.forest.get().expand_round(self.round)

    def backup(self):
        with nogil:
            self.forest.forest.get().backup_round(self.round)

    def step(self):
        cdef int64_t rows
        with nogil:
            rows = self.forest.forest.get().step_round(self.round)
        return rows

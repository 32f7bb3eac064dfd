from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t, uintptr_t
from libcpp cimport bool
from libcpp.memory cimport shared_ptr
from libcpp.string cimport string
from libcpp.vector cimport vector


cdef extern from "errors.hpp" namespace "treewright" nogil:
    cdef enum class ErrorKind(int):
        stale_ticket
        duplicate_ticket
        closed_tree
        unknown_node
        terminal_node
        invalid_input
        limit_exceeded
        no_memory
        rule_failed
        bad_file
        internal

    # Called with the GIL held, whatever the call that failed.
    ctypedef void (*ErrorSink)(ErrorKind kind, const char* message) noexcept
    ErrorSink error_sink
    void report_current_error()


cdef extern from "forest.hpp" namespace "treewright" nogil:
    cdef struct Slot:
        float prior
        float q
        int32_t started
        int32_t first
        int32_t parent
        uint16_t count
        uint16_t in_flight
        int32_t node
        float reward

    cdef struct Returns:
        float raw
        float mean
        float max
        float m2

    cdef struct Place:
        int32_t tree
        uint16_t depth
        uint16_t capacity
        uint16_t held
        uint8_t flags

    cdef struct RuleNode:
        const Slot* children
        const Returns* returns
        const Place* places
        const float* q
        int32_t count
        int32_t parent_started
        int32_t parent_in_flight
        int32_t depth
        float parent_q
        float parent_raw
        float range_squared
        uint8_t skip
        uint8_t random_ties
        uint64_t key
        float best

    ctypedef int32_t (*RuleKernel)(RuleNode*)

    cdef enum class RuleKind(int):
        uct
        ucb1_tuned
        ucb_v
        puct
        gumbel
        thompson
        adaptive_branching
        softmax_mix
        best_first
        custom

    cdef enum class Backup(int):
        mean
        max
        power

    cdef enum class Path(int):
        scalar
        avx2
        avx512

    Path path_in_use()

    cdef struct Settings:
        RuleKind rule
        double constants[4]
        RuleKernel kernel
        bool reads_parent_raw
        string rule_name
        Backup backup
        double power
        bool virtual_loss
        bool skip_exhausted
        bool random_ties
        bool solver
        bool normalise
        bool transpositions
        bool widening
        double widening_c
        double widening_a
        float discount
        float low
        float high
        uint64_t seed
        int64_t capacity
        int threads
        uint32_t salt

    cdef struct LeafRows:
        int64_t* ticket
        int32_t* tree
        int32_t* node
        int32_t* depth
        uint8_t* terminal
        uint8_t* expanded

    cdef struct Expansion:
        int64_t rows
        const int64_t* tickets
        const int32_t* counts
        int64_t stride
        const int64_t* offsets
        const float* priors
        const float* rewards
        const uint8_t* terminal
        const float* urgency
        const uint64_t* hashes

    cdef struct Round:
        const int32_t* trees
        int64_t count
        int64_t leaves
        int64_t width
        LeafRows leaf
        const int32_t* counts
        const float* priors
        const float* rewards
        const uint8_t* ends
        const float* values
        int32_t* children

    cdef struct NodeRecord:
        int32_t node
        int32_t parent
        int32_t depth
        int32_t visits
        int32_t in_flight
        float q
        float prior
        float reward
        float raw
        float mean
        float max
        float m2
        uint8_t flags
        int32_t target
        uint64_t hash

    cdef struct Counters:
        int64_t trees_open
        int64_t tickets_out
        int64_t slots_used
        int64_t slots_capacity
        int64_t bytes

    cdef cppclass Block:
        Block(const string& path, int64_t capacity, bool mapped) except +report_current_error
        int64_t capacity
        int64_t bytes
        Slot* slots
        Returns* returns
        Place* places
        int32_t* slot_of
        const char* base()

    # Owns all of its memory. Locks itself: any thread may call, and need not hold the GIL. Pointers are read or written
    # during the call alone.
    cdef cppclass Forest:
        Forest(const Settings& settings) except +report_current_error
        void new_trees(int64_t count, int32_t* ids) except +report_current_error
        void release(const int32_t* ids, int64_t count) except +report_current_error
        void reroot(int64_t tree, int64_t node) except +report_current_error
        int32_t root(int64_t tree) except +report_current_error
        vector[int32_t] children(int64_t node) except +report_current_error
        void target(const int32_t* nodes, int64_t count, int32_t* targets) except +report_current_error
        vector[NodeRecord] snapshot(int64_t tree) except +report_current_error
        vector[NodeRecord] root_records(int64_t tree) except +report_current_error
        int32_t add_tree(const vector[NodeRecord]& records) except +report_current_error
        int64_t select_batch(
            const int32_t* trees, int64_t count, int64_t leaves, const LeafRows& rows
        ) except +report_current_error
        void reserve_batch(const int32_t* nodes, int64_t count, int64_t* tickets) except +report_current_error
        void expand_batch(const Expansion& expansion, int32_t* nodes) except +report_current_error
        void backup_batch(const int64_t* tickets, const float* values, int64_t count) except +report_current_error
        void cancel_batch(const int64_t* tickets, int64_t count) except +report_current_error
        void exhaust_batch(const int64_t* tickets, int64_t count) except +report_current_error
        int64_t select_round(const Round& round) except +report_current_error
        void expand_round(const Round& round) except +report_current_error
        void backup_round(const Round& round) except +report_current_error
        int64_t step_round(const Round& round) except +report_current_error
        Counters counters() except +report_current_error
        int shards()
        shared_ptr[Block] share(int shard, int64_t& slots_used) except +report_current_error
        string write(const vector[string]& paths, vector[int64_t]& capacities) except +report_current_error
        void restore(const string& tables, const vector[shared_ptr[Block]]& blocks) except +report_current_error

// Many search trees in one arena. The calls are documented in mcts/_core.pyi; here is how they are carried out.
//
// Each call locks the forest, checks every argument, reserves the memory it may need, and only then changes anything:
// what throws, throws before the first change.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "arena.hpp"
#include "rules.hpp"
#include "tickets.hpp"

namespace treewright {

enum class RuleKind : int { uct, puct };

struct Settings {
  RuleKind rule;
  float c;
  bool max_backup;
  bool virtual_loss;
  bool skip_exhausted;
  bool random_ties;
  float discount;
  float low;
  float high;
  uint64_t seed;
  int64_t capacity;
  uint32_t salt;
};

// Where select_batch writes: arrays of (trees * leaves) elements.
struct LeafRows {
  int64_t* ticket;
  int32_t* tree;
  int32_t* node;
  int32_t* depth;
  uint8_t* terminal;
  uint8_t* expanded;
};

// The arguments of expand_batch: `rows` tickets, `children` new nodes in all. `urgency` may be null.
struct Expansion {
  int64_t rows;
  const int64_t* tickets;
  const int32_t* counts;
  int64_t children;
  const float* priors;
  const float* rewards;
  const uint8_t* terminal;
  const float* urgency;
};

// A node as it is shown outside.
struct NodeRecord {
  int32_t node;
  int32_t parent;
  int32_t depth;
  int32_t visits;
  int32_t in_flight;
  float q;
  float prior;
  float reward;
  float raw;
  float mean;
  float max;
  float m2;
  uint8_t flags;
};

struct Counters {
  int64_t trees_open;
  int64_t tickets_out;
  int64_t slots_used;
  int64_t slots_capacity;
  int64_t bytes;
};

class Forest {
 public:
  explicit Forest(const Settings& settings) : settings_(settings), arena_(settings.capacity), tickets_(settings.salt) {}

  void new_trees(int64_t count, int32_t* ids);
  void release(const int32_t* ids, int64_t count);
  int32_t root(int64_t tree);
  std::vector<int32_t> children(int64_t node);
  std::vector<NodeRecord> snapshot(int64_t tree);
  // The root, then its children.
  std::vector<NodeRecord> root_records(int64_t tree);

  // Returns the number of rows written.
  int64_t select_batch(const int32_t* trees, int64_t count, int64_t leaves, const LeafRows& rows);
  void reserve_batch(const int32_t* nodes, int64_t count, int64_t* tickets);
  void expand_batch(const Expansion& expansion, int32_t* nodes);
  void backup_batch(const int64_t* tickets, const float* values, int64_t count);
  void cancel_batch(const int64_t* tickets, int64_t count);
  void exhaust_batch(const int64_t* tickets, int64_t count);

  Counters counters();
  // The columns as they are now; they stay readable for as long as the block is held.
  std::shared_ptr<Block> share(int64_t& slots_used, int64_t& ids_used);

 private:
  struct Tree {
    int32_t root;  // slot; -1 while the tree is closed
    int32_t next_free;
    uint32_t generation;
    int32_t nodes;
    uint64_t descents;
    uint64_t seen;          // number of the last call that named this tree
    int64_t wanted;         // visits that call asks of it
    bool exhausted_nodes;  // whether any node has ever been flagged: until then selection need not look
  };
  // The end of a descent: a slot, or ~slot after a collision, or kNoDescent.
  struct End {
    int32_t slot;
    int32_t depth;
  };
  static constexpr int32_t kNoDescent = INT32_MIN;
  struct Lane;

  bool is_open(int64_t tree) const {
    return tree >= 0 && tree < static_cast<int64_t>(trees_.size()) && trees_[tree].root >= 0;
  }
  int32_t checked_root(int64_t tree) const;
  bool done(const Tree& tree) const;
  void check_room(const std::string& what, const Tree& tree, int64_t visits) const;
  int32_t place(int32_t slot, int32_t tree, int32_t parent, float prior, float reward, float q);
  NodeRecord record(int32_t slot) const;
  void breadth_first(int32_t root);

  void check_select(const int32_t* trees, int64_t count, int64_t leaves);
  void descend_all(const int32_t* trees, int64_t count, int64_t leaves);
  template <class Rule>
  void descend_with(Rule rule, const int32_t* trees, int64_t count, int64_t leaves);
  template <class Rule, bool kVirtualLoss, bool kRandomTies>
  void descend_round(Rule rule, const int32_t* trees, int64_t count, int64_t leaves, int64_t round);
  template <class Rule, bool kVirtualLoss, bool kRandomTies>
  int32_t best_child(Rule rule, const Slot& node, const Lane& lane) const;
  void finish(const Lane& lane, int64_t leaves, int64_t round);
  int64_t write_rows(const int32_t* trees, int64_t count, int64_t leaves, const LeafRows& rows);
  void charge(int32_t slot);
  void uncharge(int32_t slot);
  void settle(int32_t slot);

  int64_t check_parents(const Expansion& expansion);
  void check_children(const Expansion& expansion) const;
  void append(int32_t parent, int64_t from, int64_t to, const Expansion& expansion, int32_t* nodes);
  void back_up(int32_t slot, float value);
  void give_back(const int64_t* tickets, int64_t count, bool exhausted);
  void exhaust(int32_t slot);
  void reopen(int32_t slot);

  const Settings settings_;
  std::mutex mutex_;
  Arena arena_;
  Tickets tickets_;
  std::vector<Tree> trees_;
  int32_t free_tree_ = -1;
  int64_t trees_open_ = 0;
  uint64_t call_ = 0;           // numbers the calls, to see what is named twice in one
  std::vector<End> ends_;       // of the call in progress
  std::vector<int32_t> queue_;  // of the walk in progress: slots in breadth-first order
};

}  // namespace treewright

#include "backup.hpp"
#include "expand.hpp"
#include "select.hpp"
#include "trees.hpp"

// The trees of one thread in one arena. forest.hpp routes the calls here, a row at a time or a list of rows.
//
// Each call checks every argument, reserves the memory it may need, and only then changes anything: what throws, throws
// before the first change. `Shard` checks and changes; it does not lock.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "arena.hpp"
#include "frontier.hpp"
#include "links.hpp"
#include "rules/formulas.hpp"
#include "rules/gumbel.hpp"
#include "rules/sampling.hpp"
#include "settings.hpp"
#include "tickets.hpp"
#include "vector.hpp"

namespace treewright {

// Where selection writes its rows.
struct LeafRows {
  int64_t* ticket;
  int32_t* tree;
  int32_t* node;
  int32_t* depth;
  uint8_t* terminal;
  uint8_t* expanded;
};

// The arguments of expand_batch: `rows` tickets, `children` new nodes in all. Row i's children begin at i * stride, or
// at offsets[i] where the stride is 0. `rewards`, `terminal`, `urgency` and `hashes` may be null.
struct Expansion {
  int64_t rows;
  const int64_t* tickets;
  const int32_t* counts;
  int64_t stride;
  const int64_t* offsets;
  const float* priors;
  const float* rewards;
  const uint8_t* terminal;
  const float* urgency;
  const uint64_t* hashes;
  bool in_range;  // whether priors, rewards and urgency are known to be numbers that are allowed

  // Whether the row asks for an expansion: in a batch, rows may not.
  bool takes(int64_t row) const { return tickets[row] >= 0 && counts[row] >= 0; }
  int64_t begin(int64_t row) const { return stride > 0 ? row * stride : offsets[row]; }
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
  int32_t target;
  uint64_t hash;
};

class Shard {
 public:
  Shard(const Settings& settings, int bits, int32_t index);

  // Trees: `tree` is an id of this shard.
  void reserve_trees(int64_t largest_local, const int64_t* locals, int64_t count);
  void open(int32_t tree);
  bool is_open(int64_t tree) const {
    const int64_t local = tree >> bits_;
    return tree >= 0 && local < static_cast<int64_t>(trees_.size()) && trees_[static_cast<size_t>(local)].root >= 0;
  }
  void prepare_release(const int32_t* trees, int64_t count);
  void release(const int32_t* trees, int64_t count);
  int32_t root(int32_t tree) const { return arena_.at().slots[at(tree).root].node; }
  void prepare_reroot(int32_t tree);
  void reroot(int32_t tree, int32_t node);
  void grow_tree(int32_t tree, const std::vector<NodeRecord>& records);

  bool is_node(int64_t id) const { return arena_.is_node(id); }
  int32_t tree_of(int32_t node) const { return arena_.at().places[arena_.slot_of(node)].tree; }
  // The node itself, or what a link stands for.
  int32_t target(int32_t node) const;
  std::vector<int32_t> children(int32_t node) const;
  std::vector<NodeRecord> snapshot(int32_t tree);
  std::vector<NodeRecord> root_records(int32_t tree) const;

  // Selection: checks for each tree, `reserve_select` and `descend` for a list of them, then `write_row` for each end.
  void check_distinct(int64_t row, int32_t tree, uint32_t call);
  // `own`: visits in flight that will have ended by then.
  void check_tree_has_room(int64_t row, int32_t tree, int64_t leaves, int64_t own) const;
  void reserve_select(int64_t count, int64_t leaves);
  void descend(const int32_t* trees, int64_t count, int64_t leaves);
  void abandon(const int32_t* trees, int64_t count, int64_t leaves);
  bool write_row(int64_t position, int32_t tree, int64_t row, const LeafRows& rows);

  void check_reserve(int64_t row, int32_t node, uint32_t call);
  void reserve_tickets(int64_t count) { tickets_.reserve(count); }
  int64_t reserve(int32_t node);

  void check_ticket(int64_t row, int64_t ticket, uint32_t call) { tickets_.check(row, ticket, call); }
  // Takes one row of an expansion into the plan; `forget_plan` when all rows have been seen or one was refused.
  void plan_row(int64_t row, const Expansion& expansion, uint32_t call);
  void forget_plan(const Expansion& expansion);
  void reserve_plan();
  void expand_row(int64_t row, const Expansion& expansion, int32_t* nodes);
  void backup_row(int64_t ticket, float value);
  void give_back_row(int64_t ticket, bool exhausted);
  int32_t tree_of_ticket(int64_t ticket) const { return tickets_.tree(ticket); }

  void clear_seen();
  int64_t tickets_out() const { return tickets_.out(); }
  const Arena& arena() const { return arena_; }
  int64_t bytes() const;

  template <class Archive>
  void archive(Archive& archive);
  void adopt(std::shared_ptr<Block> block);

 private:
  struct Tree {
    int32_t root;  // slot; -1 while the tree is closed
    uint32_t planned_in;  // number of the call that last planned children here
    Region region;
    int32_t nodes;
    uint64_t descents;
    uint32_t generation;
    uint32_t seen;         // number of the last call that named this tree
    int64_t wanted;        // visits that call asks of it
    float range_low;       // of Q, over the nodes with a completed visit
    float range_high;
    bool exhausted_nodes;  // whether any node has ever been flagged: until then selection need not look
  };
  // The end of a descent: a slot, or ~slot after a collision, or kNoDescent.
  struct End {
    int32_t slot;
    int32_t depth;
  };
  static constexpr int32_t kNoDescent = INT32_MIN;
  struct Lane;

  Tree& at(int32_t tree) { return trees_[static_cast<size_t>(tree >> bits_)]; }
  const Tree& at(int32_t tree) const { return trees_[static_cast<size_t>(tree >> bits_)]; }
  bool done(const Tree& tree) const;
  void check_room(const std::string& what, const Tree& tree, int64_t visits) const;
  int32_t slot_of_ticket(int64_t ticket) const {
    const int32_t hint = tickets_.slot_hint(ticket);
    const int32_t node = tickets_.node(ticket);
    return arena_.at().slots[hint].node == node ? hint : arena_.slot_of(node);
  }
  int32_t place(int32_t slot, int32_t tree, int32_t parent, int depth, float prior, float reward, float q);
  NodeRecord record(int32_t slot) const;
  void breadth_first(int32_t root);
  int32_t target_slot(int32_t link_slot) const { return arena_.slot_of(kLinkBase - arena_.at().slots[link_slot].first); }

  // Paths: from a slot up to the root, through the links of `via` (may be null).
  template <class Visit>
  void climb(int32_t slot, const Via* via, Visit visit) const;
  void charge(int32_t slot, const Via* via);
  void uncharge(int32_t slot, const Via* via);
  void settle(int32_t slot);
  void hold(int32_t slot);
  void let_go(int32_t slot);

  // Selection.
  template <class Rule>
  void descend_with(const Rule& rule, const int32_t* trees, int64_t count, int64_t leaves);
  template <class Rule>
  void descend_round(const Rule& rule, const int32_t* trees, int64_t count, int64_t leaves, int64_t round);
  template <class Rule>
  int32_t decide(const Rule& rule, const Lane& lane, int32_t tree) const;
  NodeView view(const Lane& lane, int32_t tree) const;
  Shown shown(const Tree& tree) const;
  void finish(const Lane& lane, int64_t end, bool stuck);
  void unwind(const Lane& lane);
  [[noreturn]] void refuse_nan(const Lane& lane, int32_t child) const;
  void pick_from_frontiers(const int32_t* trees, int64_t count, int64_t leaves);
  void pick_tree_wide(const int32_t* trees, int64_t count, int64_t leaves);
  int32_t drawn_from_tree(int32_t tree);

  // The frontier of BestFirst.
  // Whether the rule keeps a frontier.
  bool best_first() const { return settings_.rule == RuleKind::best_first; }
  bool is_candidate(int32_t slot) const;
  float own_value(int32_t slot) const;
  Frontier& frontier_of(int32_t tree) { return frontiers_[static_cast<size_t>(tree >> bits_)]; }
  float frontier_score(int32_t slot, int32_t grown) const;
  int32_t grown_children(int32_t parent) const;
  void wait_anew(int32_t slot);
  void rescore(int32_t slot, int32_t grown);
  void rescore(int32_t slot);
  void rescore_children(int32_t parent);
  void rescore_around(int32_t slot, bool first_children);
  void rebuild_frontier(int32_t tree);
  void revive_frontiers();

  // Children.
  void write_children(int32_t begin, int64_t count, const Place& fresh, int32_t parent, float urgency, int64_t from,
                      const Expansion& expansion, int32_t* ids) const;
  void append(int32_t parent, int64_t from, int64_t count, const Expansion& expansion, int32_t* nodes);
  void identify(int32_t slot, int32_t parent, uint64_t hash);
  bool leads_nowhere(int32_t parent, int64_t count) const;
  void note_hash(int32_t slot, uint64_t hash, bool link);
  void make_link(int32_t slot, int32_t target);

  // Statistics.
  void back_up(int32_t slot, float value, const Via* via);
  void back_up_plainly(int32_t slot, float value);
  void back_up_fully(int32_t slot, float value, const Via* via);
  float backed_up_q(int32_t slot) const;
  void set_q(int32_t slot, float q);
  void share(int32_t slot);
  bool has_q(int32_t slot) const;
  void exhaust(int32_t slot);
  void complete(int32_t slot);
  void prove(int32_t slot, float value);
  void settle_above(int32_t slot);
  bool examine(int32_t slot);
  template <class Visit>
  void each_above(int32_t slot, Visit visit);
  void reopen(int32_t slot);
  void reopen_node(int32_t slot);

  // Giving nodes back.
  void forget_node(int32_t slot);
  struct Move;
  uint32_t next_mark();
  bool stays(int32_t node, const Move& move) const;
  int32_t settle_in(int32_t root, Move& move, Region& region);
  void keep_below(int32_t slot, Move& move);
  void follow_links(int32_t root, Move& move);
  void exchange(int32_t link, int32_t target);
  void forget_outside(int32_t old_root, const Move& move);
  int64_t slots_below(int32_t slot);
  void charge_again(int64_t ticket, const Move& move);

  const Settings settings_;
  const int bits_;
  const int32_t index_;
  const bool widens_;
  const bool plain_backup_;
  PickKernel kernel_ = nullptr;  // of PUCT and UCT in their plainest form
  Arena arena_;
  Tickets tickets_;
  Links links_;
  std::vector<Tree> trees_;
  std::vector<Frontier> frontiers_;  // by tree
  std::vector<Waiting> waiting_;     // by node
  std::vector<uint32_t> mark_;       // by node: of the walk that last kept it
  uint32_t last_mark_ = 0;
  int64_t most_children_ = 0;
  int64_t planned_children_ = 0;
  std::vector<int64_t> raised_;       // rows of the plan that count on a node with several tickets
  std::vector<End> ends_;             // of the call in progress
  std::vector<Via> end_vias_;
  Via via_;                           // of the descent in progress
  std::vector<int32_t> queue_;        // of the walk in progress
  std::vector<int32_t> work_;         // nodes whose parents are to be examined
  mutable std::vector<double> scratch_;
};

}  // namespace treewright

#include "shard/backup.hpp"
#include "shard/best_first.hpp"
#include "shard/descend.hpp"
#include "shard/expand.hpp"
#include "shard/paths.hpp"
#include "shard/proofs.hpp"
#include "shard/reroot.hpp"
#include "shard/select.hpp"
#include "shard/trees.hpp"

// Selection and reservation around the descents. Part of shard.hpp.
#pragma once

#include "shard.hpp"

namespace treewright {

inline void Shard::check_distinct(int64_t index, int32_t id, uint32_t call) {
  Tree& tree = at(id);
  if (tree.seen == call) {
    throw ForestError(ErrorKind::invalid_input, row("trees", index, id) + ", given before: expected distinct trees");
  }
  tree.seen = call;
}

inline void Shard::check_tree_has_room(int64_t index, int32_t id, int64_t leaves, int64_t own) const {
  const Tree& tree = at(id);
  const Slot& root = arena_.at().slots[tree.root];
  if (root.in_flight - own + leaves > kMaxInFlight || root.started + leaves > kMaxStarted) {
    if (own > 0 || !done(tree)) check_room(row("trees", index, id), tree, leaves - own);
  }
}

// Whether there is nothing left to select in a tree.
inline bool Shard::done(const Tree& tree) const {
  return settings_.skip_exhausted && tree.exhausted_nodes && (arena_.at().places[tree.root].flags & kExhausted);
}

// A visit is charged along the whole path, so no node holds more than the root, links' targets apart.
inline void Shard::check_room(const std::string& what, const Tree& tree, int64_t visits) const {
  const Slot& root = arena_.at().slots[tree.root];
  if (root.in_flight + visits > kMaxInFlight) {
    throw ForestError(ErrorKind::limit_exceeded, what + ": its root has " + std::to_string(root.in_flight) +
                                                     " visits in flight and cannot take " + std::to_string(visits) +
                                                     " more, the limit is " + std::to_string(kMaxInFlight));
  }
  if (root.started + visits > kMaxStarted) {
    throw ForestError(ErrorKind::limit_exceeded, what + ": its root has " + std::to_string(root.started) +
                                                     " visits, the limit is " + std::to_string(kMaxStarted));
  }
}

inline void Shard::reserve_select(int64_t count, int64_t leaves) {
  const auto ends = static_cast<size_t>(count * leaves);
  tickets_.reserve(count * leaves);
  ends_.assign(ends, End{kNoDescent, 0});
  if (settings_.transpositions) {
    end_vias_.assign(ends, Via());
    via_.reserve(static_cast<size_t>(links_.count()));
  }
  via_.clear();
}

// `leaves` descents in each of the trees; their ends wait in `ends_`, by tree, then by descent. If the rule fails, what
// its own round has charged is taken back; `abandon` takes back the rest.
inline void Shard::descend(const int32_t* trees, int64_t count, int64_t leaves) {
  const double* const k = settings_.constants;
  const auto c = static_cast<float>(k[0]);
  const auto posterior = [&] {
    return Posterior{k[0] == 1.0, k[1], static_cast<double>(settings_.low),
                     static_cast<double>(settings_.high - settings_.low)};
  };
  switch (settings_.rule) {
    case RuleKind::uct:
      return descend_with(Uct{c}, trees, count, leaves);
    case RuleKind::ucb1_tuned:
      return descend_with(Ucb1Tuned{c}, trees, count, leaves);
    case RuleKind::ucb_v:
      return descend_with(UcbV{c, static_cast<float>(k[1])}, trees, count, leaves);
    case RuleKind::puct:
      return descend_with(Puct{c, static_cast<float>(k[1]), static_cast<float>(k[2])}, trees, count, leaves);
    case RuleKind::gumbel:
      return descend_with(Gumbel{static_cast<int64_t>(k[0]), static_cast<int64_t>(k[1]), k[2], k[3]}, trees, count,
                          leaves);
    case RuleKind::thompson:
      return descend_with(Thompson{posterior()}, trees, count, leaves);
    case RuleKind::adaptive_branching:
      return descend_with(AdaptiveBranching{posterior()}, trees, count, leaves);
    case RuleKind::softmax_mix:
      return settings_.tree_wide() ? pick_tree_wide(trees, count, leaves)
                                   : descend_with(SoftmaxMix{k[0], k[1]}, trees, count, leaves);
    case RuleKind::best_first:
      return pick_from_frontiers(trees, count, leaves);
    case RuleKind::custom:
      return descend_with(Custom{settings_.kernel, settings_.reads_parent_raw}, trees, count, leaves);
  }
}

// Takes back all descents whose ends wait.
inline void Shard::abandon(const int32_t* trees, int64_t count, int64_t leaves) {
  for (int64_t i = 0; i < count * leaves; ++i) {
    const End end = ends_[static_cast<size_t>(i)];
    if (end.slot == kNoDescent) continue;
    --at(trees[i / leaves]).descents;
    const int32_t slot = end.slot < 0 ? ~end.slot : end.slot;
    uncharge(slot, end_vias_.empty() ? nullptr : &end_vias_[static_cast<size_t>(i)]);
    if (end.slot >= 0) let_go(slot);
  }
}

// Writes the end at a position to a row, with its ticket; gives it back where it collided. Answers whether it wrote.
inline bool Shard::write_row(int64_t position, int32_t tree, int64_t row, const LeafRows& rows) {
  const End end = ends_[static_cast<size_t>(position)];
  if (end.slot == kNoDescent) return false;
  const Via* const via = end_vias_.empty() ? nullptr : &end_vias_[static_cast<size_t>(position)];
  if (end.slot < 0) {
    uncharge(~end.slot, via);
    return false;
  }
  const Block& b = arena_.at();
  const Slot& node = b.slots[end.slot];
  rows.ticket[row] = tickets_.issue(node.node, end.slot, tree);
  if (via != nullptr && !via->empty()) tickets_.set_via(rows.ticket[row], *via);
  rows.tree[row] = tree;
  rows.node[row] = node.node;
  rows.depth[row] = end.depth;
  rows.terminal[row] = (b.places[end.slot].flags & kTerminal) != 0;
  rows.expanded[row] = node.count > 0;
  return true;
}

inline void Shard::check_reserve(int64_t index, int32_t node, uint32_t call) {
  Tree& tree = at(tree_of(node));
  tree.wanted = tree.seen == call ? tree.wanted + 1 : 1;
  tree.seen = call;
  const Slot& root = arena_.at().slots[tree.root];
  if (root.in_flight + tree.wanted > kMaxInFlight || root.started + tree.wanted > kMaxStarted) {
    check_room(row("nodes", index, node), tree, tree.wanted);
  }
}

inline int64_t Shard::reserve(int32_t node) {
  const int32_t named = arena_.slot_of(node);
  const bool link = arena_.at().places[named].flags & kLink;
  const Via via = link ? Via{node} : Via();
  const int32_t slot = link ? target_slot(named) : named;
  charge(slot, &via);
  hold(slot);
  if (best_first()) rescore(slot);
  const int64_t ticket = tickets_.issue(arena_.at().slots[slot].node, slot, arena_.at().places[slot].tree);
  if (link) tickets_.set_via(ticket, via);
  return ticket;
}

}  // namespace treewright

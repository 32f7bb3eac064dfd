// Selection that looks at all nodes of a tree at once. Part of shard.hpp.
#pragma once

#include "shard.hpp"

namespace treewright {

inline void Shard::pick_from_frontiers(const int32_t* trees, int64_t count, int64_t leaves) {
  for (int64_t i = 0; i < count; ++i) {
    for (int64_t k = 0; k < leaves && !done(at(trees[i])); ++k) {
      const int32_t slot = best_of_frontier(trees[i]);
      if (slot < 0) break;
      ++at(trees[i]).descents;
      charge(slot, nullptr);
      hold(slot);
      join_frontier(slot, false);
      ends_[static_cast<size_t>(i * leaves + k)] = End{slot, arena_.at().places[slot].depth};
    }
  }
}

// Takes the best candidate off the frontier; -1 if there is none. Entries are checked as they come up: one whose node is
// no candidate any more, or was pushed again since, is dropped, one whose score has changed goes back with the new one.
inline int32_t Shard::best_of_frontier(int32_t tree) {
  Frontier& frontier = frontiers_[static_cast<size_t>(tree >> bits_)];
  while (!frontier.empty()) {
    Frontier::Entry entry = frontier.top();
    frontier.pop();
    if (!is_node(entry.node)) continue;
    const int32_t slot = arena_.slot_of(entry.node);
    const auto local = static_cast<size_t>(arena_.local(entry.node));
    if (arena_.at().places[slot].tree != tree || pushed_[local] != entry.push || !is_candidate(slot)) continue;
    const float score = frontier_score(slot);
    if (score == entry.score) return slot;
    entry.score = score;
    frontier.push(entry);
  }
  return -1;
}

inline bool Shard::is_candidate(int32_t slot) const {
  const Block& b = arena_.at();
  const Slot& node = b.slots[slot];
  const Place& place = b.places[slot];
  if (place.flags & (kExhausted | kComplete | kLink)) return false;
  if ((place.flags & kTerminal) && node.visits() > 0) return false;
  if (node.count == 0) return place.held == 0;
  return static_cast<double>(node.count + place.held) < settings_.constants[3];
}

// The value last given at a node itself, or its Q if none was.
inline float Shard::own_value(int32_t slot) const {
  const Block& b = arena_.at();
  const bool given = b.slots[slot].visits() > 0 && !std::isnan(b.returns[slot].raw);
  return given ? b.returns[slot].raw : b.slots[slot].q;
}

inline float Shard::frontier_score(int32_t slot) const {
  const Block& b = arena_.at();
  const Slot& node = b.slots[slot];
  const double* const k = settings_.constants;
  float score = own_value(slot);
  score = score + static_cast<float>(k[0]) * static_cast<float>(b.places[slot].depth);
  int32_t grown = 0;
  if (k[1] != 0.0 && node.parent != kNoParent) {
    const Slot& parent = b.slots[node.parent];
    for (int32_t i = 0; i < parent.count; ++i) grown += parent.first + i != slot && b.slots[parent.first + i].count > 0;
  }
  score = score + static_cast<float>(k[1]) * static_cast<float>(grown);
  const int32_t alike = alike_[static_cast<size_t>(arena_.local(node.node))];
  return score + static_cast<float>(k[2]) * static_cast<float>(alike);
}

// Lets a node wait on the frontier if it is a candidate; `anew` behind all that wait already.
inline void Shard::join_frontier(int32_t slot, bool anew) {
  const Block& b = arena_.at();
  const int32_t node = b.slots[slot].node;
  Frontier& frontier = frontiers_[static_cast<size_t>(b.places[slot].tree >> bits_)];
  uint64_t& push = pushed_[static_cast<size_t>(arena_.local(node))];
  if (anew) push = frontier.next_push();
  if (is_candidate(slot)) frontier.push(Frontier::Entry{frontier_score(slot), push, node});
}

// The siblings of a node that has just got its first children score higher, if siblings count in favour.
inline void Shard::refresh_siblings(int32_t slot) {
  const Block& b = arena_.at();
  const int32_t parent = b.slots[slot].parent;
  if (settings_.constants[1] <= 0.0 || parent == kNoParent) return;
  for (int32_t i = 0; i < b.slots[parent].count; ++i) {
    const int32_t sibling = b.slots[parent].first + i;
    if (sibling != slot) join_frontier(sibling, false);
  }
}

// Nodes that have children and may get more show their Q, which a backup below has changed.
inline void Shard::refresh_above(int32_t slot) {
  const Block& b = arena_.at();
  if (!widens_) return;
  for (slot = b.slots[slot].parent; slot != kNoParent; slot = b.slots[slot].parent) join_frontier(slot, false);
}

inline void Shard::rebuild_frontier(int32_t tree) {
  Frontier& frontier = frontiers_[static_cast<size_t>(tree >> bits_)];
  frontier.clear_entries();
  breadth_first(at(tree).root);
  for (const int32_t slot : queue_) join_frontier(slot, false);
}

inline void Shard::pick_tree_wide(const int32_t* trees, int64_t count, int64_t leaves) {
  for (int64_t i = 0; i < count; ++i) {
    for (int64_t k = 0; k < leaves && !done(at(trees[i])); ++k) {
      const int32_t slot = drawn_from_tree(trees[i]);
      ++at(trees[i]).descents;
      if (slot < 0) continue;
      charge(slot, nullptr);
      hold(slot);
      ends_[static_cast<size_t>(i * leaves + k)] = End{slot, arena_.at().places[slot].depth};
    }
  }
}

// A node of the tree, drawn by SoftmaxMix from all that may be expanded; -1 if there is none.
inline int32_t Shard::drawn_from_tree(int32_t id) {
  const Block& b = arena_.at();
  const Tree& tree = at(id);
  queue_.reserve(static_cast<size_t>(tree.nodes));
  breadth_first(tree.root);
  if (scratch_.size() < queue_.size()) scratch_.resize(2 * queue_.size());
  int64_t candidates = 0;
  for (const int32_t slot : queue_) {
    const Slot& node = b.slots[slot];
    if (b.places[slot].flags & (kTerminal | kExhausted | kLink | kComplete)) continue;
    if (node.count == 0 && b.places[slot].held > 0) continue;
    scratch_[static_cast<size_t>(candidates)] = static_cast<double>(own_value(slot));
    queue_[static_cast<size_t>(candidates++)] = slot;
  }
  if (candidates == 0) return -1;
  const uint64_t key = descent_key(settings_.seed, static_cast<uint32_t>(id), tree.generation, tree.descents);
  const double u = Stream(splitmix64(splitmix64(key ^ 0) ^ kNodeStream)).next();
  const SoftmaxMix mix{settings_.constants[0], settings_.constants[1]};
  return queue_[static_cast<size_t>(mix.draw(scratch_.data(), candidates, u))];
}

}  // namespace treewright

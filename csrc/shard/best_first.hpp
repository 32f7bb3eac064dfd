// Selection that looks at all nodes of a tree at once. Part of shard.hpp.
#pragma once

#include "shard.hpp"

namespace treewright {

inline void Shard::pick_from_frontiers(const int32_t* trees, int64_t count, int64_t leaves) {
  for (int64_t i = 0; i < count; ++i) {
    const Frontier& frontier = frontier_of(trees[i]);
    for (int64_t k = 0; k < leaves && !done(at(trees[i])) && frontier.best() >= 0; ++k) {
      const int32_t slot = arena_.at().slot_of[frontier.best()];
      ++at(trees[i]).descents;
      charge(slot, nullptr);
      hold(slot);
      rescore(slot);
      ends_[static_cast<size_t>(i * leaves + k)] = End{slot, arena_.at().places[slot].depth};
    }
  }
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

// The score of a node `grown` of whose siblings have children.
inline float Shard::frontier_score(int32_t slot, int32_t grown) const {
  const Block& b = arena_.at();
  const double* const k = settings_.constants;
  float score = own_value(slot);
  score = score + static_cast<float>(k[0]) * static_cast<float>(b.places[slot].depth);
  score = score + static_cast<float>(k[1]) * static_cast<float>(grown);
  const int32_t alike = waiting_[static_cast<size_t>(arena_.local(b.slots[slot].node))].alike;
  return score + static_cast<float>(k[2]) * static_cast<float>(alike);
}

// How many children of a node have children, where the rule asks.
inline int32_t Shard::grown_children(int32_t parent) const {
  if (settings_.constants[1] == 0.0 || parent == kNoParent) return 0;
  const Block& b = arena_.at();
  const Slot& node = b.slots[parent];
  int32_t grown = 0;
  for (int32_t i = 0; i < node.count; ++i) grown += b.slots[node.first + i].count > 0;
  return grown;
}

// Lets a new node wait behind all others of its tree, or one on which a ticket has been consumed.
inline void Shard::wait_anew(int32_t slot) {
  const Block& b = arena_.at();
  waiting_[static_cast<size_t>(arena_.local(b.slots[slot].node))].push = frontier_of(b.places[slot].tree).next_push();
}

// Gives a node the place on the frontier that its fields of now ask for, or none.
inline void Shard::rescore(int32_t slot, int32_t grown) {
  const Block& b = arena_.at();
  const auto local = static_cast<int32_t>(arena_.local(b.slots[slot].node));
  Frontier& frontier = frontier_of(b.places[slot].tree);
  if (is_candidate(slot)) {
    frontier.set(local, frontier_score(slot, grown), waiting_);
  } else {
    frontier.drop(local, waiting_);
  }
}

inline void Shard::rescore(int32_t slot) {
  const Slot& node = arena_.at().slots[slot];
  const int32_t siblings = grown_children(node.parent);
  rescore(slot, siblings > 0 && node.count > 0 ? siblings - 1 : siblings);
}

inline void Shard::rescore_children(int32_t parent) {
  const Block& b = arena_.at();
  const int32_t grown = grown_children(parent);
  for (int32_t i = 0; i < b.slots[parent].count; ++i) {
    const int32_t child = b.slots[parent].first + i;
    rescore(child, grown > 0 && b.slots[child].count > 0 ? grown - 1 : grown);
  }
}

// The one place where the frontier learns of a change. Whatever a call does to the node of a ticket, it changes scores
// there, above (Q and flags, through links too; only nodes that may get further children wait there) and, by its first
// children, beside it.
inline void Shard::rescore_around(int32_t slot, bool first_children) {
  if (widens_) {
    each_above(slot, [this](int32_t node) { rescore(node); });
  } else {
    rescore(slot);
  }
  const int32_t parent = arena_.at().slots[slot].parent;
  if (first_children && parent != kNoParent && settings_.constants[1] != 0.0) rescore_children(parent);
}

inline void Shard::rebuild_frontier(int32_t tree) {
  const Block& b = arena_.at();
  frontier_of(tree).clear();
  breadth_first(at(tree).root);
  for (const int32_t slot : queue_) waiting_[static_cast<size_t>(arena_.local(b.slots[slot].node))].at = -1;
  rescore(at(tree).root);
  for (const int32_t slot : queue_) rescore_children(slot);
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

// What is left to visit, and what is known exactly. Part of shard.hpp.
#pragma once

#include <unordered_set>

#include "shard.hpp"

namespace treewright {

// Flags a node below which nothing is left to visit, and each node above of which that has become true.
inline void Shard::exhaust(int32_t slot) {
  const Block& b = arena_.at();
  at(b.places[slot].tree).exhausted_nodes = true;
  b.places[slot].flags |= kExhausted;
  if (links_.any()) share(slot);
  settle_above(slot);
}

// No further child will be made.
inline void Shard::complete(int32_t slot) {
  const Block& b = arena_.at();
  b.places[slot].flags |= kComplete;
  if (b.slots[slot].count == 0) {
    exhaust(slot);
  } else if (examine(slot)) {
    settle_above(slot);
  }
}

// The value of what follows an end is exact: so is the Q of the end.
inline void Shard::prove(int32_t slot, float value) {
  const Block& b = arena_.at();
  if (b.places[slot].flags & kProven) return;
  b.places[slot].flags |= kProven | kExhausted;
  set_q(slot, b.slots[slot].reward + settings_.discount * value);
}

// Re-examines each node above one whose flags or proven Q have changed, through all links to it.
inline void Shard::settle_above(int32_t slot) {
  const Block& b = arena_.at();
  const auto parents = [&](int32_t node) {
    work_.push_back(b.slots[node].parent);
    const std::vector<int32_t>* const links = links_.to(b.slots[node].node);
    if (links == nullptr) return;
    for (const int32_t link : *links) work_.push_back(b.slots[arena_.slot_of(link)].parent);
  };
  if (!links_.any()) {
    for (slot = b.slots[slot].parent; slot != kNoParent && examine(slot);) slot = b.slots[slot].parent;
    return;
  }
  work_.clear();
  parents(slot);
  while (!work_.empty()) {
    const int32_t next = work_.back();
    work_.pop_back();
    if (next != kNoParent && examine(next)) parents(next);
  }
}

// Sets what is known of a node with children from what is known of them; whether that changed anything. With a solver, a
// child proven to reach the top of the value range proves its parent (after Winands, Bjornsson & Saito 2008).
inline bool Shard::examine(int32_t slot) {
  const Block& b = arena_.at();
  const Slot& node = b.slots[slot];
  Place& place = b.places[slot];
  bool exhausted = !widens_ || (place.flags & kComplete);
  bool proven = settings_.solver && node.count > 0;
  bool won = false;
  float best = -std::numeric_limits<float>::infinity();
  for (int32_t i = 0; i < node.count; ++i) {
    const uint8_t flags = b.places[node.first + i].flags;
    if (!(flags & kExhausted)) exhausted = false;
    if (!(flags & kProven)) {
      proven = false;
    } else {
      best = std::max(best, b.slots[node.first + i].q);
      won = won || (settings_.solver && best >= settings_.high);
    }
    if (!exhausted && !settings_.solver) return false;
  }
  if (!won && !exhausted) return false;
  const uint8_t flags =
      static_cast<uint8_t>(place.flags | kExhausted | (won || (exhausted && proven) ? kProven : uint8_t{0}));
  const float q = flags & kProven ? node.reward + settings_.discount * best : node.q;
  if (flags == place.flags && q == node.q) return false;
  place.flags = flags;
  at(place.tree).exhausted_nodes = true;
  if (flags & kProven) {
    set_q(slot, q);
  } else if (links_.any()) {
    share(slot);
  }
  return true;
}

// A node with new children has something left to visit, and so has each above it; what was proven is open again.
inline void Shard::reopen(int32_t slot) {
  const Block& b = arena_.at();
  const bool flagged = at(b.places[slot].tree).exhausted_nodes;
  b.places[slot].flags &= static_cast<uint8_t>(~kComplete);
  if (!flagged) return;
  each_above(slot, [this](int32_t node) {
    reopen_node(node);
    if (links_.any()) share(node);
  });
}

// Visits a slot and all above it, through all links to them, each once.
template <class Visit>
void Shard::each_above(int32_t slot, Visit visit) {
  const Block& b = arena_.at();
  if (!links_.any()) {
    for (; slot != kNoParent; slot = b.slots[slot].parent) visit(slot);
    return;
  }
  std::unordered_set<int32_t> seen;
  work_.clear();
  work_.push_back(slot);
  while (!work_.empty()) {
    const int32_t next = work_.back();
    work_.pop_back();
    if (next == kNoParent || !seen.insert(next).second) continue;
    visit(next);
    work_.push_back(b.slots[next].parent);
    const std::vector<int32_t>* const links = links_.to(b.slots[next].node);
    if (links == nullptr) continue;
    for (const int32_t link : *links) work_.push_back(b.slots[arena_.slot_of(link)].parent);
  }
}

inline void Shard::reopen_node(int32_t slot) {
  const Block& b = arena_.at();
  uint8_t& flags = b.places[slot].flags;
  const bool proven = flags & kProven;
  flags &= static_cast<uint8_t>(~(kExhausted | kProven));
  if (proven && b.slots[slot].visits() > 0) b.slots[slot].q = backed_up_q(slot);
}

}  // namespace treewright

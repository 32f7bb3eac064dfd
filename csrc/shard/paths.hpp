// Charging visits along a path, and giving them back. Part of shard.hpp.
#pragma once

#include "shard.hpp"

namespace treewright {

// Visits the slot, then each above it: `visit(slot, is_link)`. Where the path came through a link, the link is visited
// right after its target, and its parent is next.
template <class Visit>
void Shard::climb(int32_t slot, const Via* via, Visit visit) const {
  const Slot* const slots = arena_.at().slots;
  size_t left = via == nullptr ? 0 : via->size();
  int32_t link = left == 0 ? kNoParent : arena_.slot_of((*via)[left - 1]);
  int32_t through = left == 0 ? kNoParent : target_slot(link);
  while (slot != kNoParent) {
    visit(slot, false);
    if (slot == through) {
      visit(link, true);
      slot = slots[link].parent;
      --left;
      link = left == 0 ? kNoParent : arena_.slot_of((*via)[left - 1]);
      through = left == 0 ? kNoParent : target_slot(link);
    } else {
      slot = slots[slot].parent;
    }
  }
}

// Adds a visit in flight to a node and all above it.
inline void Shard::charge(int32_t slot, const Via* via) {
  Slot* const slots = arena_.at().slots;
  climb(slot, via, [slots](int32_t at, bool) {
    ++slots[at].started;
    ++slots[at].in_flight;
  });
}

inline void Shard::uncharge(int32_t slot, const Via* via) {
  Slot* const slots = arena_.at().slots;
  climb(slot, via, [slots](int32_t at, bool) {
    --slots[at].started;
    --slots[at].in_flight;
  });
}

// One more ticket is out on the node.
inline void Shard::hold(int32_t slot) {
  ++arena_.at().places[slot].held;
  settle(slot);
}

inline void Shard::let_go(int32_t slot) {
  --arena_.at().places[slot].held;
  settle(slot);
}

// A childless node is pending exactly while a ticket is out on it.
inline void Shard::settle(int32_t slot) {
  Slot& node = arena_.at().slots[slot];
  if (node.first < 0) node.first = arena_.at().places[slot].held > 0 ? kPending : kLeaf;
}

}  // namespace treewright

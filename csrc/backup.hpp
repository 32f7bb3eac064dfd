// What an evaluation changes: returns along the path, and what is left to visit. Part of forest.hpp.
#pragma once

#include "forest.hpp"

namespace treewright {

inline void Forest::backup_batch(const int64_t* tickets, const float* values, int64_t count) {
  std::lock_guard<std::mutex> lock(mutex_);
  ++call_;
  for (int64_t i = 0; i < count; ++i) tickets_.check(i, tickets[i], call_);
  for (int64_t i = 0; i < count; ++i) check_magnitude("values", i, values[i], settings_.low, settings_.high);
  const Block& b = arena_.at();
  for (int64_t i = 0; i < count; ++i) {
    const int32_t slot = b.slot_of[tickets_.node(tickets[i])];
    tickets_.consume(tickets[i]);
    back_up(slot, values[i]);
    settle(slot);
    if (b.places[slot].flags & kTerminal) exhaust(slot);
  }
}

// At the node and then each above it: g = reward + discount * g, one more completed visit, and g joins the statistics
// (mean and second moment as in Welford 1962).
inline void Forest::back_up(int32_t slot, float value) {
  const Block& b = arena_.at();
  const int32_t own = slot;
  float g = value;
  for (; slot != kNoParent; slot = b.slots[slot].parent) {
    Slot& node = b.slots[slot];
    Returns& returns = b.returns[slot];
    g = node.reward + settings_.discount * g;
    --node.in_flight;
    const int32_t visits = node.visits();
    if (visits == 1) {
      returns = Returns{std::numeric_limits<float>::quiet_NaN(), g, g, 0.0f};
      node.q = g;
      continue;
    }
    const float delta = g - returns.mean;
    returns.mean += delta / static_cast<float>(visits);
    returns.m2 += delta * (g - returns.mean);
    returns.max = g > returns.max ? g : returns.max;
    node.q = settings_.max_backup ? returns.max : returns.mean;
  }
  b.returns[own].raw = value;
}

inline void Forest::cancel_batch(const int64_t* tickets, int64_t count) { give_back(tickets, count, false); }

inline void Forest::exhaust_batch(const int64_t* tickets, int64_t count) { give_back(tickets, count, true); }

inline void Forest::give_back(const int64_t* tickets, int64_t count, bool exhausted) {
  std::lock_guard<std::mutex> lock(mutex_);
  ++call_;
  for (int64_t i = 0; i < count; ++i) tickets_.check(i, tickets[i], call_);
  const Block& b = arena_.at();
  for (int64_t i = 0; i < count; ++i) {
    const int32_t slot = b.slot_of[tickets_.node(tickets[i])];
    tickets_.consume(tickets[i]);
    uncharge(slot);
    settle(slot);
    if (exhausted) exhaust(slot);
  }
}

// Flags a node below which nothing is left to visit, and each node above of which that has become true.
inline void Forest::exhaust(int32_t slot) {
  const Block& b = arena_.at();
  trees_[b.places[slot].tree].exhausted_nodes = true;
  for (; slot != kNoParent; slot = b.slots[slot].parent) {
    const Slot& node = b.slots[slot];
    for (int32_t i = 0; i < node.count; ++i) {
      if (!(b.places[node.first + i].flags & kExhausted)) return;
    }
    b.places[slot].flags |= kExhausted;
  }
}

// A node with new children has something left to visit, and so has each above it.
inline void Forest::reopen(int32_t slot) {
  const Block& b = arena_.at();
  if (!trees_[b.places[slot].tree].exhausted_nodes) return;
  for (; slot != kNoParent; slot = b.slots[slot].parent) b.places[slot].flags &= static_cast<uint8_t>(~kExhausted);
}

}  // namespace treewright

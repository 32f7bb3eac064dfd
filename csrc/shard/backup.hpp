// What an evaluation changes: returns along the path. Part of shard.hpp.
#pragma once

#include "shard.hpp"

namespace treewright {

inline void Shard::backup_row(int64_t ticket, float value) {
  const Block& b = arena_.at();
  const int32_t slot = slot_of_ticket(ticket);
  const Via* const via = tickets_.via(ticket);
  if (via != nullptr) {
    const Via kept = *via;
    back_up(slot, value, &kept);
  } else {
    back_up(slot, value, nullptr);
  }
  tickets_.consume(ticket);
  let_go(slot);
  if (b.places[slot].flags & kTerminal) {
    if (settings_.solver) prove(slot, value);
    exhaust(slot);
  }
  if (best_first()) {
    wait_anew(slot);
    rescore_around(slot, false);
  }
}

inline void Shard::give_back_row(int64_t ticket, bool exhausted) {
  const int32_t slot = slot_of_ticket(ticket);
  uncharge(slot, tickets_.via(ticket));
  tickets_.consume(ticket);
  let_go(slot);
  if (exhausted) complete(slot);
  if (best_first()) {
    wait_anew(slot);
    rescore_around(slot, false);
  }
}

// At the node and then each above it: g = reward + discount * g, one more completed visit, and g joins the statistics
// (mean and second moment as in Welford 1962).
inline void Shard::back_up(int32_t slot, float value, const Via* via) {
  if (plain_backup_) {
    back_up_plainly(slot, value);
  } else {
    back_up_fully(slot, value, via);
  }
}

inline void Shard::back_up_plainly(int32_t slot, float value) {
  const Block& b = arena_.at();
  const bool take_max = settings_.backup == Backup::max;
  const int32_t own = slot;
  float g = value;
  // Without links depth is the number of steps, known before the first of them.
  for (int32_t left = b.places[slot].depth; left >= 0; --left, slot = b.slots[slot].parent) {
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
    node.q = take_max ? returns.max : returns.mean;
  }
  b.returns[own].raw = value;
}

// The same with everything that may hang on a node: links, power means, proofs, the tree's range.
inline void Shard::back_up_fully(int32_t own, float value, const Via* via) {
  const Block& b = arena_.at();
  float below = value;
  float g = value;
  climb(own, via, [&](int32_t slot, bool link) {
    Slot& node = b.slots[slot];
    Returns& returns = b.returns[slot];
    if (!link) below = settings_.discount * g;
    g = node.reward + below;
    --node.in_flight;
    const int32_t visits = node.visits();
    if (visits == 1) {
      returns = Returns{std::numeric_limits<float>::quiet_NaN(), g, g, 0.0f};
    } else {
      const float delta = g - returns.mean;
      returns.mean += delta / static_cast<float>(visits);
      returns.m2 += delta * (g - returns.mean);
      returns.max = g > returns.max ? g : returns.max;
    }
    if (slot == own && !link) returns.raw = value;
    if (!link && !(b.places[slot].flags & kProven)) set_q(slot, backed_up_q(slot));
  });
}

// Q as the backup rule makes it from the statistics of a node with a completed visit.
inline float Shard::backed_up_q(int32_t slot) const {
  const Block& b = arena_.at();
  const Slot& node = b.slots[slot];
  const Returns& returns = b.returns[slot];
  if (settings_.backup == Backup::mean) return returns.mean;
  if (settings_.backup == Backup::max) return returns.max;
  // The terms are taken twice: heights are measured by the highest, so that no power overflows or vanishes.
  const auto low = static_cast<double>(settings_.low);
  const auto height = [&](float q) { return std::max(static_cast<double>(q) - low, 0.0); };
  int64_t of_children = 0;
  for (int32_t i = 0; i < node.count; ++i) of_children += b.slots[node.first + i].visits();
  const int64_t own = std::isnan(returns.raw) ? 0 : node.visits() - of_children;
  double top = own > 0 ? height(returns.raw) : 0.0;
  for (int32_t i = 0; i < node.count; ++i) {
    const Slot& child = b.slots[node.first + i];
    if (child.visits() > 0) top = std::max(top, height(child.q));
  }
  if (own <= 0 && top == 0.0 && of_children == 0) return returns.mean;
  double total = 0.0;
  double powers = 0.0;
  const auto add = [&](int64_t weight, float q) {
    total += static_cast<double>(weight);
    powers += static_cast<double>(weight) * std::pow(height(q) / top, settings_.power);
  };
  double value = low;
  if (top > 0.0) {
    if (own > 0) add(own, returns.raw);
    for (int32_t i = 0; i < node.count; ++i) {
      const Slot& child = b.slots[node.first + i];
      if (child.visits() > 0) add(child.visits(), child.q);
    }
    value = low + top * std::pow(powers / total, 1.0 / settings_.power);
  }
  return node.reward + settings_.discount * static_cast<float>(value);
}

inline void Shard::set_q(int32_t slot, float q) {
  const Block& b = arena_.at();
  b.slots[slot].q = q;
  if (settings_.normalise) {
    Tree& tree = at(b.places[slot].tree);
    tree.range_low = q < tree.range_low ? q : tree.range_low;
    tree.range_high = q > tree.range_high ? q : tree.range_high;
  }
  if (links_.any()) share(slot);
}

// Whether Q is more than a first guess.
inline bool Shard::has_q(int32_t slot) const {
  const Block& b = arena_.at();
  return b.slots[slot].visits() > 0 || (b.places[slot].flags & kProven);
}

// Shows the links to a node its Q and how far its search has come.
inline void Shard::share(int32_t slot) {
  const Block& b = arena_.at();
  const std::vector<int32_t>* const links = links_.to(b.slots[slot].node);
  if (links == nullptr) return;
  const uint8_t flags = b.places[slot].flags & (kTerminal | kExhausted | kProven);
  for (const int32_t id : *links) {
    const int32_t link = arena_.slot_of(id);
    b.places[link].flags = static_cast<uint8_t>(kLink | flags);
    if (has_q(slot)) {
      b.slots[link].q = b.slots[link].reward + (b.slots[slot].q - b.slots[slot].reward);
    }
  }
}

}  // namespace treewright

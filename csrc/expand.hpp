// New children. Part of forest.hpp.
#pragma once

#include "forest.hpp"

namespace treewright {

inline void Forest::expand_batch(const Expansion& expansion, int32_t* nodes) {
  std::lock_guard<std::mutex> lock(mutex_);
  const int64_t slots = check_parents(expansion);
  check_children(expansion);
  arena_.reserve(slots);
  int64_t next = 0;
  for (int64_t i = 0; i < expansion.rows; ++i) {
    const int32_t parent = arena_.at().slot_of[tickets_.node(expansion.tickets[i])];
    const int64_t end = next + expansion.counts[i];
    if (end > next) {
      append(parent, next, end, expansion, nodes);
      reopen(parent);
    } else if (arena_.at().slots[parent].count == 0) {
      exhaust(parent);
    }
    next = end;
  }
}

// Checks tickets and counts; returns the slots that the expansion may take at most. Counts of children are raised while
// the rows are read, so that several rows of one node add up, and put back at the end, whatever that is.
inline int64_t Forest::check_parents(const Expansion& expansion) {
  for (int64_t i = 0; i < expansion.rows; ++i) {
    if (expansion.counts[i] < 0) {
      throw ForestError(ErrorKind::invalid_input, row("counts", i, expansion.counts[i]) + ": expected at least 0");
    }
  }
  ++call_;
  for (int64_t i = 0; i < expansion.rows; ++i) tickets_.check(i, expansion.tickets[i], call_);
  const Block& b = arena_.at();
  struct Raised {
    const Block& b;
    const Tickets& tickets;
    const Expansion& expansion;
    int64_t rows = 0;
    ~Raised() {
      for (int64_t i = 0; i < rows; ++i) {
        Slot& slot = b.slots[b.slot_of[tickets.node(expansion.tickets[i])]];
        slot.count = static_cast<uint16_t>(slot.count - expansion.counts[i]);
      }
    }
  } raised{b, tickets_, expansion};
  int64_t slots = 0;
  for (int64_t i = 0; i < expansion.rows; ++i) {
    const int32_t node = tickets_.node(expansion.tickets[i]);
    const int32_t at = b.slot_of[node];
    const int64_t given = expansion.counts[i];
    const int64_t children = b.slots[at].count + given;
    if (b.places[at].flags & kTerminal) {
      throw ForestError(ErrorKind::terminal_node, row("tickets", i, expansion.tickets[i]) + " of node " +
                                                      std::to_string(node) +
                                                      ", which is terminal: it cannot have children");
    }
    if (children > kMaxChildren) {
      throw ForestError(ErrorKind::limit_exceeded, row("counts", i, given) + ": node " + std::to_string(node) +
                                                       " would have " + std::to_string(children) +
                                                       " children, the limit is " + std::to_string(kMaxChildren));
    }
    if (given > 0 && b.places[at].depth == kMaxDepth) {
      throw ForestError(ErrorKind::limit_exceeded, row("tickets", i, expansion.tickets[i]) + " of node " +
                                                       std::to_string(node) + " at depth " +
                                                       std::to_string(kMaxDepth) + ", the limit");
    }
    b.slots[at].count = static_cast<uint16_t>(children);
    raised.rows = i + 1;
    if (children > b.places[at].capacity) slots += Arena::group_slots(children);
  }
  return slots;
}

inline void Forest::check_children(const Expansion& expansion) const {
  for (int64_t i = 0; i < expansion.children; ++i) {
    check_magnitude("priors", i, expansion.priors[i], 0.0f, kMaxMagnitude);
    check_magnitude("rewards", i, expansion.rewards[i], -kMaxMagnitude, kMaxMagnitude);
    if (expansion.urgency) check_magnitude("urgency", i, expansion.urgency[i], settings_.low, settings_.high);
  }
}

// Appends children `from`..`to` of the expansion; room has been reserved.
inline void Forest::append(int32_t parent, int64_t from, int64_t to, const Expansion& expansion, int32_t* nodes) {
  const Block& b = arena_.at();
  Slot& node = b.slots[parent];
  const int64_t children = node.count + (to - from);
  if (children > b.places[parent].capacity) {
    if (node.count == 0) {
      node.first = arena_.take_group(children);
    } else {
      arena_.move_children(parent, children);
    }
    b.places[parent].capacity = static_cast<uint16_t>(std::min(kMaxChildren, Arena::group_slots(children)));
  }
  const float urgency = node.visits() > 0 ? node.q : 0.5f * (settings_.low + settings_.high);
  for (int64_t i = from; i < to; ++i) {
    const int32_t slot = node.first + node.count++;
    const float q = expansion.urgency ? expansion.urgency[i] : urgency;
    nodes[i] = place(slot, b.places[parent].tree, parent, expansion.priors[i], expansion.rewards[i], q);
    if (expansion.terminal[i]) b.places[slot].flags = kTerminal;
  }
}

}  // namespace treewright

// New children. Part of shard.hpp.
#pragma once

#include "shard.hpp"

namespace treewright {

// Checks a row and adds what it needs to the plan. Where several tickets are out on a node, its count of children is
// raised while the rows are read, so that several rows of one node add up.
inline void Shard::plan_row(int64_t index, const Expansion& expansion, uint32_t call) {
  const Block& b = arena_.at();
  const int32_t at = slot_of_ticket(expansion.tickets[index]);
  const int64_t given = expansion.counts[index];
  Slot& node = b.slots[at];
  const Place& place = b.places[at];
  const int64_t children = node.count + given;
  const auto what = [&] { return row("tickets", index, expansion.tickets[index]) + " of node " + std::to_string(node.node); };
  if (place.flags & kTerminal) {
    throw ForestError(ErrorKind::terminal_node, what() + ", which is terminal: it cannot have children");
  }
  if (children > kMaxChildren) {
    throw ForestError(ErrorKind::limit_exceeded, row("counts", index, given) + ": node " + std::to_string(node.node) +
                                                     " would have " + std::to_string(children) +
                                                     " children, the limit is " + std::to_string(kMaxChildren));
  }
  if (given > 0 && place.depth == kMaxDepth) {
    throw ForestError(ErrorKind::limit_exceeded, what() + " at depth " + std::to_string(kMaxDepth) + ", the limit");
  }
  const bool grows = children > place.capacity;
  const bool moves = grows && node.count > 0;
  Tree& tree = trees_[static_cast<size_t>(place.tree >> bits_)];
  planned_children_ += given;
  if (children > most_children_) most_children_ = children;
  if (place.held > 1 && given > 0) {
    raised_.push_back(index);
    node.count = static_cast<uint16_t>(children);
  }
  if (!expansion.in_range) {
    const int64_t begin = expansion.begin(index);
    check_magnitudes("priors", begin, given, expansion.priors, 0.0f, kMaxMagnitude);
    check_magnitudes("rewards", begin, given, expansion.rewards, -kMaxMagnitude, kMaxMagnitude);
    check_magnitudes("urgency", begin, given, expansion.urgency, settings_.low, settings_.high);
  }
  if (!grows) return;
  tree.region.planned = (tree.planned_in == call ? tree.region.planned : 0) + Arena::group_slots(children);
  tree.planned_in = call;
  if (moves) arena_.ensure_heads(tree.region);
  arena_.ensure(tree.region, tree.region.planned);
}

// Ends the plan's reading of rows: counts of children are what they were.
inline void Shard::forget_plan(const Expansion& expansion) {
  for (const int64_t index : raised_) {
    Slot& slot = arena_.at().slots[slot_of_ticket(expansion.tickets[index])];
    slot.count = static_cast<uint16_t>(slot.count - expansion.counts[index]);
  }
  raised_.clear();
}

// Makes room for what was planned, and begins a new plan.
inline void Shard::reserve_plan() {
  const int64_t children = planned_children_;
  planned_children_ = 0;
  const auto scratch = static_cast<size_t>(2 * most_children_ + 2);
  if (scratch_.size() < scratch) scratch_.resize(2 * scratch);
  if (!settings_.transpositions && !best_first()) return;
  const auto ids = static_cast<size_t>(arena_.at().capacity);
  links_.reserve(static_cast<int64_t>(ids));
  work_.reserve(static_cast<size_t>(4 * (links_.count() + children) + 16));
  if (!best_first()) return;
  if (waiting_.size() < ids) waiting_.resize(ids);
}

inline void Shard::expand_row(int64_t index, const Expansion& expansion, int32_t* nodes) {
  const int32_t parent = slot_of_ticket(expansion.tickets[index]);
  const int64_t count = expansion.counts[index];
  if (count > 0) {
    const bool first = arena_.at().slots[parent].count == 0;
    append(parent, expansion.begin(index), count, expansion, nodes);
    reopen(parent);
    if (links_.any() && leads_nowhere(parent, count) && examine(parent)) settle_above(parent);
    if (best_first()) {
      rescore_children(parent);
      rescore_around(parent, first);
    }
    return;
  }
  complete(parent);
  if (best_first()) rescore_around(parent, false);
}

// Whether one of the last `count` children is a link to a node below which nothing is left.
inline bool Shard::leads_nowhere(int32_t parent, int64_t count) const {
  const Block& b = arena_.at();
  const Slot& node = b.slots[parent];
  for (int32_t i = node.count - static_cast<int32_t>(count); i < node.count; ++i) {
    if ((b.places[node.first + i].flags & (kLink | kExhausted)) == (kLink | kExhausted)) return true;
  }
  return false;
}

// A column of an expansion; one that is left out reads as the same value throughout.
template <class T>
class Column {
 public:
  Column(const T* given, int64_t from, const T& otherwise) : at_(given ? given + from : &otherwise), step_(given ? 1 : 0) {}
  T operator[](int64_t i) const { return at_[i * step_]; }

 private:
  const T* at_;
  int64_t step_;
};

// Makes unvisited childless nodes at free slots side by side; `ids` gets their ids.
inline void Shard::write_children(int32_t begin, int64_t count, const Place& fresh, int32_t parent, float urgency,
                                  int64_t from, const Expansion& expansion, int32_t* ids) const {
  const float nothing = 0.0f;
  const uint8_t open = 0;
  const float* const priors = expansion.priors + from;
  const Column<float> urgencies(expansion.urgency, from, urgency);
  const Column<float> rewards(expansion.rewards, from, nothing);
  const Column<uint8_t> ends(expansion.terminal, from, open);
  Slot* const slots = arena_.at().slots + begin;
  Place* const places = arena_.at().places + begin;
  arena_.ids_at(begin, count, ids);
  for (int64_t i = 0; i < count; ++i) {
    write_leaf(slots[i], priors[i], urgencies[i], parent, ids[i], rewards[i]);
    write_place(places[i], fresh.tree, fresh.depth, ends[i] ? kTerminal : uint8_t{0});
  }
}

// Appends `count` children, those from `from` on in the expansion; room has been reserved.
inline void Shard::append(int32_t parent, int64_t from, int64_t count, const Expansion& expansion, int32_t* nodes) {
  const Block& b = arena_.at();
  Slot& node = b.slots[parent];
  Place& place = b.places[parent];
  Tree& tree = trees_[static_cast<size_t>(place.tree >> bits_)];
  const int64_t children = node.count + count;
  if (children > place.capacity) {
    if (node.count == 0) {
      node.first = arena_.take_group(tree.region, children);
      place.capacity = static_cast<uint16_t>(std::min(kMaxChildren, Arena::group_slots(children)));
    } else {
      const int64_t before = place.capacity;
      const int32_t from = arena_.move_children(tree.region, parent, children);
      arena_.give_back_group(tree.region, from, before);
    }
  }
  const float urgency = node.visits() > 0 ? node.q : 0.5f * (settings_.low + settings_.high);
  const int32_t begin = node.first + node.count;
  const auto depth = static_cast<uint16_t>(place.depth + 1);
  node.count = static_cast<uint16_t>(children);
  tree.nodes += static_cast<int32_t>(count);
  write_children(begin, count, Place{place.tree, depth, 0, 0, 0}, parent, urgency, from, expansion, nodes + from);
  if (!settings_.transpositions && !best_first()) return;
  for (int64_t i = 0; i < count; ++i) {
    const auto slot = begin + static_cast<int32_t>(i);
    if (best_first()) waiting_[static_cast<size_t>(arena_.local(b.slots[slot].node))] = Waiting{0, 0, -1};
    if (expansion.hashes && expansion.hashes[from + i] != 0) identify(slot, parent, expansion.hashes[from + i]);
    if (best_first()) wait_anew(slot);
  }
}

// Notes the state hash of a new node, and ties it to the node that stands for the state already if that lies deeper
// than `parent`, so that no path comes back to where it was.
inline void Shard::identify(int32_t slot, int32_t parent, uint64_t hash) {
  const Block& b = arena_.at();
  const int32_t tree = b.places[slot].tree;
  const int32_t known = links_.find(tree, hash);
  const bool link = settings_.transpositions && known >= 0 &&
                    b.places[arena_.slot_of(known)].depth > b.places[parent].depth;
  note_hash(slot, hash, link);
  if (link) make_link(slot, known);
}

inline void Shard::note_hash(int32_t slot, uint64_t hash, bool link) {
  const Block& b = arena_.at();
  const int32_t node = b.slots[slot].node;
  const int32_t before = links_.note(b.places[slot].tree, hash, link ? -1 : node);
  links_.set_hash(arena_.local(node), hash);
  if (best_first()) waiting_[static_cast<size_t>(arena_.local(node))].alike = before;
}

// Turns a node without children or visits into a link.
inline void Shard::make_link(int32_t slot, int32_t target) {
  const Block& b = arena_.at();
  const int32_t to = arena_.slot_of(target);
  links_.link(target, b.slots[slot].node);
  b.slots[slot].first = kLinkBase - target;
  b.places[slot].flags = static_cast<uint8_t>(kLink | (b.places[to].flags & (kTerminal | kExhausted | kProven)));
  if (has_q(to)) b.slots[slot].q = b.slots[slot].reward + (b.slots[to].q - b.slots[to].reward);
}

}  // namespace treewright

// Opening, releasing and looking at trees. Part of forest.hpp.
#pragma once

#include "forest.hpp"

namespace treewright {

inline void Forest::new_trees(int64_t count, int32_t* ids) {
  std::lock_guard<std::mutex> lock(mutex_);
  arena_.reserve(count * Arena::group_slots(1));
  const auto needed = static_cast<size_t>(trees_open_ + count);
  if (needed > trees_.capacity()) trees_.reserve(std::max(needed, 2 * trees_.capacity()));
  for (int64_t i = 0; i < count; ++i) {
    int32_t id = free_tree_;
    if (id < 0) {
      id = static_cast<int32_t>(trees_.size());
      trees_.push_back(Tree{-1, -1, 0, 0, 0, 0, 0, false});
    } else {
      free_tree_ = trees_[id].next_free;
    }
    Tree& tree = trees_[id];
    tree.root = arena_.take_group(1);
    tree.nodes = 0;
    tree.descents = 0;
    tree.exhausted_nodes = false;
    place(tree.root, id, kNoParent, 1.0f, 0.0f, 0.5f * (settings_.low + settings_.high));
    ids[i] = id;
    ++trees_open_;
  }
}

inline void Forest::release(const int32_t* ids, int64_t count) {
  std::lock_guard<std::mutex> lock(mutex_);
  ++call_;
  int32_t largest = 0;
  int64_t nodes = 0;
  for (int64_t i = 0; i < count; ++i) {
    if (!is_open(ids[i])) throw ForestError(ErrorKind::closed_tree, row("trees", i, ids[i]) + ": no open tree has this id");
    Tree& tree = trees_[ids[i]];
    if (tree.seen == call_) {
      throw ForestError(ErrorKind::invalid_input, row("trees", i, ids[i]) + ", given before: expected distinct trees");
    }
    tree.seen = call_;
    largest = std::max(largest, tree.nodes);
    nodes += tree.nodes;
  }
  queue_.reserve(static_cast<size_t>(largest));
  arena_.reserve_free_ids(nodes);
  if (tickets_.out() > 0) tickets_.consume_of([this](int32_t tree) { return trees_[tree].seen == call_; });
  const Block& b = arena_.at();
  for (int64_t i = 0; i < count; ++i) {
    Tree& tree = trees_[ids[i]];
    breadth_first(tree.root);
    for (const int32_t slot : queue_) arena_.give_back_id(b.slots[slot].node);
    // Deepest first: giving back a group clears the slots that know where the next deeper groups are.
    for (auto slot = queue_.rbegin(); slot != queue_.rend(); ++slot) {
      if (b.slots[*slot].count > 0) arena_.give_back_group(b.slots[*slot].first, b.places[*slot].capacity);
    }
    arena_.give_back_group(tree.root, 1);
    tree.root = -1;
    ++tree.generation;
    tree.next_free = free_tree_;
    free_tree_ = ids[i];
    --trees_open_;
  }
}

inline int32_t Forest::root(int64_t tree) {
  std::lock_guard<std::mutex> lock(mutex_);
  return arena_.at().slots[checked_root(tree)].node;
}

inline std::vector<int32_t> Forest::children(int64_t node) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (!arena_.is_node(node)) {
    throw ForestError(ErrorKind::unknown_node,
                      "node is " + std::to_string(node) + ": no open tree has a node of this id");
  }
  const Block& b = arena_.at();
  const Slot& slot = b.slots[b.slot_of[node]];
  std::vector<int32_t> ids;
  ids.reserve(slot.count);
  for (int32_t i = 0; i < slot.count; ++i) ids.push_back(b.slots[slot.first + i].node);
  return ids;
}

inline std::vector<NodeRecord> Forest::snapshot(int64_t tree) {
  std::lock_guard<std::mutex> lock(mutex_);
  const int32_t root = checked_root(tree);
  queue_.reserve(static_cast<size_t>(trees_[tree].nodes));
  breadth_first(root);
  std::vector<NodeRecord> records;
  records.reserve(queue_.size());
  for (const int32_t slot : queue_) records.push_back(record(slot));
  return records;
}

inline std::vector<NodeRecord> Forest::root_records(int64_t tree) {
  std::lock_guard<std::mutex> lock(mutex_);
  const int32_t root = checked_root(tree);
  const Slot& slot = arena_.at().slots[root];
  std::vector<NodeRecord> records;
  records.reserve(1 + static_cast<size_t>(slot.count));
  records.push_back(record(root));
  for (int32_t i = 0; i < slot.count; ++i) records.push_back(record(slot.first + i));
  return records;
}

inline Counters Forest::counters() {
  std::lock_guard<std::mutex> lock(mutex_);
  const Block& b = arena_.at();
  const int64_t tables = static_cast<int64_t>(trees_.capacity() * sizeof(Tree) + ends_.capacity() * sizeof(End) +
                                              queue_.capacity() * sizeof(int32_t));
  return Counters{trees_open_, tickets_.out(), arena_.used(), b.capacity, arena_.bytes() + tickets_.bytes() + tables};
}

inline std::shared_ptr<Block> Forest::share(int64_t& slots_used, int64_t& ids_used) {
  std::lock_guard<std::mutex> lock(mutex_);
  slots_used = arena_.used();
  ids_used = arena_.ids_used();
  return arena_.share();
}

inline int32_t Forest::checked_root(int64_t tree) const {
  if (!is_open(tree)) {
    throw ForestError(ErrorKind::closed_tree, "tree is " + std::to_string(tree) + ": no open tree has this id");
  }
  return trees_[tree].root;
}

// Makes an unvisited childless node at a free slot; returns its id. `q` is its first-play urgency. Its returns are
// written by its first completed visit.
inline int32_t Forest::place(int32_t slot, int32_t tree, int32_t parent, float prior, float reward, float q) {
  const Block& b = arena_.at();
  const int32_t id = arena_.take_id(slot);
  b.slots[slot] = Slot{prior, q, 0, kLeaf, parent, 0, 0, id, reward};
  const int depth = parent == kNoParent ? 0 : b.places[parent].depth + 1;
  b.places[slot] = Place{tree, static_cast<uint16_t>(depth), 0, 0};
  ++trees_[tree].nodes;
  return id;
}

inline NodeRecord Forest::record(int32_t at) const {
  const Block& b = arena_.at();
  const Slot& slot = b.slots[at];
  const Place& place = b.places[at];
  const float none = std::numeric_limits<float>::quiet_NaN();
  const Returns returns = slot.visits() > 0 ? b.returns[at] : Returns{none, none, none, 0.0f};
  const int32_t parent = slot.parent == kNoParent ? -1 : b.slots[slot.parent].node;
  return NodeRecord{slot.node,   parent,      place.depth,  slot.visits(), slot.in_flight, slot.q,     slot.prior,
                    slot.reward, returns.raw, returns.mean, returns.max,   returns.m2,     place.flags};
}

// Fills `queue_`, for which room has been reserved.
inline void Forest::breadth_first(int32_t root) {
  const Block& b = arena_.at();
  queue_.clear();
  queue_.push_back(root);
  for (size_t next = 0; next < queue_.size(); ++next) {
    const Slot& slot = b.slots[queue_[next]];
    for (int32_t i = 0; i < slot.count; ++i) queue_.push_back(slot.first + i);
  }
}

}  // namespace treewright

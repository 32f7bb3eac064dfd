// Opening, releasing and looking at trees. Part of shard.hpp.
#pragma once

#include "shard.hpp"

namespace treewright {

inline Shard::Shard(const Settings& settings, int bits, int32_t index)
    : settings_(settings),
      bits_(bits),
      index_(index),
      widens_(settings.widens()),
      plain_backup_(settings.backup != Backup::power && !settings.solver && !settings.normalise && !settings.transpositions),
      arena_(settings.capacity, bits, index),
      tickets_(settings.salt, bits, index) {
  if (settings.virtual_loss || settings.random_ties || settings.normalise || settings.widening) return;
  if (settings.rule == RuleKind::uct) kernel_ = pick_kernel<Uct, UctVector>();
  if (settings.rule == RuleKind::puct && Puct{0.0f, static_cast<float>(settings.constants[1]),
                                              static_cast<float>(settings.constants[2])}
                                             .plain()) {
    kernel_ = pick_kernel<Puct, PuctVector>();
  }
}

// Makes room for the trees with the given numbers here, the largest of which is `largest_local`.
inline void Shard::reserve_trees(int64_t largest_local, const int64_t* locals, int64_t count) {
  const auto needed = static_cast<size_t>(largest_local + 1);
  if (needed > trees_.capacity()) trees_.reserve(std::max(needed, 2 * trees_.capacity()));
  if (needed > trees_.size()) trees_.resize(needed, Tree{-1, 0, Region(), 0, 0, 0, 0, 0, 0, 0, false});
  for (int64_t i = 0; i < count; ++i) arena_.ensure(trees_[static_cast<size_t>(locals[i])].region, Arena::group_slots(1));
  if (!best_first()) return;
  if (needed > frontiers_.size()) frontiers_.resize(std::max(needed, 2 * frontiers_.size()));
  const auto ids = static_cast<size_t>(arena_.at().capacity);
  if (waiting_.size() < ids) waiting_.resize(ids);
}

inline void Shard::open(int32_t tree) {
  const auto local = static_cast<size_t>(tree >> bits_);
  Tree& opened = trees_[local];
  opened.root = arena_.take_group(opened.region, 1);
  opened.nodes = 0;
  opened.descents = 0;
  opened.range_low = std::numeric_limits<float>::infinity();
  opened.range_high = -opened.range_low;
  opened.exhausted_nodes = false;
  if (best_first()) frontiers_[local].restart();
  place(opened.root, tree, kNoParent, 0, 1.0f, 0.0f, 0.5f * (settings_.low + settings_.high));
  if (best_first()) {
    waiting_[static_cast<size_t>(arena_.local(arena_.at().slots[opened.root].node))] = Waiting{0, 0, -1};
    wait_anew(opened.root);
    rescore(opened.root);
  }
}

// Makes an unvisited childless node at a free slot; returns its id. `q` is its first-play urgency. Its returns are
// written by its first completed visit.
inline int32_t Shard::place(int32_t slot, int32_t tree, int32_t parent, int depth, float prior, float reward, float q) {
  const Block& b = arena_.at();
  const int32_t id = arena_.id_at(slot);
  b.slots[slot] = Slot{prior, q, 0, kLeaf, parent, 0, 0, id, reward};
  b.places[slot] = Place{tree, static_cast<uint16_t>(depth), 0, 0, 0};
  ++at(tree).nodes;
  return id;
}

// Makes room for giving the trees back.
inline void Shard::prepare_release(const int32_t* trees, int64_t count) {
  int32_t largest = 0;
  for (int64_t i = 0; i < count; ++i) largest = std::max(largest, at(trees[i]).nodes);
  queue_.reserve(static_cast<size_t>(largest));
}

inline void Shard::release(const int32_t* trees, int64_t count) {
  for (int64_t i = 0; i < count; ++i) at(trees[i]).wanted = -1;
  if (tickets_.out() > 0) tickets_.consume_of([this](int32_t tree) { return at(tree).wanted == -1; });
  for (int64_t i = 0; i < count; ++i) {
    Tree& tree = at(trees[i]);
    if (settings_.transpositions || best_first()) {
      breadth_first(tree.root);
      for (const int32_t slot : queue_) forget_node(slot);
    }
    arena_.close(tree.region);
    tree.root = -1;
    tree.wanted = 0;
    ++tree.generation;
  }
}

// What is kept beside the columns about a node that is about to be given back.
inline void Shard::forget_node(int32_t slot) {
  const Block& b = arena_.at();
  const Slot& node = b.slots[slot];
  const int64_t local = arena_.local(node.node);
  const uint64_t hash = links_.hash(local);
  const int32_t tree = b.places[slot].tree;
  if (b.places[slot].flags & kLink) {
    links_.unlink(kLinkBase - node.first, node.node);
  }
  if (hash == 0) return;
  links_.forget(tree, hash, node.node);
  links_.set_hash(local, 0);
}

inline int32_t Shard::target(int32_t node) const {
  const int32_t slot = arena_.slot_of(node);
  return arena_.at().places[slot].flags & kLink ? kLinkBase - arena_.at().slots[slot].first : node;
}

inline std::vector<int32_t> Shard::children(int32_t node) const {
  const Block& b = arena_.at();
  const Slot& slot = b.slots[arena_.slot_of(node)];
  std::vector<int32_t> ids;
  ids.reserve(slot.count);
  for (int32_t i = 0; i < slot.count; ++i) ids.push_back(b.slots[slot.first + i].node);
  return ids;
}

inline std::vector<NodeRecord> Shard::snapshot(int32_t tree) {
  queue_.reserve(static_cast<size_t>(at(tree).nodes));
  breadth_first(at(tree).root);
  std::vector<NodeRecord> records;
  records.reserve(queue_.size());
  for (const int32_t slot : queue_) records.push_back(record(slot));
  return records;
}

inline std::vector<NodeRecord> Shard::root_records(int32_t tree) const {
  const int32_t root = at(tree).root;
  const Slot& slot = arena_.at().slots[root];
  std::vector<NodeRecord> records;
  records.reserve(1 + static_cast<size_t>(slot.count));
  records.push_back(record(root));
  for (int32_t i = 0; i < slot.count; ++i) records.push_back(record(slot.first + i));
  return records;
}

inline NodeRecord Shard::record(int32_t at) const {
  const Block& b = arena_.at();
  const Slot& slot = b.slots[at];
  const Place& place = b.places[at];
  const float none = std::numeric_limits<float>::quiet_NaN();
  const Returns returns = slot.visits() > 0 ? b.returns[at] : Returns{none, none, none, 0.0f};
  const int32_t parent = slot.parent == kNoParent ? -1 : b.slots[slot.parent].node;
  const int32_t target = place.flags & kLink ? kLinkBase - slot.first : -1;
  return NodeRecord{slot.node,   parent,      place.depth,  slot.visits(), slot.in_flight, slot.q,
                    slot.prior,  slot.reward, returns.raw,  returns.mean,  returns.max,    returns.m2,
                    place.flags, target,      links_.hash(arena_.local(slot.node))};
}

// Fills `queue_`, for which room has been reserved.
inline void Shard::breadth_first(int32_t root) {
  const Block& b = arena_.at();
  queue_.clear();
  queue_.push_back(root);
  for (size_t next = 0; next < queue_.size(); ++next) {
    const Slot& slot = b.slots[queue_[next]];
    for (int32_t i = 0; i < slot.count; ++i) queue_.push_back(slot.first + i);
  }
}

// Makes an open tree of one root equal to the records: breadth first, parent and target as positions.
inline void Shard::grow_tree(int32_t tree, const std::vector<NodeRecord>& records) {
  const size_t count = records.size();
  std::vector<int32_t> slots(count);
  std::vector<int32_t> children(count, 0);
  int64_t wanted = 0;
  for (size_t i = 1; i < count; ++i) ++children[static_cast<size_t>(records[i].parent)];
  for (const int32_t n : children) {
    wanted += n > 0 ? Arena::group_slots(n) : 0;
    most_children_ = std::max<int64_t>(most_children_, n);
  }
  scratch_.resize(static_cast<size_t>(2 * most_children_ + 2));
  arena_.ensure(at(tree).region, wanted);
  reserve_trees(tree >> bits_, nullptr, 0);
  if (settings_.transpositions || best_first()) links_.reserve(arena_.at().capacity);
  const Block& b = arena_.at();
  slots[0] = at(tree).root;
  std::vector<int32_t> added(count, 0);
  for (size_t i = 0; i < count; ++i) {
    const NodeRecord& from = records[i];
    if (i > 0) {
      const auto parent = static_cast<size_t>(from.parent);
      if (added[parent] == 0) {
        b.slots[slots[parent]].first = arena_.take_group(at(tree).region, children[parent]);
        b.slots[slots[parent]].count = static_cast<uint16_t>(children[parent]);
        b.places[slots[parent]].capacity =
            static_cast<uint16_t>(std::min(kMaxChildren, Arena::group_slots(children[parent])));
      }
      slots[i] = b.slots[slots[parent]].first + added[parent]++;
      place(slots[i], tree, slots[parent], from.depth, from.prior, from.reward, from.q);
    }
    Slot& slot = b.slots[slots[i]];
    slot.prior = from.prior;
    slot.reward = from.reward;
    slot.q = from.q;
    slot.started = from.visits;
    b.returns[slots[i]] = Returns{from.raw, from.mean, from.max, from.m2};
    b.places[slots[i]].flags = static_cast<uint8_t>(from.flags & ~kLink);
    if (from.flags & kExhausted) at(tree).exhausted_nodes = true;
    if (from.visits > 0 && !(from.flags & kLink)) {
      at(tree).range_low = std::min(at(tree).range_low, from.q);
      at(tree).range_high = std::max(at(tree).range_high, from.q);
    }
    if (best_first()) waiting_[static_cast<size_t>(arena_.local(slot.node))] = Waiting{0, 0, -1};
    if (from.hash != 0) note_hash(slots[i], from.hash, from.target >= 0);
    if (best_first()) wait_anew(slots[i]);
  }
  for (size_t i = 0; i < count; ++i) {
    if (records[i].target < 0) continue;
    const float q = b.slots[slots[i]].q;
    const uint8_t flags = records[i].flags;
    make_link(slots[i], b.slots[slots[static_cast<size_t>(records[i].target)]].node);
    b.slots[slots[i]].q = q;
    b.places[slots[i]].flags = flags;
  }
  if (best_first()) rebuild_frontier(tree);
}

inline int64_t Shard::bytes() const {
  return arena_.bytes() + tickets_.bytes() +
         static_cast<int64_t>(trees_.capacity() * sizeof(Tree) + ends_.capacity() * sizeof(End) +
                              queue_.capacity() * sizeof(int32_t) + waiting_.capacity() * sizeof(Waiting) +
                              scratch_.capacity() * sizeof(double));
}

inline void Shard::clear_seen() {
  tickets_.clear_seen();
  for (Tree& tree : trees_) tree.seen = tree.planned_in = 0;
}

}  // namespace treewright

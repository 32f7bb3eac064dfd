// Making a node the root of its tree and giving the rest back. Part of shard.hpp.
#pragma once

#include <algorithm>

#include "shard.hpp"

namespace treewright {

// Which nodes stay.
struct Shard::Move {
  uint32_t mark;               // of the nodes that stay
  std::vector<int32_t> order;  // their slots
};

// Makes room for walking the tree.
inline void Shard::prepare_reroot(int32_t tree) { queue_.reserve(static_cast<size_t>(at(tree).nodes)); }

// The nodes that stay move together into new chunks, and all old ones go back.
inline void Shard::reroot(int32_t id, int32_t node) {
  Tree& tree = at(id);
  const int32_t old_root = tree.root;
  if (arena_.at().slots[old_root].node == node) return;
  const std::vector<int64_t> tickets = tickets_.of_tree(id);
  Move move;
  move.mark = next_mark();
  move.order.reserve(static_cast<size_t>(tree.nodes));
  Region region;
  arena_.ensure(region, slots_below(arena_.slot_of(node)));
  for (const int64_t ticket : tickets) uncharge(slot_of_ticket(ticket), tickets_.via(ticket));
  const int32_t old_place = arena_.slot_of(node);
  arena_.at().slots[old_place].parent = kNoParent;
  keep_below(old_place, move);
  if (links_.any()) follow_links(old_place, move);
  for (const int64_t ticket : tickets) {
    if (!stays(tickets_.node(ticket), move)) tickets_.consume(ticket);
  }
  if (settings_.transpositions || best_first()) forget_outside(old_root, move);
  const int32_t root = settle_in(old_place, move, region);
  const Block& b = arena_.at();
  const uint16_t above = b.places[root].depth;
  for (const int32_t slot : move.order) b.places[slot].depth = static_cast<uint16_t>(b.places[slot].depth - above);
  Slot& slot = b.slots[root];
  if (has_q(root)) slot.q -= slot.reward;
  if (slot.visits() > 0) {
    b.returns[root].mean -= slot.reward;
    b.returns[root].max -= slot.reward;
  }
  slot.prior = 1.0f;
  slot.reward = 0.0f;
  arena_.close(tree.region);
  tree.region = region;
  tree.root = root;
  tree.nodes = static_cast<int32_t>(move.order.size());
  for (const int64_t ticket : tickets_.of_tree(id)) charge_again(ticket, move);
  if (best_first()) rebuild_frontier(id);
}

// A number that no node is marked with.
inline uint32_t Shard::next_mark() {
  const auto ids = static_cast<size_t>(arena_.at().capacity);
  if (mark_.size() < ids) mark_.resize(ids, 0);
  if (++last_mark_ == 0) {
    std::fill(mark_.begin(), mark_.end(), 0);
    last_mark_ = 1;
  }
  return last_mark_;
}

inline bool Shard::stays(int32_t node, const Move& move) const {
  return mark_[static_cast<size_t>(arena_.local(node))] == move.mark;
}

// Slots that the groups at and below a node take at most, what links may bring in included.
inline int64_t Shard::slots_below(int32_t slot) {
  const Block& b = arena_.at();
  const Tree& tree = at(b.places[slot].tree);
  breadth_first(links_.any() ? tree.root : slot);
  int64_t slots = Arena::group_slots(1);
  for (const int32_t at : queue_) slots += b.slots[at].count > 0 ? Arena::group_slots(b.slots[at].count) : 0;
  return slots;
}

// Moves the nodes that stay into a new region, breadth first; answers where the root is then.
inline int32_t Shard::settle_in(int32_t root, Move& move, Region& region) {
  const Block& b = arena_.at();
  const int32_t now = arena_.take_group(region, 1);
  arena_.move(root, now);
  move.order.clear();
  move.order.push_back(now);
  for (size_t next = 0; next < move.order.size(); ++next) {
    const int32_t parent = move.order[next];
    const Slot& node = b.slots[parent];
    if (node.count == 0) continue;
    arena_.move_children(region, parent, node.count);
    for (int32_t i = 0; i < node.count; ++i) move.order.push_back(node.first + i);
  }
  return now;
}

// Keeps a node and all below it by its own children, breadth first.
inline void Shard::keep_below(int32_t slot, Move& move) {
  const Block& b = arena_.at();
  const auto keep = [&](int32_t at) {
    mark_[static_cast<size_t>(arena_.local(b.slots[at].node))] = move.mark;
    move.order.push_back(at);
  };
  size_t next = move.order.size();
  keep(slot);
  for (; next < move.order.size(); ++next) {
    const Slot& node = b.slots[move.order[next]];
    for (int32_t i = 0; i < node.count; ++i) keep(node.first + i);
  }
}

// Brings in what kept links stand for and nothing kept is above: it takes the place of the first such link.
inline void Shard::follow_links(int32_t root, Move& move) {
  const Block& b = arena_.at();
  std::vector<int32_t> walk{root};
  for (size_t next = 0; next < walk.size(); ++next) {
    const int32_t slot = walk[next];
    if (b.places[slot].flags & kLink) {
      const int32_t target = target_slot(slot);
      if (stays(b.slots[target].node, move)) continue;
      mark_[static_cast<size_t>(arena_.local(b.slots[slot].node))] = 0;
      exchange(slot, target);
      keep_below(slot, move);
    }
    const Slot& node = b.slots[slot];
    for (int32_t i = 0; i < node.count; ++i) walk.push_back(node.first + i);
  }
}

// A link and its target change places: the target keeps its id and takes the link's edge, the link takes the target's.
inline void Shard::exchange(int32_t link, int32_t target) {
  const Block& b = arena_.at();
  arena_.note_move();
  std::swap(b.slots[link], b.slots[target]);
  std::swap(b.returns[link], b.returns[target]);
  std::swap(b.places[link], b.places[target]);
  Slot& node = b.slots[link];    // the target, in the link's place
  Slot& edge = b.slots[target];  // the link, in the target's place
  std::swap(node.parent, edge.parent);
  std::swap(node.prior, edge.prior);
  b.slot_of[arena_.local(node.node)] = link;
  b.slot_of[arena_.local(edge.node)] = target;
  for (int32_t i = 0; i < node.count; ++i) b.slots[node.first + i].parent = link;
  const float of_node = node.reward;
  const float of_link = edge.reward;
  if (has_q(link)) node.q += of_link - of_node;
  if (node.visits() > 0) {
    b.returns[link].mean += of_link - of_node;
    b.returns[link].max += of_link - of_node;
  }
  node.reward = of_link;
  edge.reward = of_node;
  edge.started = 0;
  b.places[target].depth = b.places[link].depth;
  share(link);
}

// Forgets what is kept beside the columns about the nodes that do not stay.
inline void Shard::forget_outside(int32_t old_root, const Move& move) {
  const Block& b = arena_.at();
  breadth_first(old_root);
  for (const int32_t slot : queue_) {
    if (!stays(b.slots[slot].node, move)) forget_node(slot);
  }
}

// Charges a ticket's visit along what is left of its path: through the links that stay, else by parents.
inline void Shard::charge_again(int64_t ticket, const Move& move) {
  const Via* const before = tickets_.via(ticket);
  Via via;
  if (before != nullptr) {
    // From the end upward, as long as the links are kept and still lead to a node on the path.
    const Block& b = arena_.at();
    size_t left = before->size();
    const auto usable = [&](size_t i) {
      const int32_t id = (*before)[i];
      return is_node(id) && stays(id, move) && (b.places[arena_.slot_of(id)].flags & kLink);
    };
    for (int32_t slot = slot_of_ticket(ticket); slot != kNoParent;) {
      while (left > 0 && !usable(left - 1)) --left;
      if (left > 0 && target_slot(arena_.slot_of((*before)[left - 1])) == slot) {
        via.push_back((*before)[left - 1]);
        slot = b.slots[arena_.slot_of((*before)[--left])].parent;
      } else {
        slot = b.slots[slot].parent;
      }
    }
    std::reverse(via.begin(), via.end());
  }
  charge(slot_of_ticket(ticket), &via);
  tickets_.set_via(ticket, via);
}

}  // namespace treewright

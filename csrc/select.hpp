// Descents and reservations. Part of forest.hpp.
#pragma once

#include "forest.hpp"

namespace treewright {

// One descent in progress. Lanes take turns, a node each, so that the memory one waits for arrives while others work.
struct Forest::Lane {
  int64_t position;  // of the tree in the batch
  int32_t slot;
  int32_t depth;
  uint64_t key;  // of random ties
  bool skip;     // whether exhausted children must be looked for
};

inline int64_t Forest::select_batch(const int32_t* trees, int64_t count, int64_t leaves, const LeafRows& rows) {
  std::lock_guard<std::mutex> lock(mutex_);
  check_select(trees, count, leaves);
  ends_.reserve(static_cast<size_t>(count * leaves));
  tickets_.reserve(count * leaves);
  ends_.assign(static_cast<size_t>(count * leaves), End{kNoDescent, 0});
  descend_all(trees, count, leaves);
  return write_rows(trees, count, leaves, rows);
}

inline void Forest::check_select(const int32_t* trees, int64_t count, int64_t leaves) {
  ++call_;
  for (int64_t i = 0; i < count; ++i) {
    if (!is_open(trees[i])) {
      throw ForestError(ErrorKind::closed_tree, row("trees", i, trees[i]) + ": no open tree has this id");
    }
    Tree& tree = trees_[trees[i]];
    if (tree.seen == call_) {
      throw ForestError(ErrorKind::invalid_input, row("trees", i, trees[i]) + ", given before: expected distinct trees");
    }
    tree.seen = call_;
    const Slot& root = arena_.at().slots[tree.root];
    if (root.in_flight + leaves > kMaxInFlight || root.started + leaves > kMaxStarted) {
      if (!done(tree)) check_room(row("trees", i, trees[i]), tree, leaves);
    }
  }
}

// Whether there is nothing left to select in a tree.
inline bool Forest::done(const Tree& tree) const {
  return settings_.skip_exhausted && tree.exhausted_nodes && (arena_.at().places[tree.root].flags & kExhausted);
}

// A visit is charged along the whole path, so no node holds more than the root.
inline void Forest::check_room(const std::string& what, const Tree& tree, int64_t visits) const {
  const Slot& root = arena_.at().slots[tree.root];
  if (root.in_flight + visits > kMaxInFlight) {
    throw ForestError(ErrorKind::limit_exceeded, what + ": its root has " + std::to_string(root.in_flight) +
                                                     " visits in flight and cannot take " + std::to_string(visits) +
                                                     " more, the limit is " + std::to_string(kMaxInFlight));
  }
  if (root.started + visits > kMaxStarted) {
    throw ForestError(ErrorKind::limit_exceeded, what + ": its root has " + std::to_string(root.started) +
                                                     " visits, the limit is " + std::to_string(kMaxStarted));
  }
}

inline void Forest::descend_all(const int32_t* trees, int64_t count, int64_t leaves) {
  switch (settings_.rule) {
    case RuleKind::uct:
      return descend_with(Uct{settings_.c}, trees, count, leaves);
    case RuleKind::puct:
      return descend_with(Puct{settings_.c}, trees, count, leaves);
  }
}

template <class Rule>
void Forest::descend_with(Rule rule, const int32_t* trees, int64_t count, int64_t leaves) {
  for (int64_t round = 0; round < leaves; ++round) {
    if (settings_.virtual_loss) {
      settings_.random_ties ? descend_round<Rule, true, true>(rule, trees, count, leaves, round)
                            : descend_round<Rule, true, false>(rule, trees, count, leaves, round);
    } else {
      settings_.random_ties ? descend_round<Rule, false, true>(rule, trees, count, leaves, round)
                            : descend_round<Rule, false, false>(rule, trees, count, leaves, round);
    }
  }
}

// One descent in every tree. Trees share no node, so the order in which the lanes take their turns changes nothing.
template <class Rule, bool kVirtualLoss, bool kRandomTies>
void Forest::descend_round(Rule rule, const int32_t* trees, int64_t count, int64_t leaves, int64_t round) {
  constexpr int kLanes = 24;
  constexpr int kPrefetchedLines = 8;
  Slot* const slots = arena_.at().slots;
  Lane lanes[kLanes];
  int live = 0;
  int64_t next = 0;
  const auto start = [&](Lane& lane) {
    while (next < count) {
      Tree& tree = trees_[trees[next]];
      const int64_t position = next++;
      if (done(tree)) continue;
      const uint64_t key = kRandomTies ? descent_key(settings_.seed, static_cast<uint32_t>(trees[position]),
                                                     tree.generation, tree.descents)
                                       : 0;
      ++tree.descents;
      lane = Lane{position, tree.root, 0, key, settings_.skip_exhausted && tree.exhausted_nodes};
      return true;
    }
    return false;
  };
  while (live < kLanes && start(lanes[live])) ++live;
  while (live > 0) {
    for (int i = 0; i < live;) {
      Lane& lane = lanes[i];
      Slot& node = slots[lane.slot];
      if (node.first >= 0) {
        const int32_t child = best_child<Rule, kVirtualLoss, kRandomTies>(rule, node, lane);
        ++node.started;
        ++node.in_flight;
        lane.slot = child;
        ++lane.depth;
        const int32_t below = slots[child].first;
        if (below >= 0) {
          const int lines = std::min<int>((slots[child].count + 1) / 2, kPrefetchedLines);
          for (int line = 0; line < lines; ++line) __builtin_prefetch(&slots[below + 2 * line], 1);
          ++i;
          continue;
        }
      }
      finish(lane, leaves, round);
      if (start(lane)) {
        ++i;
      } else {
        lane = lanes[--live];
      }
    }
  }
}

template <class Rule, bool kVirtualLoss, bool kRandomTies>
int32_t Forest::best_child(Rule rule, const Slot& node, const Lane& lane) const {
  const Block& b = arena_.at();
  const Slot* const children = b.slots + node.first;
  const Place* const places = b.places + node.first;
  const float level = rule.level(node.started);
  const uint64_t draws = kRandomTies ? splitmix64(lane.key ^ static_cast<uint64_t>(lane.depth)) : 0;
  float best = -std::numeric_limits<float>::infinity();
  uint64_t best_draw = 0;
  int32_t chosen = 0;
  for (int32_t i = 0; i < node.count; ++i) {
    const Slot& child = children[i];
    if (lane.skip && (places[i].flags & kExhausted)) continue;
    float q = child.q;
    if (kVirtualLoss && child.in_flight > 0) {
      const float lost = static_cast<float>(child.in_flight) * settings_.low;
      q = (static_cast<float>(child.visits()) * q + lost) / static_cast<float>(child.started);
    }
    const float score = rule.score(level, q, child);
    if (kRandomTies) {
      if (score < best) continue;
      const uint64_t draw = splitmix64(draws ^ static_cast<uint64_t>(i));
      if (score == best && draw <= best_draw) continue;
      best_draw = draw;
      best = score;
      chosen = i;
    } else {
      chosen = score > best ? i : chosen;
      best = score > best ? score : best;
    }
  }
  return node.first + chosen;
}

// Charges the end of a descent and takes it, unless another visit to it is pending.
inline void Forest::finish(const Lane& lane, int64_t leaves, int64_t round) {
  Slot& end = arena_.at().slots[lane.slot];
  ++end.started;
  ++end.in_flight;
  const bool collided = end.first == kPending;
  end.first = kPending;
  ends_[static_cast<size_t>(lane.position * leaves + round)] = End{collided ? ~lane.slot : lane.slot, lane.depth};
}

// Gives back the collisions and writes a row for every other end, with its ticket.
inline int64_t Forest::write_rows(const int32_t* trees, int64_t count, int64_t leaves, const LeafRows& rows) {
  const Block& b = arena_.at();
  int64_t written = 0;
  for (int64_t i = 0; i < count * leaves; ++i) {
    const End end = ends_[static_cast<size_t>(i)];
    if (end.slot == kNoDescent) continue;
    if (end.slot < 0) {
      uncharge(~end.slot);
      continue;
    }
    const int32_t tree = trees[i / leaves];
    rows.ticket[written] = tickets_.issue(b.slots[end.slot].node, tree);
    rows.tree[written] = tree;
    rows.node[written] = b.slots[end.slot].node;
    rows.depth[written] = end.depth;
    rows.terminal[written] = (b.places[end.slot].flags & kTerminal) != 0;
    rows.expanded[written] = b.slots[end.slot].count > 0;
    ++written;
  }
  return written;
}

inline void Forest::reserve_batch(const int32_t* nodes, int64_t count, int64_t* tickets) {
  std::lock_guard<std::mutex> lock(mutex_);
  ++call_;
  const Block& b = arena_.at();
  for (int64_t i = 0; i < count; ++i) {
    if (!arena_.is_node(nodes[i])) {
      throw ForestError(ErrorKind::unknown_node, row("nodes", i, nodes[i]) + ": no open tree has a node of this id");
    }
    Tree& tree = trees_[b.places[b.slot_of[nodes[i]]].tree];
    tree.wanted = tree.seen == call_ ? tree.wanted + 1 : 1;
    tree.seen = call_;
    const Slot& root = b.slots[tree.root];
    if (root.in_flight + tree.wanted > kMaxInFlight || root.started + tree.wanted > kMaxStarted) {
      check_room(row("nodes", i, nodes[i]), tree, tree.wanted);
    }
  }
  tickets_.reserve(count);
  for (int64_t i = 0; i < count; ++i) {
    const int32_t slot = b.slot_of[nodes[i]];
    charge(slot);
    if (b.slots[slot].first < 0) b.slots[slot].first = kPending;
    tickets[i] = tickets_.issue(nodes[i], b.places[slot].tree);
  }
}

// Adds a visit in flight to a node and all above it.
inline void Forest::charge(int32_t slot) {
  Slot* const slots = arena_.at().slots;
  for (; slot != kNoParent; slot = slots[slot].parent) {
    ++slots[slot].started;
    ++slots[slot].in_flight;
  }
}

inline void Forest::uncharge(int32_t slot) {
  Slot* const slots = arena_.at().slots;
  for (; slot != kNoParent; slot = slots[slot].parent) {
    --slots[slot].started;
    --slots[slot].in_flight;
  }
}

// A childless node is pending exactly while a ticket is out on it.
inline void Forest::settle(int32_t slot) {
  Slot& node = arena_.at().slots[slot];
  if (node.first < 0) node.first = node.in_flight > 0 ? kPending : kLeaf;
}

}  // namespace treewright

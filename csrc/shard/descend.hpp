// Descents from the root by a rule. Part of shard.hpp.
#pragma once

#include <type_traits>

#include "shard.hpp"

namespace treewright {

// One descent in progress. Lanes take turns, a node each, so that the memory one waits for arrives while others work.
struct Shard::Lane {
  int64_t end;  // where in `ends_` its end goes
  int32_t slot;
  int32_t depth;
  int32_t tree;
  uint64_t key;  // of random draws
  bool skip;     // whether exhausted children must be looked for
};

template <class Rule>
constexpr bool kHasVectors = std::is_same_v<Rule, Uct> || std::is_same_v<Rule, Puct>;

template <class Rule>
void Shard::descend_with(const Rule& rule, const int32_t* trees, int64_t count, int64_t leaves) {
  for (int64_t round = 0; round < leaves; ++round) descend_round(rule, trees, count, leaves, round);
}

// One descent in every tree. Trees share no node, so the order in which the lanes take their turns changes nothing.
template <class Rule>
void Shard::descend_round(const Rule& rule, const int32_t* trees, int64_t count, int64_t leaves, int64_t round) {
  constexpr int kLanes = 24;
  constexpr int kPrefetchedLines = 8;
  const bool linked = links_.any();
  const int most = linked ? 1 : kLanes;  // the links of a path are noted for one descent at a time
  const bool keyed = settings_.random_ties || !kHasVectors<Rule>;
  Slot* const slots = arena_.at().slots;
  const Returns* const returns = arena_.at().returns;
  const Place* const places = arena_.at().places;
  Lane lanes[kLanes];
  int live = 0;
  int64_t next = 0;
  const auto start = [&](Lane& lane) {
    while (next < count) {
      const int32_t id = trees[next];
      Tree& tree = at(id);
      const int64_t end = next++ * leaves + round;
      if (done(tree)) continue;
      const uint64_t key =
          keyed ? descent_key(settings_.seed, static_cast<uint32_t>(id), tree.generation, tree.descents) : 0;
      ++tree.descents;
      if (linked) via_.clear();
      lane = Lane{end, tree.root, 0, id, key, settings_.skip_exhausted && tree.exhausted_nodes};
      return true;
    }
    return false;
  };
  while (live < most && start(lanes[live])) ++live;
  while (live > 0) {
    for (int i = 0; i < live;) {
      Lane& lane = lanes[i];
      Slot& node = slots[lane.slot];
      bool stuck = false;
      if (node.first >= 0) {
        int32_t chosen;
        if (kHasVectors<Rule> && kernel_ != nullptr && !lane.skip) {
          if constexpr (kHasVectors<Rule>) {
            chosen = kernel_(slots + node.first, node.count, rule.level(node.started), rule.c);
          } else {
            chosen = kStuck;
          }
        } else {
          chosen = decide(rule, lane, lane.tree);
          if (chosen <= kFirstNaN + static_cast<int32_t>(kMaxChildren)) {
            const int32_t child = chosen - kFirstNaN;
            const Lane failed = lane;
            for (int other = 0; other < live; ++other) unwind(lanes[other]);
            refuse_nan(failed, child);
          }
        }
        if (chosen >= 0) {
          int32_t child = node.first + chosen;
          ++node.started;
          ++node.in_flight;
          if (slots[child].first <= kLinkBase) {
            ++slots[child].started;
            ++slots[child].in_flight;
            via_.push_back(slots[child].node);
            child = target_slot(child);
          }
          lane.slot = child;
          // Below a link, or where a reroot has put a node in a link's place, depth is not the number of steps.
          lane.depth = settings_.transpositions ? arena_.at().places[child].depth : lane.depth + 1;
          // What comes next needs these lines: the other lanes' turns are the time to bring them in.
          prefetch_to_write(returns[child]);
          const int32_t below = slots[child].first;
          if (below >= 0) {
            const int lines = std::min<int>((slots[child].count + 1) / 2, kPrefetchedLines);
            for (int line = 0; line < lines; ++line) __builtin_prefetch(&slots[below + 2 * line]);
          } else {
            prefetch_to_write(places[child]);
          }
          ++i;
          continue;
        }
        stuck = chosen == kStuck;
      }
      finish(lane, lane.end, stuck);
      if (start(lane)) {
        ++i;
      } else {
        lane = lanes[--live];
      }
    }
  }
}

// The child to go to, or kStop where the node itself is to get a new child, or kStuck.
template <class Rule>
int32_t Shard::decide(const Rule& rule, const Lane& lane, int32_t tree) const {
  const Block& b = arena_.at();
  const Slot& node = b.slots[lane.slot];
  const Place& place = b.places[lane.slot];
  const bool open = widens_ && !(place.flags & kComplete) && node.count < kMaxChildren;
  if (open && settings_.widening) {
    const double started = static_cast<double>(std::max(node.started, 1));
    const double room = settings_.widening_c * std::pow(started, settings_.widening_a);
    if (static_cast<double>(node.count + place.held) < room) return kStop;
  }
  const int32_t chosen = rule.pick(view(lane, tree));
  return chosen == kStuck && !(place.flags & kComplete) && place.held == 0 ? kStop : chosen;
}

inline NodeView Shard::view(const Lane& lane, int32_t tree) const {
  const Block& b = arena_.at();
  const Slot& node = b.slots[lane.slot];
  const Tree& owner = at(tree);
  const uint64_t tree_key =
      settings_.rule == RuleKind::gumbel
          ? descent_key(settings_.seed, static_cast<uint32_t>(tree), owner.generation, ~uint64_t{0})
          : 0;
  return NodeView{&node,
                  &b.returns[lane.slot],
                  &b.places[lane.slot],
                  b.slots + node.first,
                  b.returns + node.first,
                  b.places + node.first,
                  node.count,
                  lane.depth,
                  lane.slot == owner.root,
                  lane.skip,
                  settings_.random_ties,
                  lane.key,
                  tree_key,
                  shown(owner),
                  scratch_.data()};
}

inline Shown Shard::shown(const Tree& tree) const {
  return Shown{settings_.low,          settings_.high, settings_.discount, settings_.virtual_loss,
               settings_.normalise, tree.range_low, tree.range_high};
}

// Charges the end of a descent and takes it, unless nothing there may be visited now.
inline void Shard::finish(const Lane& lane, int64_t end, bool stuck) {
  const Block& b = arena_.at();
  Slot& node = b.slots[lane.slot];
  ++node.started;
  ++node.in_flight;
  const bool collided = stuck || node.first == kPending;
  if (!collided) hold(lane.slot);
  ends_[static_cast<size_t>(end)] = End{collided ? ~lane.slot : lane.slot, lane.depth};
  if (!via_.empty()) end_vias_[static_cast<size_t>(end)] = via_;
}

// Takes back what a descent that did not finish has charged.
inline void Shard::unwind(const Lane& lane) {
  const Block& b = arena_.at();
  if (!via_.empty() && target_slot(arena_.slot_of(via_.back())) == lane.slot) {
    const int32_t link = arena_.slot_of(via_.back());
    via_.pop_back();
    --b.slots[link].started;
    --b.slots[link].in_flight;
    uncharge(b.slots[link].parent, &via_);
  } else {
    uncharge(b.slots[lane.slot].parent, &via_);
  }
  --at(lane.tree).descents;
  via_.clear();
}

inline void Shard::refuse_nan(const Lane& lane, int32_t child) const {
  const Block& b = arena_.at();
  const Slot& node = b.slots[lane.slot];
  throw ForestError(ErrorKind::rule_failed, "rule '" + settings_.rule_name + "' returned NaN at child " +
                                                std::to_string(child) + " of node " + std::to_string(node.node) +
                                                " (depth " + std::to_string(lane.depth) + ", " +
                                                std::to_string(node.visits()) + " visits, " +
                                                std::to_string(node.count) + " children)");
}

}  // namespace treewright

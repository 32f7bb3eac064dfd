// What a rule sees of a node during a descent.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

#include "fields.hpp"
#include "random.hpp"

namespace treewright {

constexpr int32_t kStop = -1;   // the descent ends here, for a new child
constexpr int32_t kStuck = -2;  // nothing below may be visited: a collision
constexpr int32_t kFirstNaN = INT32_MIN / 2;  // kFirstNaN + i: the score of child i is NaN

// The settings and the tree's range that turn a stored Q into a shown one.
struct Shown {
  float low;
  float high;
  float discount;
  bool virtual_loss;
  bool normalise;
  float range_low;
  float range_high;

  bool range_known() const { return range_high > range_low; }
  float width() const { return normalise ? 1.0f : high - low; }
  float middle() const { return normalise ? 0.5f : 0.5f * (low + high); }

  float normalised(float q) const {
    if (!normalise) return q;
    if (!range_known()) return 0.5f;
    const float x = (q - range_low) / (range_high - range_low);
    return x < 0.0f ? 0.0f : x > 1.0f ? 1.0f : x;
  }

  float q(const Slot& slot) const {
    float q = slot.q;
    if (virtual_loss && slot.in_flight > 0) {
      const float lost = static_cast<float>(slot.in_flight) * low;
      q = (static_cast<float>(slot.visits()) * q + lost) / static_cast<float>(slot.started);
    }
    return normalised(q);
  }

  // What a variance is divided by.
  float range_squared() const {
    if (!normalise) return 1.0f;
    if (!range_known()) return std::numeric_limits<float>::infinity();
    const float square = (range_high - range_low) * (range_high - range_low);
    return square > 0.0f ? square : std::numeric_limits<float>::infinity();
  }

  float variance(const Slot& slot, const Returns& returns) const {
    if (slot.visits() <= 0) return 0.0f;
    return returns.m2 / static_cast<float>(slot.visits()) / range_squared();
  }
};

struct NodeView {
  const Slot* slot;        // the node
  const Returns* returns;  // its returns
  const Place* place;
  const Slot* children;
  const Returns* child_returns;
  const Place* child_places;
  int32_t count;
  int32_t depth;
  bool root;
  bool skip;           // whether exhausted children are left out
  bool random_ties;
  uint64_t key;        // of the descent
  uint64_t tree_key;   // the same for all descents of the tree
  Shown shown;
  double* scratch;     // room for two numbers a child

  bool eligible(int32_t i) const { return !(skip && (child_places[i].flags & kExhausted)); }
  float q(int32_t i) const { return shown.q(children[i]); }
  uint64_t level() const { return splitmix64(key ^ static_cast<uint64_t>(depth)); }
  Stream stream(uint64_t index) const { return Stream(splitmix64(level() ^ index)); }

  // The value last given at the node itself, or the best guess at it.
  float raw() const {
    if (slot->visits() <= 0) return shown.middle();
    if (!std::isnan(returns->raw)) return shown.normalised(returns->raw);
    return shown.q(*slot);
  }
};

// The candidate with the highest score; of equals the first, or the one with the highest draw. kStuck if there is none.
template <class Candidate, class Score>
int32_t highest_of(const NodeView& view, Candidate candidate, Score score) {
  const uint64_t draws = view.random_ties ? view.level() : 0;
  float best = -std::numeric_limits<float>::infinity();
  uint64_t best_draw = 0;
  int32_t chosen = kStuck;
  for (int32_t i = 0; i < view.count; ++i) {
    if (!candidate(i)) continue;
    const float found = score(i);
    if (chosen != kStuck && !(found > best) && !(view.random_ties && found == best)) continue;
    if (view.random_ties) {
      const uint64_t draw = splitmix64(draws ^ static_cast<uint64_t>(i));
      if (chosen != kStuck && found == best && draw <= best_draw) continue;
      best_draw = draw;
    }
    best = found;
    chosen = i;
  }
  return chosen;
}

template <class Score>
int32_t highest(const NodeView& view, Score score) {
  return highest_of(view, [&](int32_t i) { return view.eligible(i); }, score);
}

}  // namespace treewright

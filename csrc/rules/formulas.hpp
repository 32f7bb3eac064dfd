// Rules that score each child by a formula; mcts/rules has each formula with its paper.
//
// All arithmetic is float32 in the order written, and log is the C library's in double, so that NumPy arrives at the
// same bits.
#pragma once

#include <algorithm>

#include "rules/view.hpp"

namespace treewright {

inline float log_visits(int32_t started) {
  return static_cast<float>(std::log(static_cast<double>(std::max(started, 1))));
}

struct Uct {
  float c;

  float level(int32_t parent_started) const { return log_visits(parent_started); }
  float score(float log, float q, const Slot& child) const {
    const auto visits = static_cast<float>(std::max(child.started, 1));
    const float score = q + c * std::sqrt(log / visits);
    return child.started == 0 ? std::numeric_limits<float>::infinity() : score;
  }
  int32_t pick(const NodeView& view) const {
    const float log = level(view.slot->started);
    return highest(view, [&](int32_t i) { return score(log, view.q(i), view.children[i]); });
  }
};

struct Ucb1Tuned {
  float c;

  int32_t pick(const NodeView& view) const {
    const float log = log_visits(view.slot->started);
    const float width = view.shown.width();
    const float square = width * width;
    return highest(view, [&](int32_t i) {
      const Slot& child = view.children[i];
      if (child.started == 0) return std::numeric_limits<float>::infinity();
      const float a = log / static_cast<float>(child.started);
      const float bound = view.shown.variance(child, view.child_returns[i]) + square * std::sqrt(2.0f * a);
      return view.q(i) + c * std::sqrt(a * std::min(square * 0.25f, bound));
    });
  }
};

struct UcbV {
  float zeta;
  float c;

  int32_t pick(const NodeView& view) const {
    const float exploration = zeta * log_visits(view.slot->started);
    const float spread = c * 3.0f * view.shown.width();
    return highest(view, [&](int32_t i) {
      const Slot& child = view.children[i];
      if (child.started == 0) return std::numeric_limits<float>::infinity();
      const float e = exploration / static_cast<float>(child.started);
      const float variance = view.shown.variance(child, view.child_returns[i]);
      return view.q(i) + std::sqrt(2.0f * variance * e) + spread * e;
    });
  }
};

struct Puct {
  float c;
  float first_play;  // NaN: an unvisited child shows the urgency that it was made with
  float reduction;

  bool plain() const { return std::isnan(first_play) && reduction == 0.0f; }
  float level(int32_t parent_started) const { return c * std::sqrt(static_cast<float>(std::max(parent_started, 1))); }
  float score(float weight, float q, const Slot& child) const {
    return q + weight * child.prior / (1.0f + static_cast<float>(child.started));
  }
  int32_t pick(const NodeView& view) const {
    const float weight = level(view.slot->started);
    float reduced = 0.0f;
    if (reduction > 0.0f) {
      float visited = 0.0f;
      for (int32_t i = 0; i < view.count; ++i) {
        if (view.children[i].visits() > 0) visited += view.children[i].prior;
      }
      reduced = reduction * std::sqrt(visited);
    }
    return highest(view, [&](int32_t i) {
      const Slot& child = view.children[i];
      float q = view.q(i);
      if (child.visits() <= 0) {
        if (!std::isnan(first_play)) q = first_play;
        q = q - reduced;
      }
      return score(weight, q, child);
    });
  }
};

}  // namespace treewright

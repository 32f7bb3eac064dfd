// Rules that draw: Thompson sampling, AB-MCTS's adaptive branching, softmax mixed with uniform. mcts/rules has the
// papers. Double inside, float32 at the end.
#pragma once

#include "rules/view.hpp"

namespace treewright {

constexpr uint64_t kChildStream = uint64_t{1} << 32;     // + index of the child
constexpr uint64_t kNewChildStream = uint64_t{1} << 33;  // + 1: the arm of going deeper
constexpr uint64_t kNodeStream = uint64_t{1} << 34;

struct Thompson {
  Posterior posterior;

  int32_t pick(const NodeView& view) const {
    return highest(view, [&](int32_t i) {
      const double theta = posterior.sample(seen(view, i), view.stream(kChildStream + static_cast<uint64_t>(i)));
      return static_cast<float>(theta);
    });
  }

  static Evidence seen(const NodeView& view, int32_t i) {
    const auto visits = static_cast<double>(view.children[i].visits());
    if (visits <= 0.0) return Evidence{0.0, 0.0, 0.0};
    const Returns& returns = view.child_returns[i];
    return Evidence{visits, static_cast<double>(returns.mean), static_cast<double>(returns.m2)};
  }
};

struct AdaptiveBranching {
  Posterior posterior;

  int32_t pick(const NodeView& view) const {
    const int32_t deeper = Thompson{posterior}.pick(view);
    if ((view.place->flags & kComplete) || view.count >= kMaxChildren) return deeper;
    if (deeper == kStuck) return kStop;
    Evidence made;
    Evidence below;
    arms(view, made, below);
    const double theta_new = posterior.sample(made, view.stream(kNewChildStream));
    const double theta_deeper = posterior.sample(below, view.stream(kNewChildStream + 1));
    return theta_new >= theta_deeper ? kStop : deeper;
  }

  // What the children were worth when they were made, and what came of going deeper.
  static void arms(const NodeView& view, Evidence& made, Evidence& below) {
    double n = 0.0, s1 = 0.0, s2 = 0.0;
    double all_n = 0.0, all_s1 = 0.0, all_s2 = 0.0;
    for (int32_t i = 0; i < view.count; ++i) {
      const Evidence child = Thompson::seen(view, i);
      if (child.n <= 0.0) continue;
      all_n += child.n;
      all_s1 += child.n * child.mean;
      all_s2 += child.m2 + child.n * child.mean * child.mean;
      const float raw = view.child_returns[i].raw;
      if (std::isnan(raw)) continue;
      const double first = static_cast<double>(view.children[i].reward + view.shown.discount * raw);
      n += 1.0;
      s1 += first;
      s2 += first * first;
    }
    made = evidence(n, s1, s2);
    below = evidence(all_n - n, all_s1 - s1, all_s2 - s2);
  }

  static Evidence evidence(double n, double s1, double s2) {
    if (n <= 0.0) return Evidence{0.0, 0.0, 0.0};
    return Evidence{n, s1 / n, std::max(0.0, s2 - s1 * s1 / n)};
  }
};

struct SoftmaxMix {
  double temperature;
  double uniform_share;

  int32_t pick(const NodeView& view) const {
    double* const weights = view.scratch;
    int32_t* const index = reinterpret_cast<int32_t*>(view.scratch + view.count);
    int32_t eligible = 0;
    for (int32_t i = 0; i < view.count; ++i) {
      if (!view.eligible(i)) continue;
      weights[eligible] = static_cast<double>(view.q(i));
      index[eligible++] = i;
    }
    if (eligible == 0) return kStuck;
    return index[draw(weights, eligible, view.stream(kNodeStream).next())];
  }

  // The position that the number u in (0, 1) falls on; `scores` are overwritten.
  int64_t draw(double* scores, int64_t count, double u) const {
    double top = scores[0];
    for (int64_t i = 1; i < count; ++i) top = std::max(top, scores[i]);
    double total = 0.0;
    for (int64_t i = 0; i < count; ++i) {
      scores[i] = std::exp((scores[i] - top) / temperature);
      total += scores[i];
    }
    double cumulative = 0.0;
    for (int64_t i = 0; i < count; ++i) {
      cumulative += uniform_share / static_cast<double>(count) + (1.0 - uniform_share) * scores[i] / total;
      if (cumulative >= u) return i;
    }
    return count - 1;
  }
};

}  // namespace treewright

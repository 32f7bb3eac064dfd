// Sequential halving with Gumbel at the root, the improved policy below it: Danihelka et al. 2022. mcts/rules has the
// formulas. Double inside, float32 at the end.
#pragma once

#include <algorithm>
#include <cmath>

#include "rules/view.hpp"

namespace treewright {

struct Gumbel {
  int64_t simulations;
  int64_t considered;
  double c_visit;
  double c_scale;

  int32_t pick(const NodeView& view) const {
    double* const logits = view.scratch;  // log prior + sigma(completed Q)
    complete(view, logits);
    return view.root ? at_root(view, logits) : below(view, logits);
  }

  // The number of visits that a child must have to be considered at simulation t: the schedule of sequential halving.
  static int64_t considered_visits(int64_t m, int64_t simulations, int64_t t) {
    if (m <= 1) return t;
    int64_t log2max = 0;
    while ((int64_t{1} << log2max) < m) ++log2max;
    int64_t halves = 0;  // how often the first two of the candidates that are left have been visited
    for (int64_t left = m;; left = std::max<int64_t>(2, left / 2)) {
      const int64_t extra = std::max<int64_t>(1, simulations / (log2max * left));
      if (t < extra * left) return halves + t / left;
      if (left == 2) {
        // From here on every phase is the same.
        return halves + t / left;
      }
      t -= extra * left;
      halves += extra;
    }
  }

 private:
  void complete(const NodeView& view, double* logits) const {
    double priors = 0.0;
    double visited_mass = 0.0;
    double visited_q = 0.0;
    double visits = 0.0;
    int32_t most = 0;
    for (int32_t i = 0; i < view.count; ++i) priors += static_cast<double>(view.children[i].prior);
    for (int32_t i = 0; i < view.count; ++i) {
      const Slot& child = view.children[i];
      if (child.visits() <= 0) continue;
      const double pi = share(view, i, priors);
      visits += child.visits();
      visited_mass += pi;
      visited_q += pi * static_cast<double>(view.q(i));
      most = std::max(most, child.visits());
    }
    const auto raw = static_cast<double>(view.raw());
    const double mixed =
        visits == 0.0 || visited_mass == 0.0 ? raw : (raw + visits / visited_mass * visited_q) / (1.0 + visits);
    const double scale = (c_visit + most) * c_scale;
    for (int32_t i = 0; i < view.count; ++i) {
      const Slot& child = view.children[i];
      const double q = child.visits() > 0 ? static_cast<double>(view.q(i)) : mixed;
      logits[i] = std::log(static_cast<double>(child.prior)) + scale * q;
    }
  }

  static double share(const NodeView& view, int32_t i, double priors) {
    return priors > 0.0 ? static_cast<double>(view.children[i].prior) / priors : 1.0 / view.count;
  }

  int32_t at_root(const NodeView& view, const double* logits) const {
    int64_t started = 0;
    int64_t eligible = 0;
    int64_t least = kMaxStarted;
    for (int32_t i = 0; i < view.count; ++i) {
      started += view.children[i].started;
      if (!view.eligible(i)) continue;
      ++eligible;
      least = std::min<int64_t>(least, view.children[i].started);
    }
    int64_t wanted = considered_visits(std::min(considered, eligible), simulations, started);
    bool found = false;
    for (int32_t i = 0; i < view.count && !found; ++i) found = view.eligible(i) && view.children[i].started == wanted;
    if (!found) wanted = least;
    const uint64_t draws = splitmix64(view.tree_key);
    const auto candidate = [&](int32_t i) { return view.eligible(i) && view.children[i].started == wanted; };
    return highest_of(view, candidate, [&](int32_t i) {
      const double noise = -std::log(-std::log(uniform(splitmix64(draws ^ static_cast<uint64_t>(i)))));
      return static_cast<float>(noise + logits[i]);
    });
  }

  int32_t below(const NodeView& view, const double* logits) const {
    double* const policy = view.scratch + view.count;
    double top = -std::numeric_limits<double>::infinity();
    double started = 0.0;
    for (int32_t i = 0; i < view.count; ++i) {
      if (!view.eligible(i)) continue;
      top = std::max(top, logits[i]);
      started += view.children[i].started;
    }
    double total = 0.0;
    for (int32_t i = 0; i < view.count; ++i) {
      if (!view.eligible(i)) continue;
      policy[i] = std::isinf(top) ? 1.0 : std::exp(logits[i] - top);
      total += policy[i];
    }
    return highest(view, [&](int32_t i) {
      return static_cast<float>(policy[i] / total - view.children[i].started / (1.0 + started));
    });
  }
};

}  // namespace treewright

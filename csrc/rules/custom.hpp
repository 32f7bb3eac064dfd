// A rule compiled by Numba: one call a node.
#pragma once

#include "rules/view.hpp"

namespace treewright {

using RuleKernel = int32_t (*)(RuleNode*);

struct Custom {
  RuleKernel kernel;
  bool reads_parent_raw;

  int32_t pick(const NodeView& view) const {
    float* shown = nullptr;
    if (view.shown.virtual_loss || view.shown.normalise) {
      shown = reinterpret_cast<float*>(view.scratch);
      for (int32_t i = 0; i < view.count; ++i) shown[i] = view.q(i);
    }
    const bool given = reads_parent_raw && view.slot->visits() > 0 && !std::isnan(view.returns->raw);
    RuleNode node{view.children,
                  view.child_returns,
                  view.child_places,
                  shown,
                  view.count,
                  view.slot->started,
                  view.slot->in_flight,
                  view.depth,
                  view.shown.q(*view.slot),
                  given ? view.shown.normalised(view.returns->raw) : std::numeric_limits<float>::quiet_NaN(),
                  view.shown.range_squared(),
                  view.skip,
                  view.random_ties,
                  view.level(),
                  0.0f};
    const int32_t found = kernel(&node);
    if (found == view.count) return kStuck;
    return found >= 0 ? found : kFirstNaN + (-1 - found);
  }
};

}  // namespace treewright

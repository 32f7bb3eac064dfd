// How a forest searches; mcts/settings.py documents and checks each setting.
#pragma once

#include <cstdint>
#include <string>

#include "rules/custom.hpp"

namespace treewright {

enum class RuleKind : int {
  uct,
  ucb1_tuned,
  ucb_v,
  puct,
  gumbel,
  thompson,
  adaptive_branching,
  softmax_mix,
  best_first,
  custom,
};

enum class Backup : int { mean, max, power };

struct Settings {
  RuleKind rule;
  double constants[4];     // of the rule, in the order of its fields
  RuleKernel kernel;       // of a custom rule
  bool reads_parent_raw;   // whether it looks at the value given at the node itself, a line of memory of its own
  std::string rule_name;
  Backup backup;
  double power;
  bool virtual_loss;
  bool skip_exhausted;
  bool random_ties;
  bool solver;
  bool normalise;
  bool transpositions;
  bool widening;
  double widening_c;
  double widening_a;
  float discount;
  float low;
  float high;
  uint64_t seed;
  int64_t capacity;
  int threads;
  uint32_t salt;

  // Whether a node that has children may be given more by the search itself.
  bool widens() const {
    return widening || rule == RuleKind::adaptive_branching || (rule == RuleKind::best_first && constants[3] > 1.0) ||
           tree_wide();
  }
  // Whether the search looks at all nodes of a tree at once instead of descending.
  bool tree_wide() const { return rule == RuleKind::softmax_mix && constants[2] == 1.0; }
};

}  // namespace treewright

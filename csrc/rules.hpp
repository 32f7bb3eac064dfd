// Selection rules and tie-breaking; mcts/rules.py has each formula with its paper.
//
// A rule is a function object: `level(N(s))` once a node, then `score(level, Q(s,a), child)` once a child. All arithmetic
// is float32 in the order written, and log is the C library's in double, so that NumPy arrives at the same bits.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "fields.hpp"

namespace treewright {

struct Uct {
  float c;
  float level(int32_t parent_started) const {
    return static_cast<float>(std::log(static_cast<double>(std::max(parent_started, 1))));
  }
  float score(float log, float q, const Slot& child) const {
    const auto visits = static_cast<float>(std::max(child.started, 1));
    const float score = q + c * std::sqrt(log / visits);
    return child.started == 0 ? std::numeric_limits<float>::infinity() : score;
  }
};

struct Puct {
  float c;
  float level(int32_t parent_started) const {
    return c * std::sqrt(static_cast<float>(std::max(parent_started, 1)));
  }
  float score(float weight, float q, const Slot& child) const {
    return q + weight * child.prior / (1.0f + static_cast<float>(child.started));
  }
};

// The finaliser of Steele, Lea & Flood 2014.
inline uint64_t splitmix64(uint64_t x) {
  x += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

// Equal (seed, tree, generation, descent) give equal keys, whatever else is in the batch.
inline uint64_t descent_key(uint64_t seed, uint32_t tree, uint32_t generation, uint64_t descent) {
  return splitmix64(splitmix64(splitmix64(seed) ^ (static_cast<uint64_t>(generation) << 32 | tree)) ^ descent);
}

}  // namespace treewright

// Counter-based random numbers and the samples that rules draw with them; mcts/hashing.py and mcts/rules do the same.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace treewright {

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

// 64 random bits as a number strictly between 0 and 1.
inline double uniform(uint64_t bits) { return (static_cast<double>(bits >> 12) + 0.5) * 0x1p-52; }

// A stream of draws: draw j is uniform(splitmix64(key + j * golden ratio)).
class Stream {
 public:
  explicit Stream(uint64_t key) : key_(key) {}

  double next() {
    const double u = uniform(splitmix64(key_));
    key_ += 0x9E3779B97F4A7C15u;
    return u;
  }

  // Box & Muller 1958.
  double normal() {
    constexpr double kTwoPi = 6.283185307179586;
    const double radius = std::sqrt(-2.0 * std::log(next()));
    return radius * std::cos(kTwoPi * next());
  }

  // Gamma(a, 1): Marsaglia & Tsang 2000; below 1 by their boost.
  double gamma(double a) {
    if (a < 1.0) {
      const double larger = gamma(a + 1.0);
      return larger * std::exp(std::log(next()) / a);
    }
    const double d = a - 1.0 / 3.0;
    const double c = 1.0 / std::sqrt(9.0 * d);
    for (;;) {
      const double x = normal();
      double v = 1.0 + c * x;
      if (v <= 0.0) continue;
      v = v * v * v;
      const double u = next();
      if (std::log(u) < 0.5 * x * x + d - d * v + d * std::log(v)) return d * v;
    }
  }

 private:
  uint64_t key_;
};

// What has been seen of an arm: number, mean and summed squared deviations of its returns.
struct Evidence {
  double n;
  double mean;
  double m2;
};

// The belief about an arm's mean return before anything was seen, and how to draw from it afterwards.
struct Posterior {
  bool beta;
  double weight;
  double low;
  double width;

  double sample(const Evidence& seen, Stream stream) const {
    if (beta) {
      const double x = std::min(std::max((seen.mean - low) / width, 0.0), 1.0);
      const double wins = stream.gamma(weight + seen.n * x);
      const double losses = stream.gamma(weight + seen.n * (1.0 - x));
      // Both may be too small for a double where the weight is.
      if (wins + losses == 0.0) return low + width * (weight + seen.n * x) / (2.0 * weight + seen.n);
      return low + width * wins / (wins + losses);
    }
    const double mu0 = low + 0.5 * width;
    const double known = weight + seen.n;
    const double mu = (weight * mu0 + seen.n * seen.mean) / known;
    const double off = seen.mean - mu0;
    const double shape = 1.0 + seen.n / 2.0;
    const double rate = (width / 4.0) * (width / 4.0) + seen.m2 / 2.0 + weight * seen.n * off * off / (2.0 * known);
    const double tau = stream.gamma(shape) / rate;
    return mu + stream.normal() / std::sqrt(known * tau);
  }
};

}  // namespace treewright

// The child with the highest score, several at a time. Every path computes each score by the same operations in the same
// order and breaks ties to the lowest index, so all of them choose alike.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define TREEWRIGHT_X86 1
#include <immintrin.h>
#endif

#include "fields.hpp"

namespace treewright {

enum class Path : int { scalar, avx2, avx512 };

// `level` is c * sqrt(N) for PUCT and ln N for UCT.
using PickKernel = int32_t (*)(const Slot* children, int32_t count, float level, float c);

template <class Rule>
int32_t pick_scalar(const Slot* children, int32_t count, float level, float c) {
  Rule rule{};
  rule.c = c;
  float best = -std::numeric_limits<float>::infinity();
  int32_t chosen = 0;
  for (int32_t i = 0; i < count; ++i) {
    const float score = rule.score(level, children[i].q, children[i]);
    chosen = score > best ? i : chosen;
    best = score > best ? score : best;
  }
  return chosen;
}

#ifdef TREEWRIGHT_X86
#define TREEWRIGHT_AVX2 __attribute__((target("avx2"), always_inline)) inline
#define TREEWRIGHT_AVX512 __attribute__((target("avx512f,avx512dq,avx512vl"), always_inline)) inline

struct Eight {
  __m256 prior;
  __m256 q;
  __m256i started;
};

// The first four fields of eight slots, transposed.
TREEWRIGHT_AVX2 Eight load_eight(const Slot* slots) {
  const auto at = [slots](int i) __attribute__((target("avx2"), always_inline)) {
    return _mm_loadu_ps(reinterpret_cast<const float*>(slots + i));
  };
  const auto pair = [&](int i) __attribute__((target("avx2"), always_inline)) {
    return _mm256_insertf128_ps(_mm256_castps128_ps256(at(i)), at(i + 4), 1);
  };
  const __m256 a = pair(0), b = pair(1), c = pair(2), d = pair(3);
  const __m256 low_ab = _mm256_unpacklo_ps(a, b), low_cd = _mm256_unpacklo_ps(c, d);
  const __m256 high_ab = _mm256_unpackhi_ps(a, b), high_cd = _mm256_unpackhi_ps(c, d);
  return Eight{_mm256_shuffle_ps(low_ab, low_cd, 0x44), _mm256_shuffle_ps(low_ab, low_cd, 0xEE),
               _mm256_castps_si256(_mm256_shuffle_ps(high_ab, high_cd, 0x44))};
}

struct PuctVector {
  TREEWRIGHT_AVX2 static __m256 score(const Eight& x, float level, float) {
    const __m256 visits = _mm256_add_ps(_mm256_set1_ps(1.0f), _mm256_cvtepi32_ps(x.started));
    return _mm256_add_ps(x.q, _mm256_div_ps(_mm256_mul_ps(_mm256_set1_ps(level), x.prior), visits));
  }
  TREEWRIGHT_AVX512 static __m512 score(__m512 prior, __m512 q, __m512i started, float level, float) {
    const __m512 visits = _mm512_add_ps(_mm512_set1_ps(1.0f), _mm512_cvtepi32_ps(started));
    return _mm512_add_ps(q, _mm512_div_ps(_mm512_mul_ps(_mm512_set1_ps(level), prior), visits));
  }
};

struct UctVector {
  TREEWRIGHT_AVX2 static __m256 score(const Eight& x, float level, float c) {
    const __m256 visits = _mm256_cvtepi32_ps(_mm256_max_epi32(x.started, _mm256_set1_epi32(1)));
    const __m256 bonus = _mm256_mul_ps(_mm256_set1_ps(c), _mm256_sqrt_ps(_mm256_div_ps(_mm256_set1_ps(level), visits)));
    const __m256 unvisited = _mm256_castsi256_ps(_mm256_cmpeq_epi32(x.started, _mm256_setzero_si256()));
    return _mm256_blendv_ps(_mm256_add_ps(x.q, bonus), _mm256_set1_ps(std::numeric_limits<float>::infinity()), unvisited);
  }
  TREEWRIGHT_AVX512 static __m512 score(__m512, __m512 q, __m512i started, float level, float c) {
    const __m512 visits = _mm512_cvtepi32_ps(_mm512_max_epi32(started, _mm512_set1_epi32(1)));
    const __m512 bonus = _mm512_mul_ps(_mm512_set1_ps(c), _mm512_sqrt_ps(_mm512_div_ps(_mm512_set1_ps(level), visits)));
    const __mmask16 unvisited = _mm512_cmpeq_epi32_mask(started, _mm512_setzero_si512());
    return _mm512_mask_mov_ps(_mm512_add_ps(q, bonus), unvisited, _mm512_set1_ps(std::numeric_limits<float>::infinity()));
  }
};

template <class Vector>
__attribute__((target("avx2"))) int32_t pick_avx2(const Slot* children, int32_t count, float level, float c) {
  const __m256 none = _mm256_set1_ps(-std::numeric_limits<float>::infinity());
  const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  __m256 best = none;
  __m256i index = lanes;
  for (int32_t begin = 0; begin < count; begin += 8) {
    __m256 score = Vector::score(load_eight(children + begin), level, c);
    if (count - begin < 8) {
      const __m256i inside = _mm256_cmpgt_epi32(_mm256_set1_epi32(count - begin), lanes);
      score = _mm256_blendv_ps(none, score, _mm256_castsi256_ps(inside));
    }
    if (begin == 0) {
      best = score;
      continue;
    }
    const __m256 better = _mm256_cmp_ps(score, best, _CMP_GT_OQ);
    best = _mm256_blendv_ps(best, score, better);
    index = _mm256_blendv_epi8(index, _mm256_add_epi32(lanes, _mm256_set1_epi32(begin)), _mm256_castps_si256(better));
  }
  __m256 top = _mm256_max_ps(best, _mm256_permute2f128_ps(best, best, 1));
  top = _mm256_max_ps(top, _mm256_shuffle_ps(top, top, 0x4E));
  top = _mm256_max_ps(top, _mm256_shuffle_ps(top, top, 0xB1));
  const __m256 equal = _mm256_cmp_ps(best, top, _CMP_EQ_OQ);
  if (count <= 8) return __builtin_ctz(static_cast<unsigned>(_mm256_movemask_ps(equal)));
  __m256i lowest = _mm256_blendv_epi8(_mm256_set1_epi32(INT32_MAX), index, _mm256_castps_si256(equal));
  lowest = _mm256_min_epi32(lowest, _mm256_permute2x128_si256(lowest, lowest, 1));
  lowest = _mm256_min_epi32(lowest, _mm256_shuffle_epi32(lowest, 0x4E));
  lowest = _mm256_min_epi32(lowest, _mm256_shuffle_epi32(lowest, 0xB1));
  return _mm256_extract_epi32(lowest, 0);
}

template <class Vector>
__attribute__((target("avx512f,avx512dq,avx512vl"))) int32_t pick_avx512(const Slot* children, int32_t count,
                                                                        float level, float c) {
  const __m512 none = _mm512_set1_ps(-std::numeric_limits<float>::infinity());
  const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  __m512 best = none;
  __m512i index = lanes;
  for (int32_t begin = 0; begin < count; begin += 16) {
    const auto at = [&](int i) __attribute__((target("avx512f,avx512dq,avx512vl"), always_inline)) {
      return _mm_loadu_ps(reinterpret_cast<const float*>(children + begin + i));
    };
    const auto four = [&](int i) __attribute__((target("avx512f,avx512dq,avx512vl"), always_inline)) {
      const __m256 low = _mm256_insertf128_ps(_mm256_castps128_ps256(at(i)), at(i + 4), 1);
      const __m256 high = _mm256_insertf128_ps(_mm256_castps128_ps256(at(i + 8)), at(i + 12), 1);
      return _mm512_insertf32x8(_mm512_castps256_ps512(low), high, 1);
    };
    const __m512 a = four(0), b = four(1), d = four(2), e = four(3);
    const __m512 low_ab = _mm512_unpacklo_ps(a, b), low_de = _mm512_unpacklo_ps(d, e);
    const __m512 high_ab = _mm512_unpackhi_ps(a, b), high_de = _mm512_unpackhi_ps(d, e);
    __m512 score = Vector::score(_mm512_shuffle_ps(low_ab, low_de, 0x44), _mm512_shuffle_ps(low_ab, low_de, 0xEE),
                                 _mm512_castps_si512(_mm512_shuffle_ps(high_ab, high_de, 0x44)), level, c);
    if (count - begin < 16) {
      score = _mm512_mask_mov_ps(none, static_cast<__mmask16>((1u << (count - begin)) - 1), score);
    }
    const __mmask16 better = begin == 0 ? static_cast<__mmask16>(0xFFFF) : _mm512_cmp_ps_mask(score, best, _CMP_GT_OQ);
    best = _mm512_mask_mov_ps(best, better, score);
    index = _mm512_mask_add_epi32(index, better, lanes, _mm512_set1_epi32(begin));
  }
  const __mmask16 equal = _mm512_cmp_ps_mask(best, _mm512_set1_ps(_mm512_reduce_max_ps(best)), _CMP_EQ_OQ);
  return _mm512_mask_reduce_min_epi32(equal, index);
}

// Wide nodes sixteen at a time, narrow ones eight.
template <class Vector>
int32_t pick_avx512_or_avx2(const Slot* children, int32_t count, float level, float c) {
  return count > 8 ? pick_avx512<Vector>(children, count, level, c) : pick_avx2<Vector>(children, count, level, c);
}
#else
struct PuctVector;
struct UctVector;
#endif

// The widest path that this machine has; the environment variable TREEWRIGHT_SIMD = scalar | avx2 | avx512 lowers it.
inline Path widest_path() {
  Path path = Path::scalar;
#ifdef TREEWRIGHT_X86
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2")) path = Path::avx2;
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
    path = Path::avx512;
  }
#endif
  const char* const wanted = std::getenv("TREEWRIGHT_SIMD");
  if (wanted == nullptr) return path;
  if (std::strcmp(wanted, "scalar") == 0) return Path::scalar;
  if (std::strcmp(wanted, "avx2") == 0) return std::min(path, Path::avx2);
  return path;
}

inline Path path_in_use() {
  static const Path path = widest_path();
  return path;
}

template <class Rule, class Vector>
PickKernel pick_kernel() {
#ifdef TREEWRIGHT_X86
  if (path_in_use() == Path::avx512) return pick_avx512_or_avx2<Vector>;
  if (path_in_use() == Path::avx2) return pick_avx2<Vector>;
#endif
  return pick_scalar<Rule>;
}

}  // namespace treewright

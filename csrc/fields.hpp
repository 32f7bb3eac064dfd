// The layout of a node. mcts/fields.py is the table with the meaning of each field; loading fails where they differ.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace treewright {

constexpr int32_t kLeaf = -1;
constexpr int32_t kPending = -2;
constexpr int32_t kLinkBase = -4;  // `first` of a link is kLinkBase - id of its target
constexpr int32_t kNoParent = -1;

struct Slot {
  float prior;
  float q;
  int32_t started;
  int32_t first;
  int32_t parent;
  uint16_t count;
  uint16_t in_flight;
  int32_t node;
  float reward;

  int32_t visits() const { return started - in_flight; }
};
static_assert(sizeof(Slot) == 32, "two slots a cache line");

// Brings in a line that will be written, so that the store need not wait for the right to write it. (The builtin asks for
// that right only where the compiler may assume the instruction; processors that lack it pass over it.)
template <class T>
inline void prefetch_to_write(const T& at) {
#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
  asm volatile("prefetchw %0" ::"m"(at));
#else
  __builtin_prefetch(&at, 1);
#endif
}

// Makes an unvisited childless node at a slot: two stores where the machine has them, which is a third of the time.
inline void write_leaf(Slot& slot, float prior, float q, int32_t parent, int32_t node, float reward) {
#ifdef __SSE2__
  const __m128 shown = _mm_unpacklo_ps(_mm_set_ss(prior), _mm_set_ss(q));
  const __m128 unstarted = _mm_castsi128_ps(_mm_set_epi32(0, 0, kLeaf, 0));
  const __m128i kin = _mm_unpacklo_epi64(_mm_cvtsi32_si128(parent), _mm_cvtsi32_si128(node));
  const __m128i paid = _mm_slli_si128(_mm_castps_si128(_mm_set_ss(reward)), 12);
  _mm_store_ps(&slot.prior, _mm_movelh_ps(shown, unstarted));
  _mm_store_si128(reinterpret_cast<__m128i*>(&slot.parent), _mm_or_si128(kin, paid));
#else
  slot = Slot{prior, q, 0, kLeaf, parent, 0, 0, node, reward};
#endif
}

struct Returns {
  float raw;
  float mean;
  float max;
  float m2;
};
static_assert(sizeof(Returns) == 16, "four to a cache line");

struct Place {
  int32_t tree;
  uint16_t depth;
  uint16_t capacity;
  uint16_t held;
  uint8_t flags;
};
static_assert(sizeof(Place) == 12, "one byte is left over");

// The place of a new node, in two stores.
inline void write_place(Place& place, int32_t tree, uint16_t depth, uint8_t flags) {
  const uint64_t where = static_cast<uint64_t>(depth) << 32 | static_cast<uint32_t>(tree);
  const uint32_t rest = static_cast<uint32_t>(flags) << 16;
  std::memcpy(&place, &where, sizeof(where));
  std::memcpy(reinterpret_cast<char*>(&place) + sizeof(where), &rest, sizeof(rest));
}

// One slot's share of every column: Slot, Returns, Place and, by node id, slot_of.
constexpr int64_t kBytesPerSlot = sizeof(Slot) + sizeof(Returns) + sizeof(Place) + sizeof(int32_t);
static_assert(kBytesPerSlot <= 64, "hot and cold together stay within one cache line");

// What a custom rule is shown of a node: the argument of its compiled kernel.
struct RuleNode {
  const Slot* children;
  const Returns* returns;
  const Place* places;
  const float* q;  // shown Q of each child; null where it is that of the slots
  int32_t count;
  int32_t parent_started;
  int32_t parent_in_flight;
  int32_t depth;
  float parent_q;
  float parent_raw;     // NaN if none was ever given
  float range_squared;  // by which a variance is divided
  uint8_t skip;
  uint8_t random_ties;
  uint64_t key;
  float best;  // written by the kernel
};

constexpr uint8_t kTerminal = 1;
constexpr uint8_t kProven = 2;
constexpr uint8_t kExhausted = 4;
constexpr uint8_t kComplete = 8;
constexpr uint8_t kLink = 16;

constexpr int64_t kMaxChildren = 65535;
constexpr int64_t kMaxDepth = 65535;
constexpr int64_t kMaxInFlight = 65535;
constexpr int64_t kMaxStarted = 2147483647;
constexpr int64_t kMaxSlots = 2147483640;
constexpr float kMaxMagnitude = 1e9f;

}  // namespace treewright

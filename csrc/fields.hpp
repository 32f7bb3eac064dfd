// The layout of a node. mcts/fields.py is the table with the meaning of each field; loading fails where they differ.
#pragma once

#include <cstddef>
#include <cstdint>

namespace treewright {

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
  uint8_t flags;
};
static_assert(sizeof(Place) == 12, "three bytes are left over");

// One slot's share of every column: Slot, Returns, Place and, by node id, slot_of.
constexpr int64_t kBytesPerSlot = sizeof(Slot) + sizeof(Returns) + sizeof(Place) + sizeof(int32_t);
static_assert(kBytesPerSlot <= 64, "hot and cold together stay within one cache line");

constexpr int32_t kLeaf = -1;
constexpr int32_t kPending = -2;
constexpr int32_t kNoParent = -1;
constexpr int32_t kFree = -1;

constexpr uint8_t kTerminal = 1;
constexpr uint8_t kExhausted = 4;

constexpr int64_t kMaxChildren = 65535;
constexpr int64_t kMaxDepth = 65535;
constexpr int64_t kMaxInFlight = 65535;
constexpr int64_t kMaxStarted = 2147483647;
constexpr int64_t kMaxSlots = 2147483646;
constexpr float kMaxMagnitude = 1e9f;

}  // namespace treewright

// Where nodes live: one block of memory for all trees, cut into groups of siblings, and the ids that survive a move.
#pragma once

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#ifdef __linux__
#include <sys/mman.h>
#endif

#include "errors.hpp"
#include "fields.hpp"

namespace treewright {

// One allocation that holds every column. It is shared: a view keeps it alive after the arena has moved on to a larger.
class Block {
 public:
  explicit Block(int64_t capacity) : capacity(capacity), bytes(rounded(capacity * kBytesPerSlot)) {
    base_.reset(static_cast<char*>(std::aligned_alloc(static_cast<size_t>(alignment(bytes)), static_cast<size_t>(bytes))));
    if (!base_) {
      throw ForestError(ErrorKind::no_memory, "cannot allocate " + std::to_string(bytes) + " bytes for " +
                                                  std::to_string(capacity) + " slots");
    }
#ifdef __linux__
    // A fresh arena is touched front to back, once: large pages make that hundreds of page faults instead of 100,000s.
    // The hint may be refused without harm.
    if (bytes >= kLargePage) madvise(base_.get(), static_cast<size_t>(bytes), MADV_HUGEPAGE);
#endif
    slots = reinterpret_cast<Slot*>(base_.get());
    returns = reinterpret_cast<Returns*>(slots + capacity);
    places = reinterpret_cast<Place*>(returns + capacity);
    slot_of = reinterpret_cast<int32_t*>(places + capacity);
  }

  void copy_from(const Block& old, int64_t used) {
    const auto copy = [used](auto* to, const auto* from) { std::memcpy(to, from, used * sizeof(*to)); };
    copy(slots, old.slots);
    copy(returns, old.returns);
    copy(places, old.places);
    copy(slot_of, old.slot_of);
  }

  const char* base() const { return base_.get(); }

  const int64_t capacity;
  const int64_t bytes;
  Slot* slots;
  Returns* returns;
  Place* places;
  int32_t* slot_of;  // by node id; kFree of a free id

 private:
  static constexpr int64_t kLargePage = int64_t{1} << 21;

  static int64_t alignment(int64_t bytes) { return bytes < kLargePage ? 64 : kLargePage; }
  static int64_t rounded(int64_t bytes) { return (bytes + alignment(bytes) - 1) / alignment(bytes) * alignment(bytes); }

  struct Free {
    void operator()(char* memory) const { std::free(memory); }
  };
  std::unique_ptr<char, Free> base_;
};

class Arena {
 public:
  explicit Arena(int64_t capacity) : block_(std::make_shared<Block>((capacity + 1) / 2 * 2)) { free_groups_.fill(kFree); }

  Block& at() const { return *block_; }
  std::shared_ptr<Block> share() const { return block_; }
  int64_t used() const { return used_; }
  int64_t ids_used() const { return ids_used_; }
  int64_t bytes() const { return block_->bytes + static_cast<int64_t>(free_ids_.capacity() * sizeof(int32_t)); }

  // Slots that a group for `count` siblings takes: even, so that every group begins on a cache line.
  static int64_t group_slots(int64_t count) { return kGroupSlots[group_class(count)]; }

  // Makes room for `wanted` slots more, so that what follows cannot fail. Slots may change their address, not their index.
  void reserve(int64_t wanted) {
    const int64_t needed = used_ + wanted;
    if (needed <= block_->capacity) return;
    if (needed > kMaxSlots) {
      throw ForestError(ErrorKind::limit_exceeded, "the forest would need " + std::to_string(needed) +
                                                       " slots, the limit is " + std::to_string(kMaxSlots));
    }
    auto larger = std::make_shared<Block>(std::min(kMaxSlots, std::max(needed, 2 * block_->capacity)));
    larger->copy_from(*block_, used_);
    block_ = std::move(larger);
  }

  // A group for `count` siblings, which the caller fills; the slots beyond them are free. Room must have been reserved.
  int32_t take_group(int64_t count) {
    const int cls = group_class(count);
    const int32_t head = free_groups_[cls];
    if (head != kFree) {
      free_groups_[cls] = block_->slots[head].first;
      prefetch(free_groups_[cls], count);
      return head;
    }
    const auto begin = static_cast<int32_t>(used_);
    used_ += kGroupSlots[cls];
    clear(begin + static_cast<int32_t>(count), kGroupSlots[cls] - static_cast<int32_t>(count));
    return begin;
  }

  void give_back_group(int32_t begin, int64_t count) {
    const int cls = group_class(count);
    clear(begin, kGroupSlots[cls]);
    block_->slots[begin].first = free_groups_[cls];
    free_groups_[cls] = begin;
  }

  // The id of a new node at `slot`: the one given back last, else a new one.
  int32_t take_id(int32_t slot) {
    int32_t id;
    if (free_ids_.empty()) {
      id = static_cast<int32_t>(ids_used_++);
    } else {
      id = free_ids_.back();
      free_ids_.pop_back();
    }
    block_->slot_of[id] = slot;
    return id;
  }

  // Makes room for `wanted` ids to be given back, so that it cannot fail.
  void reserve_free_ids(int64_t wanted) {
    const size_t needed = free_ids_.size() + static_cast<size_t>(wanted);
    if (needed > free_ids_.capacity()) free_ids_.reserve(std::max(needed, 2 * free_ids_.capacity()));
  }

  void give_back_id(int32_t id) {
    block_->slot_of[id] = kFree;
    free_ids_.push_back(id);
  }

  bool is_node(int64_t id) const { return id >= 0 && id < ids_used_ && block_->slot_of[id] >= 0; }

  // Moves the children of `parent` to a larger group that holds `count`; ids, and so tickets, stay good.
  void move_children(int32_t parent, int64_t count) {
    Block& b = *block_;
    const int32_t from = b.slots[parent].first;
    const int32_t to = take_group(count);
    for (int32_t i = 0; i < b.slots[parent].count; ++i) {
      const int32_t old = from + i;
      const int32_t now = to + i;
      b.slots[now] = b.slots[old];
      b.returns[now] = b.returns[old];
      b.places[now] = b.places[old];
      b.slot_of[b.slots[now].node] = now;
      for (int32_t child = 0; child < b.slots[now].count; ++child) b.slots[b.slots[now].first + child].parent = now;
    }
    give_back_group(from, b.places[parent].capacity);
    b.slots[parent].first = to;
  }

 private:
  static constexpr std::array<int32_t, 30> kGroupSlots = {
      2,   4,   6,    8,    12,   16,   24,   32,   48,   64,    96,    128,   192,   256,   384,
      512, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192, 12288, 16384, 24576, 32768, 49152, 65536};

  static int group_class(int64_t count) {
    return static_cast<int>(std::lower_bound(kGroupSlots.begin(), kGroupSlots.end(), count) - kGroupSlots.begin());
  }

  // Brings in the lines that the next group of this size will be written to.
  void prefetch(int32_t begin, int64_t count) const {
    if (begin == kFree) return;
    for (int64_t i = 0; i < std::min<int64_t>(count, 16); i += 2) __builtin_prefetch(&block_->slots[begin + i], 1);
    __builtin_prefetch(&block_->places[begin], 1);
  }

  void clear(int32_t begin, int32_t count) {
    for (int32_t slot = begin; slot < begin + count; ++slot) block_->slots[slot].node = kFree;
  }

  std::shared_ptr<Block> block_;
  int64_t used_ = 0;
  int64_t ids_used_ = 0;
  std::vector<int32_t> free_ids_;  // a stack beside the columns: a chain through them would wait for memory at each id
  std::array<int32_t, 30> free_groups_;
};

}  // namespace treewright

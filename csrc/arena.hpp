// Where nodes live: one block of memory for the trees of a thread. A tree takes it in chunks, and cuts its chunks into
// groups of siblings, so that what one search touches lies together.
//
// Every slot owns an id. A node is known by the id of the slot it was made in; when its group moves, it takes the id
// along and leaves the slot the id of its new place. So ids survive moves, and neither making a node nor giving it back
// touches a table. A slot without a node holds the complement of its id.
#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "block.hpp"

namespace treewright {

// The memory of one tree.
struct Region {
  int32_t next = 0;     // slot where the next group begins, in the newest chunk
  int32_t end = 0;      // of that chunk
  int32_t chunk = -1;   // newest chunk: a number in the arena's table; each knows the one before it
  int32_t slots = 0;    // of all chunks
  int64_t planned = 0;  // slots that the call in progress may take
  int32_t heads = -1;   // number of its table of free groups; -1 while it has none
};

class Arena {
 public:
  // `bits` low bits of every id are `index`: the shard.
  Arena(int64_t capacity, int bits, int32_t index)
      : bits_(bits), index_(index), limit_(kMaxSlots >> bits), block_(std::make_shared<Block>((capacity + 1) / 2 * 2)) {}

  Block& at() const { return *block_; }
  std::shared_ptr<Block> share() const { return block_; }
  void adopt(std::shared_ptr<Block> block) { block_ = std::move(block); }
  int64_t used() const { return used_; }
  int64_t bytes() const {
    int64_t total = block_->bytes + static_cast<int64_t>(chunks_.capacity() * sizeof(Chunk) + heads_.capacity() * sizeof(Heads));
    for (const auto& stack : free_chunks_) total += static_cast<int64_t>(stack.capacity() * sizeof(int32_t));
    return total;
  }

  int64_t local(int32_t id) const { return id >> bits_; }
  int32_t slot_of(int32_t id) const { return block_->slot_of[id >> bits_]; }
  bool is_node(int64_t id) const {
    if (id < 0 || (id >> bits_) >= used_ || (id & ((int64_t{1} << bits_) - 1)) != index_) return false;
    return block_->slots[slot_of(static_cast<int32_t>(id))].node == id;
  }
  // The id of the node that is about to be made at a free slot.
  int32_t id_at(int32_t slot) const { return ~block_->slots[slot].node; }
  // The same of free slots side by side. While no node has ever moved they follow from the places: memory that is about
  // to be written need not be read first.
  void ids_at(int32_t begin, int64_t count, int32_t* ids) const {
    if (ids_moved_) {
      for (int64_t i = 0; i < count; ++i) ids[i] = ~block_->slots[begin + i].node;
    } else {
      for (int64_t i = 0; i < count; ++i) ids[i] = (begin + static_cast<int32_t>(i)) << bits_ | index_;
    }
  }
  // Ids are about to leave the slots that they were made for.
  void note_move() { ids_moved_ = true; }

  // Slots that a group for `count` siblings takes: even, so that every group begins on a cache line.
  static int64_t group_slots(int64_t count) { return kGroupSlots[group_class(count)]; }

  // Makes room for groups of `slots` slots in all, so that taking them cannot fail. Slots may change their address, not
  // their index. What is left of the tree's last chunk, if that is too small, is not used any more.
  void ensure(Region& region, int64_t slots) {
    if (region.end - region.next >= slots) return;
    const int64_t wanted = std::max(slots, std::clamp<int64_t>(region.slots / 2, kSmallestChunk, kLargestChunk));
    take_chunk(region, wanted);
  }
  // Makes room for groups to be given back one by one.
  void ensure_heads(Region& region) {
    if (region.heads >= 0) return;
    if (free_heads_.capacity() < heads_.size() + 1) free_heads_.reserve(2 * heads_.size() + 16);
    if (free_heads_.empty()) {
      heads_.emplace_back();
      region.heads = static_cast<int32_t>(heads_.size() - 1);
    } else {
      region.heads = free_heads_.back();
      free_heads_.pop_back();
    }
    heads_[static_cast<size_t>(region.heads)].fill(kNone);
  }

  // A group for `count` siblings, none of which is made yet. Room must have been ensured.
  int32_t take_group(Region& region, int64_t count) {
    const int cls = group_class(count);
    if (region.heads >= 0) {
      int32_t& head = heads_[static_cast<size_t>(region.heads)][cls];
      if (head != kNone) {
        const int32_t begin = head;
        head = block_->slots[begin].first;
        return begin;
      }
    }
    const int32_t begin = region.next;
    region.next += kGroupSlots[cls];
    // The tree's next group is likely to be as large: the other trees' turns are the time to bring its lines in.
    prefetch(region.next, std::min(region.end, region.next + kGroupSlots[cls]));
    return begin;
  }

  void give_back_group(Region& region, int32_t begin, int64_t count) {
    const int cls = group_class(count);
    vacate(begin, begin + kGroupSlots[cls]);
    int32_t& head = heads_[static_cast<size_t>(region.heads)][cls];
    block_->slots[begin].first = head;
    head = begin;
  }

  // Gives back all memory of a tree.
  void close(Region& region) {
    int32_t used_end = region.next;
    for (int32_t number = region.chunk; number >= 0;) {
      Chunk& chunk = chunks_[static_cast<size_t>(number)];
      vacate(chunk.begin, used_end);
      free_chunks_[chunk.size].push_back(number);
      number = chunk.before;
      if (number >= 0) used_end = chunks_[static_cast<size_t>(number)].end();
    }
    if (region.heads >= 0) free_heads_.push_back(region.heads);
    region = Region();
  }

  // Puts the node of slot `from` into the free slot `to`; its id goes along. The slots that refer to it are the
  // caller's to repoint, those of its children apart.
  void move(int32_t from, int32_t to) {
    Block& b = *block_;
    note_move();
    const int32_t free_id = id_at(to);
    b.slots[to] = b.slots[from];
    b.returns[to] = b.returns[from];
    b.places[to] = b.places[from];
    b.slots[from].node = ~free_id;
    b.slot_of[free_id >> bits_] = from;
    b.slot_of[b.slots[to].node >> bits_] = to;
    for (int32_t child = 0; child < b.slots[to].count; ++child) b.slots[b.slots[to].first + child].parent = to;
  }

  // Moves the children of `parent` to a group that holds `count`; ids, and so tickets, stay good. Answers where they were.
  int32_t move_children(Region& region, int32_t parent, int64_t count) {
    Block& b = *block_;
    const int32_t from = b.slots[parent].first;
    const int32_t to = take_group(region, count);
    for (int32_t i = 0; i < b.slots[parent].count; ++i) move(from + i, to + i);
    b.slots[parent].first = to;
    b.places[parent].capacity = static_cast<uint16_t>(std::min(kMaxChildren, group_slots(count)));
    return from;
  }

  template <class Archive>
  void archive(Archive& archive) {
    archive.value(used_);
    archive.value(ids_moved_);
    archive.value(chunks_);
    archive.value(heads_);
    archive.value(free_heads_);
    for (auto& stack : free_chunks_) archive.value(stack);
    for (auto& count : made_) archive.value(count);
    for (auto& stack : free_chunks_) stack.reserve(chunks_.size());
  }

 private:
  static constexpr std::array<int32_t, 30> kGroupSlots = {
      2,   4,   6,    8,    12,   16,   24,   32,   48,   64,    96,    128,   192,   256,   384,
      512, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192, 12288, 16384, 24576, 32768, 49152, 65536};
  static constexpr int64_t kSmallestChunk = 16;
  static constexpr int64_t kLargestChunk = 8192;
  static constexpr int32_t kNone = -1;

  struct Chunk {
    int32_t begin;
    int32_t size;    // of its slots: see chunk_slots
    int32_t before;  // the tree's chunk before it; -1 if it is the first

    int32_t end() const { return begin + static_cast<int32_t>(chunk_slots(size)); }
  };
  // Trees of one batch grow in step. Were their chunks a power of two apart, the groups that they take at one time would
  // all fall into the same few sets of a cache and drive each other out; 256 bytes more put them side by side.
  static constexpr int64_t chunk_slots(int32_t size) { return (int64_t{1} << size) + (size >= 7 ? 8 : 0); }
  using Heads = std::array<int32_t, 30>;  // first free group by class; each knows the next in its `first`

  static int group_class(int64_t count) {
    int cls = count > 32 ? 8 : 0;
    while (kGroupSlots[cls] < count) ++cls;
    return cls;
  }

  void take_chunk(Region& region, int64_t slots) {
    if (slots > limit_) refuse(used_ + slots);
    int32_t size = 0;
    while (chunk_slots(size) < slots) ++size;
    int32_t number;
    std::vector<int32_t>& stack = free_chunks_[size];
    if (!stack.empty()) {
      number = stack.back();
      stack.pop_back();
    } else {
      number = make_chunk(size);
    }
    Chunk& chunk = chunks_[static_cast<size_t>(number)];
    chunk.before = region.chunk;
    // The chunk before is given back whole: what was left of it holds no node.
    region.chunk = number;
    region.next = chunk.begin;
    region.end = chunk.end();
    region.slots += region.end - region.next;
  }

  int32_t make_chunk(int32_t size) {
    const int64_t needed = used_ + chunk_slots(size);
    if (needed > limit_) refuse(needed);
    if (chunks_.size() == chunks_.capacity()) chunks_.reserve(2 * chunks_.size() + 64);
    if (free_chunks_[size].capacity() <= static_cast<size_t>(made_[size])) free_chunks_[size].reserve(static_cast<size_t>(2 * made_[size] + 16));
    if (needed > block_->capacity) {
      auto larger = std::make_shared<Block>(std::min(limit_, std::max(needed, 2 * block_->capacity)));
      larger->copy_from(*block_, used_);
      block_ = std::move(larger);
    }
    const auto begin = static_cast<int32_t>(used_);
    used_ = needed;
    ++made_[size];
    for (int32_t slot = begin; slot < needed; ++slot) {
      block_->slots[slot].node = ~(slot << bits_ | index_);
      block_->slot_of[slot] = slot;
    }
    chunks_.push_back(Chunk{begin, size, -1});
    return static_cast<int32_t>(chunks_.size() - 1);
  }

  [[noreturn]] void refuse(int64_t slots) const {
    throw ForestError(ErrorKind::limit_exceeded, "the forest would need " + std::to_string(slots) +
                                                     " slots, the limit is " + std::to_string(limit_));
  }

  void vacate(int32_t begin, int32_t end) {
    for (int32_t slot = begin; slot < end; ++slot) {
      int32_t& node = block_->slots[slot].node;
      node = node < 0 ? node : ~node;
    }
  }

  void prefetch(int32_t begin, int32_t end) const {
    end = std::min(end, begin + 16);
    for (int32_t slot = begin; slot < end; slot += 2) prefetch_to_write(block_->slots[slot]);
    for (int32_t slot = begin; slot < end; slot += 5) prefetch_to_write(block_->places[slot]);
  }

  int bits_;
  int32_t index_;
  int64_t limit_;
  std::shared_ptr<Block> block_;
  int64_t used_ = 0;
  bool ids_moved_ = false;
  std::vector<Chunk> chunks_;
  std::array<std::vector<int32_t>, 32> free_chunks_;  // by size
  std::array<int64_t, 32> made_{};
  std::vector<Heads> heads_;
  std::vector<int32_t> free_heads_;
};

}  // namespace treewright

// Reservations: a ticket is (generation << 32 | index), good while the entry at the index has that generation.
#pragma once

#include <algorithm>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "errors.hpp"

namespace treewright {

// The links that a descent went through, first to last, as node ids.
using Via = std::vector<int32_t>;

class Tickets {
 public:
  // Tables of different forests begin at different generations, so that a foreign ticket is refused. The `bits` low bits
  // of an index are `shard`.
  Tickets(uint32_t salt, int bits, int32_t shard) : salt_(salt & kGenerations), bits_(bits), shard_(shard) {}

  int64_t out() const { return out_; }
  int64_t bytes() const { return static_cast<int64_t>(entries_.capacity() * sizeof(Entry)); }

  // Makes room for `wanted` tickets more, so that `issue` cannot fail.
  void reserve(int64_t wanted) {
    const int64_t limit = int64_t{1} << (31 - bits_);
    if (out_ + wanted > limit) {
      throw ForestError(ErrorKind::limit_exceeded, "the forest would have " + std::to_string(out_ + wanted) +
                                                       " tickets out in one arena, the limit is " + std::to_string(limit));
    }
    const auto needed = static_cast<size_t>(out_ + wanted);
    if (needed > entries_.capacity()) entries_.reserve(std::max(needed, 2 * entries_.capacity()));
  }

  int64_t issue(int32_t node, int32_t slot, int32_t tree) {
    int32_t index = free_;
    if (index < 0) {
      index = static_cast<int32_t>(entries_.size());
      entries_.push_back(Entry{-1, -1, -1, -1, salt_, 0});
    } else {
      free_ = entries_[static_cast<size_t>(index)].next;
    }
    Entry& entry = entries_[static_cast<size_t>(index)];
    entry.node = node;
    entry.slot = slot;
    entry.tree = tree;
    ++out_;
    return static_cast<int64_t>(entry.generation) << 32 | static_cast<uint32_t>(index << bits_ | shard_);
  }

  // Refuses a ticket that is not out, or that call number `call` has named before.
  void check(int64_t row_index, int64_t ticket, uint32_t call) {
    const auto at = static_cast<size_t>(index_of(ticket));
    if (ticket < 0 || at >= entries_.size() || entries_[at].node < 0 || entries_[at].generation != ticket >> 32) {
      throw ForestError(ErrorKind::stale_ticket, row("tickets", row_index, ticket) +
                                                     ": it is not out (consumed, cancelled, released or foreign)");
    }
    if (entries_[at].seen == call) {
      throw ForestError(ErrorKind::duplicate_ticket,
                        row("tickets", row_index, ticket) + ", given before: expected distinct tickets");
    }
    entries_[at].seen = call;
  }

  int32_t node(int64_t ticket) const { return entry(ticket).node; }
  int32_t tree(int64_t ticket) const { return entry(ticket).tree; }
  // Where the node was when the ticket was issued.
  int32_t slot_hint(int64_t ticket) const { return entry(ticket).slot; }

  const Via* via(int64_t ticket) const {
    if (vias_.empty()) return nullptr;
    const auto found = vias_.find(index_of(ticket));
    return found == vias_.end() ? nullptr : &found->second;
  }
  void set_via(int64_t ticket, Via via) {
    if (via.empty()) {
      vias_.erase(index_of(ticket));
    } else {
      vias_[index_of(ticket)] = std::move(via);
    }
  }

  void consume(int64_t ticket) { close(index_of(ticket)); }

  // All tickets that are out on a tree, lowest index first.
  std::vector<int64_t> of_tree(int32_t tree) const {
    std::vector<int64_t> found;
    for (size_t index = 0; index < entries_.size(); ++index) {
      if (entries_[index].node < 0 || entries_[index].tree != tree) continue;
      found.push_back(static_cast<int64_t>(entries_[index].generation) << 32 |
                      static_cast<uint32_t>(static_cast<int32_t>(index) << bits_ | shard_));
    }
    return found;
  }

  // Closes every ticket of the trees for which `released(tree)` holds, lowest index first.
  template <class Released>
  void consume_of(Released released) {
    for (size_t index = 0; index < entries_.size(); ++index) {
      if (entries_[index].node >= 0 && released(entries_[index].tree)) close(static_cast<int32_t>(index));
    }
  }

  void clear_seen() {
    for (Entry& entry : entries_) entry.seen = 0;
  }

  template <class Archive>
  void archive(Archive& archive) {
    archive.value(entries_);
    archive.value(out_);
    archive.value(free_);
    archive.value(salt_);
    archive.map(vias_);
    clear_seen();
  }

 private:
  static constexpr uint32_t kGenerations = 0x7FFFFFFF;

  struct Entry {
    int32_t node;  // -1 while the entry is free
    int32_t slot;
    int32_t tree;
    int32_t next;  // while the entry is free: the next free one, or -1
    uint32_t generation;
    uint32_t seen;  // number of the last call that was given this ticket
  };

  int32_t index_of(int64_t ticket) const { return static_cast<int32_t>((ticket & 0xFFFFFFFF) >> bits_); }
  const Entry& entry(int64_t ticket) const { return entries_[static_cast<size_t>(index_of(ticket))]; }

  void close(int32_t index) {
    Entry& entry = entries_[static_cast<size_t>(index)];
    entry.node = -1;
    entry.generation = (entry.generation + 1) & kGenerations;
    entry.next = free_;
    free_ = index;
    --out_;
    if (!vias_.empty()) vias_.erase(index);
  }

  std::vector<Entry> entries_;
  int64_t out_ = 0;
  int32_t free_ = -1;
  uint32_t salt_;
  int bits_;
  int32_t shard_;
  std::unordered_map<int32_t, Via> vias_;  // by index, of descents that went through links
};

}  // namespace treewright

// Reservations: a ticket is (generation << 32 | index), good while the entry at the index has that generation.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "errors.hpp"

namespace treewright {

class Tickets {
 public:
  // Tables of different forests begin at different generations, so that a foreign ticket is refused.
  explicit Tickets(uint32_t salt) : salt_(salt & kGenerations) {}

  int64_t out() const { return out_; }
  int64_t bytes() const { return static_cast<int64_t>(entries_.capacity() * sizeof(Entry)); }

  // Makes room for `wanted` tickets more, so that `issue` cannot fail.
  void reserve(int64_t wanted) {
    const auto needed = static_cast<size_t>(out_ + wanted);
    if (needed > entries_.capacity()) entries_.reserve(std::max(needed, 2 * entries_.capacity()));
  }

  int64_t issue(int32_t node, int32_t tree) {
    int32_t index = free_;
    if (index < 0) {
      index = static_cast<int32_t>(entries_.size());
      entries_.push_back(Entry{-1, -1, -1, salt_, 0});
    } else {
      free_ = entries_[index].next;
    }
    Entry& entry = entries_[index];
    entry.node = node;
    entry.tree = tree;
    ++out_;
    return static_cast<int64_t>(entry.generation) << 32 | index;
  }

  // The node of ticket `index` of a batch, seen for the first time in call number `call`.
  int32_t check(int64_t index, int64_t ticket, uint64_t call) {
    const int64_t at = ticket & 0xFFFFFFFF;
    if (ticket < 0 || at >= static_cast<int64_t>(entries_.size()) || entries_[at].node < 0 ||
        entries_[at].generation != ticket >> 32) {
      throw ForestError(ErrorKind::stale_ticket, row("tickets", index, ticket) +
                                                     ": it is not out (consumed, cancelled, released or foreign)");
    }
    if (entries_[at].seen == call) {
      throw ForestError(ErrorKind::duplicate_ticket,
                        row("tickets", index, ticket) + ", given before: expected distinct tickets");
    }
    entries_[at].seen = call;
    return entries_[at].node;
  }

  int32_t node(int64_t ticket) const { return entries_[ticket & 0xFFFFFFFF].node; }

  void consume(int64_t ticket) { close(static_cast<int32_t>(ticket & 0xFFFFFFFF)); }

  // Closes every ticket of the trees for which `released(tree)` holds, lowest index first.
  template <class Released>
  void consume_of(Released released) {
    for (size_t index = 0; index < entries_.size(); ++index) {
      if (entries_[index].node >= 0 && released(entries_[index].tree)) close(static_cast<int32_t>(index));
    }
  }

 private:
  static constexpr uint32_t kGenerations = 0x7FFFFFFF;

  struct Entry {
    int32_t node;  // -1 while the entry is free
    int32_t tree;
    int32_t next;  // while the entry is free: the next free one, or -1
    uint32_t generation;
    uint64_t seen;  // number of the last call that was given this ticket
  };

  void close(int32_t index) {
    Entry& entry = entries_[index];
    entry.node = -1;
    entry.generation = (entry.generation + 1) & kGenerations;
    entry.next = free_;
    free_ = index;
    --out_;
  }

  std::vector<Entry> entries_;
  int64_t out_ = 0;
  int32_t free_ = -1;
  uint32_t salt_;
};

}  // namespace treewright

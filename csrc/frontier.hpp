// A tree's nodes that may be expanded, best first: a binary heap in which each has one entry, with its score of now.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace treewright {

// What a frontier needs of a node, by the shard's part of its id.
struct Waiting {
  uint64_t push;  // when it began to wait: of equal scores the lower is better
  int32_t alike;  // nodes with its state hash that were made before it
  int32_t at;     // where the heap has it; -1 while it is no candidate
};

class Frontier {
 public:
  uint64_t next_push() { return pushes_++; }
  // The best candidate; -1 if there is none.
  int32_t best() const { return heap_.empty() ? -1 : heap_.front().node; }

  // Lets a node wait with this score, whatever it was before.
  void set(int32_t node, float score, std::vector<Waiting>& waiting) {
    Waiting& own = waiting[static_cast<size_t>(node)];
    const Entry entry{score, own.push, node};
    if (own.at < 0) {
      own.at = static_cast<int32_t>(heap_.size());
      heap_.push_back(entry);
    }
    settle(own.at, entry, waiting);
  }

  // Takes a node out if it is in.
  void drop(int32_t node, std::vector<Waiting>& waiting) {
    const int32_t at = std::exchange(waiting[static_cast<size_t>(node)].at, -1);
    if (at < 0) return;
    const Entry last = heap_.back();
    heap_.pop_back();
    if (last.node != node) settle(at, last, waiting);
  }

  // Forgets all entries; whoever had one is told so by the caller.
  void clear() { heap_.clear(); }
  void restart() {
    heap_.clear();
    pushes_ = 0;
  }

  // The entries follow from the columns.
  template <class Archive>
  void archive(Archive& archive) {
    archive.value(pushes_);
  }

 private:
  struct Entry {
    float score;
    uint64_t push;
    int32_t node;

    bool before(const Entry& other) const {
      return score > other.score || (score == other.score && push < other.push);
    }
  };

  // Puts an entry where it belongs, from position `at` on, whose entry it replaces.
  void settle(int32_t at, const Entry& entry, std::vector<Waiting>& waiting) {
    const auto size = static_cast<int32_t>(heap_.size());
    const auto put = [&](int32_t to, const Entry& given) {
      heap_[static_cast<size_t>(to)] = given;
      waiting[static_cast<size_t>(given.node)].at = to;
    };
    const auto entry_at = [&](int32_t i) -> const Entry& { return heap_[static_cast<size_t>(i)]; };
    for (; at > 0 && entry.before(entry_at((at - 1) / 2)); at = (at - 1) / 2) put(at, entry_at((at - 1) / 2));
    for (int32_t child = 2 * at + 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && entry_at(child + 1).before(entry_at(child))) ++child;
      if (!entry_at(child).before(entry)) break;
      put(at, entry_at(child));
      at = child;
    }
    put(at, entry);
  }

  std::vector<Entry> heap_;
  uint64_t pushes_ = 0;
};

}  // namespace treewright

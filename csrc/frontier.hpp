// A tree's nodes that may be expanded, best first: a heap whose entries are checked when they come up.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace treewright {

class Frontier {
 public:
  struct Entry {
    float score;
    uint64_t push;  // breaks ties: the lower was pushed first
    int32_t node;
  };

  uint64_t next_push() { return pushes_++; }
  void push(const Entry& entry) {
    heap_.push_back(entry);
    std::push_heap(heap_.begin(), heap_.end(), worse);
  }

  bool empty() const { return heap_.empty(); }
  const Entry& top() const { return heap_.front(); }
  void pop() {
    std::pop_heap(heap_.begin(), heap_.end(), worse);
    heap_.pop_back();
  }

  void clear() {
    heap_.clear();
    pushes_ = 0;
  }
  void clear_entries() { heap_.clear(); }

  template <class Archive>
  void archive(Archive& archive) {
    archive.vector(heap_);
    archive.value(pushes_);
  }

 private:
  static bool worse(const Entry& a, const Entry& b) {
    return a.score < b.score || (a.score == b.score && a.push > b.push);
  }

  std::vector<Entry> heap_;
  uint64_t pushes_ = 0;
};

}  // namespace treewright

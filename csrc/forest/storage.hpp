// Saving and restoring everything beside the columns, as one string of bytes. Part of forest.hpp.
#pragma once

#include <cstring>
#include <type_traits>

#include "forest.hpp"

namespace treewright {

class Writer {
 public:
  template <class T>
  void value(const T& given) {
    static_assert(std::is_trivially_copyable_v<T>);
    bytes_.append(reinterpret_cast<const char*>(&given), sizeof(T));
  }
  template <class T>
  void value(const std::vector<T>& given) {
    static_assert(std::is_trivially_copyable_v<T>);
    value(static_cast<int64_t>(given.size()));
    bytes_.append(reinterpret_cast<const char*>(given.data()), given.size() * sizeof(T));
  }
  template <class Map>
  void map(const Map& given) {
    value(static_cast<int64_t>(given.size()));
    for (const auto& [key, found] : given) {
      value(key);
      value(found);
    }
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class Reader {
 public:
  explicit Reader(const std::string& bytes) : bytes_(bytes) {}

  template <class T>
  void value(T& into) {
    take(&into, sizeof(T));
  }
  template <class T>
  void value(std::vector<T>& into) {
    int64_t size = 0;
    value(size);
    if (size < 0 || static_cast<size_t>(size) > (bytes_.size() - next_) / sizeof(T)) refuse();
    into.resize(static_cast<size_t>(size));
    take(into.data(), into.size() * sizeof(T));
  }
  template <class Map>
  void map(Map& into) {
    int64_t size = 0;
    value(size);
    into.clear();
    for (int64_t i = 0; i < size; ++i) {
      typename Map::key_type key;
      value(key);
      value(into[key]);
    }
  }
  void end() const {
    if (next_ != bytes_.size()) refuse();
  }

 private:
  void take(void* into, size_t size) {
    if (size > bytes_.size() - next_) refuse();
    if (size > 0) std::memcpy(into, bytes_.data() + next_, size);
    next_ += size;
  }
  [[noreturn]] static void refuse() {
    throw ForestError(ErrorKind::bad_file, "the tables of the saved forest are cut short or too long");
  }

  const std::string& bytes_;
  size_t next_ = 0;
};

template <class Archive>
void Shard::archive(Archive& archive) {
  arena_.archive(archive);
  tickets_.archive(archive);
  links_.archive(archive);
  archive.value(trees_);
  int64_t frontiers = static_cast<int64_t>(frontiers_.size());
  archive.value(frontiers);
  frontiers_.resize(static_cast<size_t>(frontiers));
  for (Frontier& frontier : frontiers_) frontier.archive(archive);
  archive.value(waiting_);
  archive.value(most_children_);
  scratch_.resize(static_cast<size_t>(2 * most_children_ + 2));
  clear_seen();
}

inline void Shard::adopt(std::shared_ptr<Block> block) {
  arena_.adopt(std::move(block));
  if (best_first()) revive_frontiers();
}

// Rebuilds the frontiers; in a forest that was saved without them nodes wait in breadth-first order.
inline void Shard::revive_frontiers() {
  const bool unsaved = frontiers_.size() < trees_.size();
  frontiers_.resize(std::max(frontiers_.size(), trees_.size()));
  waiting_.resize(static_cast<size_t>(arena_.at().capacity), Waiting{0, 0, -1});
  for (const Tree& tree : trees_) {
    if (tree.root < 0) continue;
    breadth_first(tree.root);
    for (const int32_t slot : queue_) {
      if (unsaved) wait_anew(slot);
    }
    rebuild_frontier(arena_.at().places[tree.root].tree);
  }
}

inline std::string Forest::write(const std::vector<std::string>& paths, std::vector<int64_t>& capacities) {
  std::lock_guard<std::mutex> lock(mutex_);
  for (size_t i = 0; i < shards_.size(); ++i) {
    const Arena& arena = shards_[i]->arena();
    capacities.push_back(std::max<int64_t>(2, arena.used()));
    arena.at().write(paths[i], capacities.back(), arena.used());
  }
  Writer writer;
  writer.value(free_trees_);
  writer.value(trees_made_);
  writer.value(trees_open_);
  for (auto& shard : shards_) shard->archive(writer);
  return writer.take();
}

inline void Forest::restore(const std::string& tables, const std::vector<std::shared_ptr<Block>>& blocks) {
  std::lock_guard<std::mutex> lock(mutex_);
  Reader reader(tables);
  reader.value(free_trees_);
  reader.value(trees_made_);
  reader.value(trees_open_);
  for (auto& shard : shards_) shard->archive(reader);
  reader.end();
  for (size_t i = 0; i < shards_.size(); ++i) {
    if (std::max<int64_t>(2, shards_[i]->arena().used()) != blocks[i]->capacity) {
      throw ForestError(ErrorKind::bad_file, "the columns of the saved forest hold other slots than its tables name");
    }
    shards_[i]->adopt(blocks[i]);
  }
}

}  // namespace treewright

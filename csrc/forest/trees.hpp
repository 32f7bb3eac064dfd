// Trees of the forest. Part of forest.hpp.
#pragma once

#include "forest.hpp"

namespace treewright {

inline int shard_bits(int threads) {
  int bits = 0;
  while ((1 << bits) < threads) ++bits;
  return bits;
}

inline Settings share_of(const Settings& settings) {
  Settings share = settings;
  share.capacity = std::max<int64_t>(2, settings.capacity >> shard_bits(settings.threads));
  return share;
}

inline Forest::Forest(const Settings& settings)
    : settings_(settings), mask_((1 << shard_bits(settings.threads)) - 1), bits_(shard_bits(settings.threads)), pool_(settings.threads) {
  for (int32_t i = 0; i <= mask_; ++i) shards_.push_back(std::make_unique<Shard>(share_of(settings), bits_, i));
  shares_.resize(shards_.size());
}

inline void Forest::check_open(const char* argument, int64_t index, int64_t tree) {
  if (!is_open(tree)) {
    throw ForestError(ErrorKind::closed_tree, row(argument, index, tree) + ": no open tree has this id");
  }
}

inline Shard& Forest::shard_of_tree(int64_t tree) {
  if (!is_open(tree)) {
    throw ForestError(ErrorKind::closed_tree, "tree is " + std::to_string(tree) + ": no open tree has this id");
  }
  return of(tree);
}

inline Shard& Forest::shard_of_node(int64_t node) {
  if (node < 0 || !of(node).is_node(node)) {
    throw ForestError(ErrorKind::unknown_node,
                      "node is " + std::to_string(node) + ": no open tree has a node of this id");
  }
  return of(node);
}

inline uint32_t Forest::next_call() {
  if (++call_ == 0) {
    for (auto& shard : shards_) shard->clear_seen();
    call_ = 1;
  }
  return call_;
}

inline void Forest::new_trees(int64_t count, int32_t* ids) {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto free = static_cast<int64_t>(free_trees_.size());
  if (free_trees_.capacity() < static_cast<size_t>(trees_made_ + count)) {
    free_trees_.reserve(static_cast<size_t>(2 * (trees_made_ + count)));
  }
  const int64_t fresh = std::max<int64_t>(0, count - free);
  const int64_t largest = std::max<int64_t>(trees_made_ + fresh - 1, 0) >> bits_;
  std::vector<std::vector<int64_t>> locals(shards_.size());
  for (int64_t i = 0; i < count; ++i) {
    const int64_t id = i < free ? free_trees_[static_cast<size_t>(free - 1 - i)] : trees_made_ + i - free;
    locals[static_cast<size_t>(id & mask_)].push_back(id >> bits_);
  }
  for (size_t i = 0; i < shards_.size(); ++i) {
    shards_[i]->reserve_trees(largest, locals[i].data(), static_cast<int64_t>(locals[i].size()));
  }
  for (int64_t i = 0; i < count; ++i) {
    int32_t id;
    if (free_trees_.empty()) {
      id = static_cast<int32_t>(trees_made_++);
    } else {
      id = free_trees_.back();
      free_trees_.pop_back();
    }
    of(id).open(id);
    ids[i] = id;
    ++trees_open_;
  }
}

inline void Forest::release(const int32_t* ids, int64_t count) {
  std::lock_guard<std::mutex> lock(mutex_);
  for (int64_t i = 0; i < count; ++i) check_open("trees", i, ids[i]);
  check_distinct(ids, count, next_call());
  share_out(ids, count);
  for (int s = 0; s < shards(); ++s) shards_[static_cast<size_t>(s)]->prepare_release(trees_of(s, ids), rows_of(s, count).count);
  each_shard(count, 1, [&](int s, Shard& shard, Rows rows) { shard.release(trees_of(s, ids), rows.count); });
  for (int64_t i = 0; i < count; ++i) free_trees_.push_back(ids[i]);
  trees_open_ -= count;
}

inline void Forest::reroot(int64_t tree, int64_t node) {
  std::lock_guard<std::mutex> lock(mutex_);
  Shard& shard = shard_of_tree(tree);
  shard_of_node(node);
  if ((node & mask_) != (tree & mask_) || shard.tree_of(static_cast<int32_t>(node)) != tree) {
    throw ForestError(ErrorKind::invalid_input,
                      "node is " + std::to_string(node) + ": it is of another tree than " + std::to_string(tree));
  }
  shard.prepare_reroot(static_cast<int32_t>(tree));
  shard.reroot(static_cast<int32_t>(tree), shard.target(static_cast<int32_t>(node)));
}

inline int32_t Forest::root(int64_t tree) {
  std::lock_guard<std::mutex> lock(mutex_);
  return shard_of_tree(tree).root(static_cast<int32_t>(tree));
}

inline std::vector<int32_t> Forest::children(int64_t node) {
  std::lock_guard<std::mutex> lock(mutex_);
  return shard_of_node(node).children(static_cast<int32_t>(node));
}

inline void Forest::target(const int32_t* nodes, int64_t count, int32_t* targets) {
  std::lock_guard<std::mutex> lock(mutex_);
  for (int64_t i = 0; i < count; ++i) {
    if (nodes[i] < 0 || !of(nodes[i]).is_node(nodes[i])) {
      throw ForestError(ErrorKind::unknown_node, row("nodes", i, nodes[i]) + ": no open tree has a node of this id");
    }
    targets[i] = of(nodes[i]).target(nodes[i]);
  }
}

inline std::vector<NodeRecord> Forest::snapshot(int64_t tree) {
  std::lock_guard<std::mutex> lock(mutex_);
  return shard_of_tree(tree).snapshot(static_cast<int32_t>(tree));
}

inline std::vector<NodeRecord> Forest::root_records(int64_t tree) {
  std::lock_guard<std::mutex> lock(mutex_);
  return shard_of_tree(tree).root_records(static_cast<int32_t>(tree));
}

inline int32_t Forest::add_tree(const std::vector<NodeRecord>& records) {
  int32_t tree;
  new_trees(1, &tree);
  try {
    std::lock_guard<std::mutex> lock(mutex_);
    of(tree).grow_tree(tree, records);
  } catch (...) {
    release(&tree, 1);
    throw;
  }
  return tree;
}

inline Counters Forest::counters() {
  std::lock_guard<std::mutex> lock(mutex_);
  Counters sum{trees_open_, 0, 0, 0, 0};
  for (const auto& shard : shards_) {
    sum.tickets_out += shard->tickets_out();
    sum.slots_used += shard->arena().used();
    sum.slots_capacity += shard->arena().at().capacity;
    sum.bytes += shard->bytes();
  }
  return sum;
}

inline std::shared_ptr<Block> Forest::share(int shard, int64_t& slots_used) {
  std::lock_guard<std::mutex> lock(mutex_);
  slots_used = shards_[static_cast<size_t>(shard)]->arena().used();
  return shards_[static_cast<size_t>(shard)]->arena().share();
}

}  // namespace treewright

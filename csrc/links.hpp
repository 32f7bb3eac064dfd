// Transpositions: which node of a tree stands for a state hash, and which links lead to a node.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "random.hpp"

namespace treewright {

class Links {
 public:
  bool any() const { return !to_.empty(); }
  int64_t count() const { return count_; }

  // Makes room for hashes of the shard's nodes up to number `ids`.
  void reserve(int64_t ids) {
    if (static_cast<int64_t>(hash_.size()) < ids) hash_.resize(static_cast<size_t>(ids), 0);
  }

  uint64_t hash(int64_t local) const { return local < static_cast<int64_t>(hash_.size()) ? hash_[static_cast<size_t>(local)] : 0; }
  void set_hash(int64_t local, uint64_t hash) {
    if (local < static_cast<int64_t>(hash_.size())) hash_[static_cast<size_t>(local)] = hash;
  }

  // The node of a tree that stands for a state, or -1.
  int32_t find(int32_t tree, uint64_t hash) const {
    const auto found = nodes_.find(Key{tree, hash});
    return found == nodes_.end() ? -1 : found->second.node;
  }
  // Notes one more node with this hash, -1 for a link; returns how many were made before it. The first stands for the
  // state.
  int32_t note(int32_t tree, uint64_t hash, int32_t node) {
    Known& known = nodes_.emplace(Key{tree, hash}, Known{-1, 0}).first->second;
    if (known.node < 0) known.node = node;
    return known.made++;
  }
  // A node with this hash is given back.
  void forget(int32_t tree, uint64_t hash, int32_t node) {
    const auto found = nodes_.find(Key{tree, hash});
    Known& known = found->second;
    if (known.node == node) known.node = -1;
    if (--known.made == 0) nodes_.erase(found);
  }

  void link(int32_t target, int32_t link) {
    to_[target].push_back(link);
    ++count_;
  }
  void unlink(int32_t target, int32_t link) {
    const auto found = to_.find(target);
    auto& links = found->second;
    for (size_t i = 0; i < links.size(); ++i) {
      if (links[i] != link) continue;
      links.erase(links.begin() + static_cast<std::ptrdiff_t>(i));
      --count_;
      break;
    }
    if (links.empty()) to_.erase(found);
  }
  const std::vector<int32_t>* to(int32_t target) const {
    if (to_.empty()) return nullptr;
    const auto found = to_.find(target);
    return found == to_.end() ? nullptr : &found->second;
  }

  template <class Archive>
  void archive(Archive& archive) {
    archive.value(hash_);
    archive.map(nodes_);
    archive.map(to_);
    archive.value(count_);
  }

 private:
  struct Key {
    int32_t tree;
    uint64_t hash;
    bool operator==(const Key& other) const { return tree == other.tree && hash == other.hash; }
  };
  struct HashOfKey {
    size_t operator()(const Key& key) const { return splitmix64(key.hash ^ static_cast<uint64_t>(key.tree)); }
  };
  struct Known {
    int32_t node;  // stands for the state; -1 once it has been given back
    int32_t made;  // nodes that the tree has with this hash, links among them
  };

  std::vector<uint64_t> hash_;  // by the shard's part of a node id
  std::unordered_map<Key, Known, HashOfKey> nodes_;
  std::unordered_map<int32_t, std::vector<int32_t>> to_;  // the links to a node, in the order of their making
  int64_t count_ = 0;
};

}  // namespace treewright

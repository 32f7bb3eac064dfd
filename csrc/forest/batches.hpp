// The calls that take arrays. Part of forest.hpp.
#pragma once

#include "forest.hpp"

namespace treewright {

template <class Id>
void Forest::share_out(const Id* ids, int64_t count) {
  if (shards() == 1) return;
  for (Share& share : shares_) {
    share.rows.clear();
    share.trees.clear();
  }
  for (int64_t i = 0; i < count; ++i) {
    Share& share = shares_[static_cast<size_t>(ids[i] & mask_)];
    share.rows.push_back(static_cast<int32_t>(i));
    share.trees.push_back(static_cast<int32_t>(ids[i]));
  }
}

inline Rows Forest::rows_of(int shard, int64_t count) const {
  if (shards_.size() == 1) return Rows{nullptr, count};
  const std::vector<int32_t>& rows = shares_[static_cast<size_t>(shard)].rows;
  return Rows{rows.data(), static_cast<int64_t>(rows.size())};
}

inline const int32_t* Forest::trees_of(int shard, const int32_t* trees) const {
  return shards_.size() == 1 ? trees : shares_[static_cast<size_t>(shard)].trees.data();
}

template <class Work>
void Forest::each_shard(int64_t count, int64_t leaves, Work work) {
  const auto job = [&](int s) {
    try {
      work(s, *shards_[static_cast<size_t>(s)], rows_of(s, count));
    } catch (...) {
      shares_[static_cast<size_t>(s)].error = std::current_exception();
    }
  };
  if (shards() > 1 && count * leaves >= kRowsWorthThreads) {
    pool_.run(shards(), job);
  } else {
    for (int s = 0; s < shards(); ++s) job(s);
  }
  std::exception_ptr error;
  for (Share& share : shares_) {
    if (share.error && !error) error = share.error;
    share.error = nullptr;
  }
  if (error) std::rethrow_exception(error);
}

inline void Forest::check_distinct(const int32_t* trees, int64_t count, uint32_t call) {
  for (int64_t i = 0; i < count; ++i) of(trees[i]).check_distinct(i, trees[i], call);
}

inline void Forest::check_select(const int32_t* trees, int64_t count, int64_t leaves) {
  const uint32_t call = next_call();
  for (int64_t i = 0; i < count; ++i) {
    check_open("trees", i, trees[i]);
    of(trees[i]).check_distinct(i, trees[i], call);
    of(trees[i]).check_tree_has_room(i, trees[i], leaves, 0);
  }
}

// Descends in all trees; if a rule fails in one of them, every charge is taken back.
inline void Forest::descend(const int32_t* trees, int64_t count, int64_t leaves) {
  for (int s = 0; s < shards(); ++s) {
    shards_[static_cast<size_t>(s)]->reserve_select(rows_of(s, count).count, leaves);
  }
  try {
    each_shard(count, leaves, [&](int s, Shard& shard, Rows rows) { shard.descend(trees_of(s, trees), rows.count, leaves); });
  } catch (...) {
    each_shard(count, leaves, [&](int s, Shard& shard, Rows rows) { shard.abandon(trees_of(s, trees), rows.count, leaves); });
    throw;
  }
}

inline int64_t Forest::select_batch(const int32_t* trees, int64_t count, int64_t leaves, const LeafRows& rows) {
  std::lock_guard<std::mutex> lock(mutex_);
  check_select(trees, count, leaves);
  share_out(trees, count);
  descend(trees, count, leaves);
  int64_t written = 0;
  for (Share& share : shares_) share.written = 0;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t position = shards() == 1 ? i : shares_[static_cast<size_t>(trees[i] & mask_)].written++;
    for (int64_t k = 0; k < leaves; ++k) {
      written += of(trees[i]).write_row(position * leaves + k, trees[i], written, rows);
    }
  }
  return written;
}

inline void Forest::reserve_batch(const int32_t* nodes, int64_t count, int64_t* tickets) {
  std::lock_guard<std::mutex> lock(mutex_);
  const uint32_t call = next_call();
  for (int64_t i = 0; i < count; ++i) {
    if (nodes[i] < 0 || !of(nodes[i]).is_node(nodes[i])) {
      throw ForestError(ErrorKind::unknown_node, row("nodes", i, nodes[i]) + ": no open tree has a node of this id");
    }
    of(nodes[i]).check_reserve(i, nodes[i], call);
  }
  for (auto& shard : shards_) shard->reserve_tickets(count);
  for (int64_t i = 0; i < count; ++i) tickets[i] = of(nodes[i]).reserve(nodes[i]);
}

// Reads `children` numbers of each column at once; if one of them is refused, or is one that no row wants, the rows are
// looked at one by one.
inline bool Forest::in_range(const Expansion& expansion, int64_t children) const {
  return all_inside(expansion.priors, children, 0.0f, kMaxMagnitude) &&
         all_inside(expansion.rewards, children, -kMaxMagnitude, kMaxMagnitude) &&
         all_inside(expansion.urgency, children, settings_.low, settings_.high);
}

inline void Forest::expand_batch(Expansion expansion, int32_t* nodes) {
  std::lock_guard<std::mutex> lock(mutex_);
  offsets_.resize(static_cast<size_t>(expansion.rows));
  int64_t children = 0;
  for (int64_t i = 0; i < expansion.rows; ++i) {
    if (expansion.counts[i] < 0) {
      throw ForestError(ErrorKind::invalid_input, row("counts", i, expansion.counts[i]) + ": expected at least 0");
    }
    offsets_[static_cast<size_t>(i)] = children;
    children += expansion.counts[i];
  }
  expansion.offsets = offsets_.data();
  expansion.in_range = in_range(expansion, children);
  const uint32_t call = next_call();
  for (int64_t i = 0; i < expansion.rows; ++i) {
    shard_of_ticket(expansion.tickets[i]).check_ticket(i, expansion.tickets[i], call);
  }
  {
    const Plan plan(*this, expansion, nullptr);
    for (int64_t i = 0; i < expansion.rows; ++i) {
      if (expansion.takes(i)) shard_of_ticket(expansion.tickets[i]).plan_row(i, expansion, call);
    }
  }
  for (auto& shard : shards_) shard->reserve_plan();
  share_out(expansion.tickets, expansion.rows);
  each_shard(expansion.rows, 1, [&](int, Shard& shard, Rows rows) {
    for (int64_t i = 0; i < rows.count; ++i) shard.expand_row(rows[i], expansion, nodes);
  });
}

inline void Forest::backup_batch(const int64_t* tickets, const float* values, int64_t count) {
  std::lock_guard<std::mutex> lock(mutex_);
  const uint32_t call = next_call();
  for (int64_t i = 0; i < count; ++i) shard_of_ticket(tickets[i]).check_ticket(i, tickets[i], call);
  for (int64_t i = 0; i < count; ++i) check_magnitude("values", i, values[i], settings_.low, settings_.high);
  share_out(tickets, count);
  each_shard(count, 1, [&](int, Shard& shard, Rows rows) {
    for (int64_t i = 0; i < rows.count; ++i) shard.backup_row(tickets[rows[i]], values[rows[i]]);
  });
}

inline void Forest::give_back(const int64_t* tickets, int64_t count, bool exhausted) {
  std::lock_guard<std::mutex> lock(mutex_);
  const uint32_t call = next_call();
  for (int64_t i = 0; i < count; ++i) shard_of_ticket(tickets[i]).check_ticket(i, tickets[i], call);
  for (int64_t i = 0; i < count; ++i) shard_of_ticket(tickets[i]).give_back_row(tickets[i], exhausted);
}

}  // namespace treewright

// The calls on the buffers of a batch: nothing is copied, allocated or converted on the way. Part of forest.hpp.
#pragma once

#include "forest.hpp"

namespace treewright {

inline int64_t Forest::select_round(const Round& round) {
  std::lock_guard<std::mutex> lock(mutex_);
  check_select(round.trees, round.count, round.leaves);
  return select_rows(round);
}

inline int64_t Forest::select_rows(const Round& round) {
  share_out(round.trees, round.count);
  descend(round.trees, round.count, round.leaves);
  each_shard(round.count, round.leaves, [&](int s, Shard& shard, Rows trees) {
    shares_[static_cast<size_t>(s)].written = write_rows(round, shard, trees);
  });
  int64_t written = 0;
  for (const Share& share : shares_) written += share.written;
  return written;
}

inline int64_t Forest::write_rows(const Round& round, Shard& shard, Rows trees) {
  int64_t written = 0;
  for (int64_t i = 0; i < trees.count; ++i) {
    const int64_t tree = trees[i];
    for (int64_t k = 0; k < round.leaves; ++k) {
      const int64_t row = tree * round.leaves + k;
      if (shard.write_row(i * round.leaves + k, round.trees[tree], row, round.leaf)) {
        ++written;
      } else {
        round.leaf.ticket[row] = -1;
      }
    }
  }
  return written;
}

inline Expansion Forest::expansion_of(const Round& round) {
  return Expansion{round.count * round.leaves, round.leaf.ticket, round.counts, round.width, nullptr,
                   round.priors,               round.rewards,     round.ends,   nullptr,     nullptr};
}

// Every ticket in the rows is out, given once, and of its row's tree.
inline void Forest::check_tickets(const Round& round) {
  const uint32_t call = next_call();
  for (int64_t i = 0; i < round.count * round.leaves; ++i) {
    const int64_t ticket = round.leaf.ticket[i];
    if (ticket < 0) continue;
    Shard& shard = shard_of_ticket(ticket);
    shard.check_ticket(i, ticket, call);
    if (shard.tree_of_ticket(ticket) != round.trees[i / round.leaves]) {
      throw ForestError(ErrorKind::invalid_input, row("tickets", i, ticket) + ": expected one of tree " +
                                                      std::to_string(round.trees[i / round.leaves]));
    }
  }
}

inline void Forest::check_expansion(const Round& round, uint32_t call) {
  for (int64_t i = 0; i < round.count * round.leaves; ++i) {
    if (round.leaf.ticket[i] < 0) continue;
    if (round.counts[i] < -1 || round.counts[i] > round.width) {
      throw ForestError(ErrorKind::invalid_input, row("counts", i, round.counts[i]) +
                                                      ": expected -1 (no expansion) to " + std::to_string(round.width));
    }
  }
  plan(expansion_of(round), call);
}

inline void Forest::check_values(const Round& round) {
  for (int64_t i = 0; i < round.count * round.leaves; ++i) {
    if (round.leaf.ticket[i] >= 0) check_magnitude("values", i, round.values[i], settings_.low, settings_.high);
  }
}

// That the trees can be selected in once the rows' own visits have ended.
inline void Forest::check_step(const Round& round) {
  const uint32_t call = next_call();
  for (int64_t i = 0; i < round.count; ++i) {
    check_open("trees", i, round.trees[i]);
    of(round.trees[i]).check_distinct(i, round.trees[i], call);
    int64_t own = 0;
    for (int64_t k = 0; k < round.leaves; ++k) own += round.leaf.ticket[i * round.leaves + k] >= 0;
    of(round.trees[i]).check_tree_has_room(i, round.trees[i], round.leaves, own);
  }
}

inline void Forest::expand_rows(const Round& round, Shard& shard, Rows trees) {
  const Expansion expansion = expansion_of(round);
  for (int64_t i = 0; i < trees.count; ++i) {
    for (int64_t row = trees[i] * round.leaves; row < (trees[i] + 1) * round.leaves; ++row) {
      if (expansion.takes(row)) shard.expand_row(row, expansion, round.children);
    }
  }
}

inline void Forest::backup_rows(const Round& round, Shard& shard, Rows trees) {
  for (int64_t i = 0; i < trees.count; ++i) {
    for (int64_t row = trees[i] * round.leaves; row < (trees[i] + 1) * round.leaves; ++row) {
      if (round.leaf.ticket[row] < 0) continue;
      shard.backup_row(round.leaf.ticket[row], round.values[row]);
      round.leaf.ticket[row] = -1;
    }
  }
}

inline void Forest::expand_round(const Round& round) {
  std::lock_guard<std::mutex> lock(mutex_);
  check_tickets(round);
  check_expansion(round, call_);
  for (auto& shard : shards_) shard->reserve_plan();
  share_out(round.trees, round.count);
  each_shard(round.count, round.leaves, [&](int, Shard& shard, Rows trees) { expand_rows(round, shard, trees); });
}

inline void Forest::backup_round(const Round& round) {
  std::lock_guard<std::mutex> lock(mutex_);
  check_tickets(round);
  check_values(round);
  share_out(round.trees, round.count);
  each_shard(round.count, round.leaves, [&](int, Shard& shard, Rows trees) { backup_rows(round, shard, trees); });
}

inline int64_t Forest::step_round(const Round& round) {
  std::lock_guard<std::mutex> lock(mutex_);
  check_tickets(round);
  check_expansion(round, call_);
  check_values(round);
  check_step(round);
  for (auto& shard : shards_) shard->reserve_plan();
  share_out(round.trees, round.count);
  if (settings_.rule == RuleKind::custom) {
    // The rule may fail in one shard; all must have stopped selecting before any hands out tickets.
    each_shard(round.count, round.leaves, [&](int, Shard& shard, Rows trees) {
      expand_rows(round, shard, trees);
      backup_rows(round, shard, trees);
    });
    return select_rows(round);
  }
  for (int s = 0; s < shards(); ++s) {
    shards_[static_cast<size_t>(s)]->reserve_select(rows_of(s, round.count).count, round.leaves);
    shares_[static_cast<size_t>(s)].written = 0;
  }
  each_shard(round.count, round.leaves, [&](int s, Shard& shard, Rows trees) {
    expand_rows(round, shard, trees);
    backup_rows(round, shard, trees);
    shard.descend(trees_of(s, round.trees), trees.count, round.leaves);
    shares_[static_cast<size_t>(s)].written = write_rows(round, shard, trees);
  });
  int64_t written = 0;
  for (const Share& share : shares_) written += share.written;
  return written;
}

}  // namespace treewright

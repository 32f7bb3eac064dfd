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
                   round.priors,               round.rewards,     round.ends,   nullptr,     nullptr, false};
}

// Calls work(row, tree) for each row of the trees that has a ticket.
template <class Work>
void Forest::each_row(const Round& round, Rows trees, Work work) {
  for (int64_t i = 0; i < trees.count; ++i) {
    for (int64_t row = trees[i] * round.leaves; row < (trees[i] + 1) * round.leaves; ++row) {
      if (round.leaf.ticket[row] >= 0) work(row, round.trees[trees[i]]);
    }
  }
}

// Every ticket in the rows is out, given once, and of its row's tree.
inline void Forest::check_tickets(const Round& round, Rows trees, const Shard* own, uint32_t call) {
  each_row(round, trees, [&](int64_t row, int32_t tree) {
    const int64_t ticket = round.leaf.ticket[row];
    Shard& shard = shard_of_ticket(ticket);
    // A ticket of another shard cannot be good, and that shard may be another thread's now: see check_step.
    const bool foreign = own != nullptr && own != &shard;
    if (!foreign) shard.check_ticket(row, ticket, call);
    if (foreign || shard.tree_of_ticket(ticket) != tree) {
      throw ForestError(ErrorKind::invalid_input,
                        treewright::row("tickets", row, ticket) + ": expected one of tree " + std::to_string(tree));
    }
  });
}

inline void Forest::check_expansion(const Round& round, Rows trees, Shard* own, bool in_range, uint32_t call) {
  each_row(round, trees, [&](int64_t row, int32_t) {
    if (round.counts[row] < -1 || round.counts[row] > round.width) {
      throw ForestError(ErrorKind::invalid_input, treewright::row("counts", row, round.counts[row]) +
                                                      ": expected -1 (no expansion) to " + std::to_string(round.width));
    }
  });
  Expansion expansion = expansion_of(round);
  expansion.in_range = in_range;
  const Plan plan(*this, expansion, own);
  each_row(round, trees, [&](int64_t row, int32_t) {
    if (expansion.takes(row)) shard_of_ticket(round.leaf.ticket[row]).plan_row(row, expansion, call);
  });
}

inline void Forest::check_values(const Round& round, Rows trees) {
  each_row(round, trees, [&](int64_t row, int32_t) {
    check_magnitude("values", row, round.values[row], settings_.low, settings_.high);
  });
}

// That the trees can be selected in once the rows' own visits have ended.
inline void Forest::check_selection(const Round& round, Rows trees, uint32_t call) {
  for (int64_t i = 0; i < trees.count; ++i) {
    const int64_t at = trees[i];
    check_open("trees", at, round.trees[at]);
    of(round.trees[at]).check_distinct(at, round.trees[at], call);
    int64_t own = 0;
    for (int64_t k = 0; k < round.leaves; ++k) own += round.leaf.ticket[at * round.leaves + k] >= 0;
    of(round.trees[at]).check_tree_has_room(at, round.trees[at], round.leaves, own);
  }
}

inline void Forest::check_step(const Round& round) {
  const bool in_range = this->in_range(expansion_of(round), round.count * round.leaves * round.width);
  const auto check = [&](const Rows& trees, Shard* own, uint32_t tickets_call, uint32_t trees_call) {
    check_tickets(round, trees, own, tickets_call);
    check_expansion(round, trees, own, in_range, tickets_call);
    check_values(round, trees);
    check_selection(round, trees, trees_call);
  };
  const uint32_t tickets_call = next_call();
  const uint32_t trees_call = next_call();
  if (shards() > 1) {
    try {
      each_shard(round.count, round.leaves,
                 [&](int, Shard& shard, Rows trees) { check(trees, &shard, tickets_call, trees_call); });
      return;
    } catch (...) {
      // Some row is refused. All are read again in their order, so that the message is about the first.
    }
    const uint32_t tickets_again = next_call();
    return check(Rows{nullptr, round.count}, nullptr, tickets_again, next_call());
  }
  check(Rows{nullptr, round.count}, nullptr, tickets_call, trees_call);
}

inline void Forest::expand_rows(const Round& round, const Expansion& expansion, Shard& shard, int64_t tree) {
  for (int64_t row = tree * round.leaves; row < (tree + 1) * round.leaves; ++row) {
    if (expansion.takes(row)) shard.expand_row(row, expansion, round.children);
  }
}

inline void Forest::backup_rows(const Round& round, Shard& shard, int64_t tree) {
  for (int64_t row = tree * round.leaves; row < (tree + 1) * round.leaves; ++row) {
    if (round.leaf.ticket[row] < 0) continue;
    shard.backup_row(round.leaf.ticket[row], round.values[row]);
    round.leaf.ticket[row] = -1;
  }
}

// Tree by tree: what expansion has touched, backup finds at hand.
inline void Forest::expand_and_backup_rows(const Round& round, Shard& shard, Rows trees) {
  const Expansion expansion = expansion_of(round);
  for (int64_t i = 0; i < trees.count; ++i) {
    expand_rows(round, expansion, shard, trees[i]);
    backup_rows(round, shard, trees[i]);
  }
}

inline void Forest::expand_round(const Round& round) {
  std::lock_guard<std::mutex> lock(mutex_);
  const Rows all{nullptr, round.count};
  const uint32_t call = next_call();
  check_tickets(round, all, nullptr, call);
  check_expansion(round, all, nullptr, in_range(expansion_of(round), round.count * round.leaves * round.width), call);
  for (auto& shard : shards_) shard->reserve_plan();
  share_out(round.trees, round.count);
  each_shard(round.count, round.leaves, [&](int, Shard& shard, Rows trees) {
    const Expansion expansion = expansion_of(round);
    for (int64_t i = 0; i < trees.count; ++i) expand_rows(round, expansion, shard, trees[i]);
  });
}

inline void Forest::backup_round(const Round& round) {
  std::lock_guard<std::mutex> lock(mutex_);
  const Rows all{nullptr, round.count};
  check_tickets(round, all, nullptr, next_call());
  check_values(round, all);
  share_out(round.trees, round.count);
  each_shard(round.count, round.leaves, [&](int, Shard& shard, Rows trees) {
    for (int64_t i = 0; i < trees.count; ++i) backup_rows(round, shard, trees[i]);
  });
}

inline int64_t Forest::step_round(const Round& round) {
  std::lock_guard<std::mutex> lock(mutex_);
  share_out(round.trees, round.count);
  check_step(round);
  for (auto& shard : shards_) shard->reserve_plan();
  if (settings_.rule == RuleKind::custom) {
    // The rule may fail in one shard; all must have stopped selecting before any hands out tickets.
    each_shard(round.count, round.leaves, [&](int, Shard& shard, Rows trees) {
      expand_and_backup_rows(round, shard, trees);
    });
    return select_rows(round);
  }
  for (int s = 0; s < shards(); ++s) {
    shards_[static_cast<size_t>(s)]->reserve_select(rows_of(s, round.count).count, round.leaves);
    shares_[static_cast<size_t>(s)].written = 0;
  }
  each_shard(round.count, round.leaves, [&](int s, Shard& shard, Rows trees) {
    expand_and_backup_rows(round, shard, trees);
    shard.descend(trees_of(s, round.trees), trees.count, round.leaves);
    shares_[static_cast<size_t>(s)].written = write_rows(round, shard, trees);
  });
  int64_t written = 0;
  for (const Share& share : shares_) written += share.written;
  return written;
}

}  // namespace treewright

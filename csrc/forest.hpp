// Many search trees, shared out among the threads. The calls are documented in mcts/_core.pyi; here is how they reach
// the shards, each of which owns its trees alone: threads share nothing.
//
// Ids carry their shard in their low bits. Every call locks the forest, has all arguments checked in the order of the
// rows, has the memory reserved, and only then lets the shards change anything.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "pool.hpp"
#include "shard.hpp"

namespace treewright {

// The rows of a call that are one shard's: all of them where `index` is null.
struct Rows {
  const int32_t* index;
  int64_t count;
  int64_t operator[](int64_t i) const { return index == nullptr ? i : index[i]; }
};

struct Counters {
  int64_t trees_open;
  int64_t tickets_out;
  int64_t slots_used;
  int64_t slots_capacity;
  int64_t bytes;
};

// The buffers of a batch: R = trees * leaves rows of `width` children each; rows of tree i begin at i * leaves.
struct Round {
  const int32_t* trees;
  int64_t count;
  int64_t leaves;
  int64_t width;
  LeafRows leaf;
  const int32_t* counts;
  const float* priors;
  const float* rewards;
  const uint8_t* ends;
  const float* values;
  int32_t* children;
};

class Forest {
 public:
  explicit Forest(const Settings& settings);

  void new_trees(int64_t count, int32_t* ids);
  void release(const int32_t* ids, int64_t count);
  void reroot(int64_t tree, int64_t node);
  int32_t root(int64_t tree);
  std::vector<int32_t> children(int64_t node);
  void target(const int32_t* nodes, int64_t count, int32_t* targets);
  std::vector<NodeRecord> snapshot(int64_t tree);
  // The root, then its children.
  std::vector<NodeRecord> root_records(int64_t tree);
  // A new tree equal to the records: breadth first; parent and target are positions.
  int32_t add_tree(const std::vector<NodeRecord>& records);

  // Returns the number of rows written.
  int64_t select_batch(const int32_t* trees, int64_t count, int64_t leaves, const LeafRows& rows);
  void reserve_batch(const int32_t* nodes, int64_t count, int64_t* tickets);
  void expand_batch(Expansion expansion, int32_t* nodes);
  void backup_batch(const int64_t* tickets, const float* values, int64_t count);
  void cancel_batch(const int64_t* tickets, int64_t count) { give_back(tickets, count, false); }
  void exhaust_batch(const int64_t* tickets, int64_t count) { give_back(tickets, count, true); }

  // The same on the buffers of a batch; rows without a ticket (-1) are left out. Selection returns how many have one.
  int64_t select_round(const Round& round);
  void expand_round(const Round& round);
  void backup_round(const Round& round);
  // Expansion, backup and selection in one.
  int64_t step_round(const Round& round);

  Counters counters();
  int shards() const { return static_cast<int>(shards_.size()); }
  // A shard's columns as they are now; they stay readable for as long as the block is held.
  std::shared_ptr<Block> share(int shard, int64_t& slots_used);

  // What `load` needs beside the columns.
  // Writes the columns of each shard to its file and returns the tables, all of one moment; the capacities are those that
  // the files are laid out for.
  std::string write(const std::vector<std::string>& paths, std::vector<int64_t>& capacities);
  void restore(const std::string& tables, const std::vector<std::shared_ptr<Block>>& blocks);

 private:
  Shard& of(int64_t id) { return *shards_[static_cast<size_t>(id & mask_)]; }
  bool is_open(int64_t tree) { return tree >= 0 && of(tree).is_open(tree); }
  void check_open(const char* argument, int64_t index, int64_t tree);
  Shard& shard_of_tree(int64_t tree);
  Shard& shard_of_node(int64_t node);
  Shard& shard_of_ticket(int64_t ticket) { return *shards_[static_cast<size_t>(ticket & mask_)]; }
  uint32_t next_call();
  // Work on a shard is worth handing to a thread from so many rows on.
  static constexpr int64_t kRowsWorthThreads = 32;
  // Sorts the rows of a call by the shards of their ids.
  template <class Id>
  void share_out(const Id* ids, int64_t count);
  Rows rows_of(int shard, int64_t count) const;
  // The trees of a shard's rows.
  const int32_t* trees_of(int shard, const int32_t* trees) const;
  // Calls work(number, shard, its rows) for every shard, on all threads where count * leaves is enough to do; if one throws,
  // all are called first.
  template <class Work>
  void each_shard(int64_t count, int64_t leaves, Work work);

  void check_distinct(const int32_t* trees, int64_t count, uint32_t call);
  void check_select(const int32_t* trees, int64_t count, int64_t leaves);
  void descend(const int32_t* trees, int64_t count, int64_t leaves);
  bool in_range(const Expansion& expansion, int64_t children) const;
  // While it lives rows of an expansion are planned: those of one shard, or of all where `own` is null.
  class Plan {
   public:
    Plan(Forest& forest, const Expansion& expansion, Shard* own) : forest_(forest), expansion_(expansion), own_(own) {}
    Plan(const Plan&) = delete;
    Plan& operator=(const Plan&) = delete;
    ~Plan() {
      for (auto& shard : forest_.shards_) {
        if (own_ == nullptr || own_ == shard.get()) shard->forget_plan(expansion_);
      }
    }

   private:
    Forest& forest_;
    const Expansion& expansion_;
    Shard* own_;
  };

  // Checks of the rows of some trees of a round: those of one shard, or of all where `own` is null.
  template <class Work>
  static void each_row(const Round& round, Rows trees, Work work);
  void check_tickets(const Round& round, Rows trees, const Shard* own, uint32_t call);
  void check_expansion(const Round& round, Rows trees, Shard* own, bool in_range, uint32_t call);
  void check_values(const Round& round, Rows trees);
  void check_selection(const Round& round, Rows trees, uint32_t call);
  void check_step(const Round& round);
  int64_t select_rows(const Round& round);
  // Of the rows of one tree.
  static void expand_rows(const Round& round, const Expansion& expansion, Shard& shard, int64_t tree);
  static void backup_rows(const Round& round, Shard& shard, int64_t tree);
  static void expand_and_backup_rows(const Round& round, Shard& shard, Rows trees);
  int64_t write_rows(const Round& round, Shard& shard, Rows trees);
  static Expansion expansion_of(const Round& round);
  void give_back(const int64_t* tickets, int64_t count, bool exhausted);

  const Settings settings_;
  std::mutex mutex_;
  int64_t mask_;
  int bits_;
  std::vector<std::unique_ptr<Shard>> shards_;
  Pool pool_;
  std::vector<int32_t> free_trees_;
  int64_t trees_made_ = 0;
  int64_t trees_open_ = 0;
  uint32_t call_ = 0;  // numbers the calls, to see what is named twice in one
  std::vector<int64_t> offsets_;
  // Of the call in progress, by shard.
  struct Share {
    std::vector<int32_t> rows;
    std::vector<int32_t> trees;  // of the rows
    int64_t written;
    std::exception_ptr error;
  };
  std::vector<Share> shares_;
};

}  // namespace treewright

#include "forest/batches.hpp"
#include "forest/rounds.hpp"
#include "forest/storage.hpp"
#include "forest/trees.hpp"

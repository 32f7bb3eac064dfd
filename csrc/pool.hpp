// Threads that wait for short jobs: they look for the next one for some microseconds before they sleep.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <unistd.h>

namespace treewright {

class Pool {
 public:
  explicit Pool(int threads) : threads_(threads) {}
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool() { stop(); }

  // Calls job(0) .. job(count - 1), each once, on all threads; returns when all have returned. Jobs do not throw.
  template <class Job>
  void run(int count, const Job& job) {
    if (threads_ <= 1 || count <= 1) {
      for (int i = 0; i < count; ++i) job(i);
      return;
    }
    start();
    Shared& s = *shared_;
    s.call = [](const void* context, int i) { (*static_cast<const Job*>(context))(i); };
    s.context = &job;
    s.done.store(0, std::memory_order_relaxed);
    const uint64_t round = (s.jobs.load(std::memory_order_relaxed) >> 32) + 1;
    s.jobs.store(round << 32 | static_cast<uint64_t>(count) << 16, std::memory_order_seq_cst);
    if (s.sleeping.load(std::memory_order_seq_cst) > 0) {
      std::lock_guard<std::mutex> lock(s.mutex);
      s.wake.notify_all();
    }
    s.work(round);
    while (s.done.load(std::memory_order_acquire) < count) pause();
  }

 private:
  struct Shared {
    void (*call)(const void*, int) = nullptr;
    const void* context = nullptr;
    // Number of the round, how many jobs it has, how many have been taken: 32, 16 and 16 bits. Whoever takes a job of a
    // round by exchanging the word knows that the round is not over before he is done.
    alignas(64) std::atomic<uint64_t> jobs{0};
    alignas(64) std::atomic<int> done{0};
    alignas(64) std::atomic<int> sleeping{0};
    std::atomic<bool> stopping{false};
    std::mutex mutex;
    std::condition_variable wake;
    std::vector<std::thread> threads;

    static uint64_t round_of(uint64_t word) { return word >> 32; }

    // Takes jobs of a round until none is left.
    void work(uint64_t round) {
      uint64_t word = jobs.load(std::memory_order_acquire);
      while (round_of(word) == round && (word & 0xFFFF) < (word >> 16 & 0xFFFF)) {
        if (!jobs.compare_exchange_weak(word, word + 1, std::memory_order_acq_rel)) continue;
        call(context, static_cast<int>(word & 0xFFFF));
        done.fetch_add(1, std::memory_order_release);
        word = jobs.load(std::memory_order_acquire);
      }
    }

    void serve() {
      uint64_t seen = 0;
      while (!stopping.load(std::memory_order_acquire)) {
        seen = next_round(seen);
        work(seen);
      }
    }

    uint64_t next_round(uint64_t seen) {
      constexpr int kLooks = 4000;
      for (int look = 0; look < kLooks; ++look) {
        const uint64_t now = round_of(jobs.load(std::memory_order_acquire));
        if (now != seen) return now;
        pause();
      }
      std::unique_lock<std::mutex> lock(mutex);
      sleeping.fetch_add(1, std::memory_order_seq_cst);
      wake.wait(lock, [&] { return round_of(jobs.load(std::memory_order_seq_cst)) != seen; });
      sleeping.fetch_sub(1, std::memory_order_seq_cst);
      return round_of(jobs.load(std::memory_order_acquire));
    }
  };

  static void pause() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#else
    std::this_thread::yield();
#endif
  }

  // A forked child has none of its parent's threads: it starts its own.
  void start() {
    if (shared_ && process_ == getpid()) return;
    if (shared_) shared_.release();  // the parent's: its threads are not here to be joined
    shared_ = std::make_unique<Shared>();
    process_ = getpid();
    for (int i = 1; i < threads_; ++i) {
      shared_->threads.emplace_back([shared = shared_.get()] { shared->serve(); });
    }
  }

  void stop() {
    if (!shared_) return;
    if (process_ != getpid()) {
      shared_.release();
      return;
    }
    shared_->stopping.store(true, std::memory_order_release);
    {
      std::lock_guard<std::mutex> lock(shared_->mutex);
      shared_->jobs.fetch_add(uint64_t{1} << 32, std::memory_order_seq_cst);
      shared_->wake.notify_all();
    }
    for (std::thread& thread : shared_->threads) thread.join();
    shared_.reset();
  }

  const int threads_;
  pid_t process_ = 0;
  std::unique_ptr<Shared> shared_;
};

}  // namespace treewright

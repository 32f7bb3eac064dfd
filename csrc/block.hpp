// The memory of the columns: one allocation, or a file mapped into memory.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "errors.hpp"
#include "fields.hpp"

namespace treewright {

// It is shared: a view keeps it alive after the arena has moved on to a larger one.
class Block {
 public:
  explicit Block(int64_t capacity) : capacity(capacity), bytes(rounded(capacity)) {
    base_ = static_cast<char*>(std::aligned_alloc(static_cast<size_t>(alignment(capacity)), static_cast<size_t>(bytes)));
    if (!base_) {
      throw ForestError(ErrorKind::no_memory, "cannot allocate " + std::to_string(bytes) + " bytes for " +
                                                  std::to_string(capacity) + " slots");
    }
#ifdef __linux__
    // A fresh arena is touched front to back, once: large pages make that hundreds of page faults instead of 100,000s.
    // The hint may be refused without harm.
    if (bytes >= kLargePage) madvise(base_, static_cast<size_t>(bytes), MADV_HUGEPAGE);
#endif
    lay_out();
  }

  // The columns of a saved forest: mapped, private to this process (a change never reaches the file), or read.
  Block(const std::string& path, int64_t capacity, bool mapped) : capacity(capacity), bytes(rounded(capacity)) {
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) throw ForestError(ErrorKind::bad_file, path + " cannot be opened: " + std::strerror(errno));
    struct stat found {};
    if (fstat(file, &found) != 0 || found.st_size != bytes) {
      close(file);
      throw ForestError(ErrorKind::bad_file, path + " has " + std::to_string(found.st_size) + " bytes, expected " +
                                                 std::to_string(bytes));
    }
    if (mapped) {
      void* memory = mmap(nullptr, static_cast<size_t>(bytes), PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
      close(file);
      if (memory == MAP_FAILED) throw ForestError(ErrorKind::no_memory, path + " cannot be mapped: " + std::strerror(errno));
      base_ = static_cast<char*>(memory);
      mapped_ = true;
    } else {
      base_ = static_cast<char*>(std::aligned_alloc(static_cast<size_t>(alignment(capacity)), static_cast<size_t>(bytes)));
      int64_t done = 0;
      while (base_ && done < bytes) {
        const ssize_t got = read(file, base_ + done, static_cast<size_t>(bytes - done));
        if (got <= 0) break;
        done += got;
      }
      close(file);
      if (!base_ || done < bytes) {
        std::free(base_);
        throw ForestError(base_ ? ErrorKind::bad_file : ErrorKind::no_memory, path + " cannot be read");
      }
    }
    lay_out();
  }

  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  ~Block() {
    if (mapped_) {
      munmap(base_, static_cast<size_t>(bytes));
    } else {
      std::free(base_);
    }
  }

  void copy_from(const Block& old, int64_t used) {
    const auto copy = [used](auto* to, const auto* from) { std::memcpy(to, from, static_cast<size_t>(used) * sizeof(*to)); };
    copy(slots, old.slots);
    copy(returns, old.returns);
    copy(places, old.places);
    copy(slot_of, old.slot_of);
  }

  const char* base() const { return base_; }

  // Writes the columns of the first `used` slots to a file, laid out as a block of `capacity` slots.
  void write(const std::string& path, int64_t capacity, int64_t used) const {
    std::FILE* const file = std::fopen(path.c_str(), "wb");
    if (file == nullptr) throw ForestError(ErrorKind::bad_file, path + " cannot be written: " + std::strerror(errno));
    int64_t left = rounded(capacity);
    bool good = true;
    const auto put = [&](const void* from, int64_t bytes) {
      good = good && std::fwrite(from, 1, static_cast<size_t>(bytes), file) == static_cast<size_t>(bytes);
      left -= bytes;
    };
    const std::string zeros(1 << 16, '\0');
    const auto pad = [&](int64_t bytes) {
      for (int64_t piece; bytes > 0; bytes -= piece) put(zeros.data(), piece = std::min<int64_t>(bytes, 1 << 16));
    };
    const auto column = [&](const auto* from) {
      put(from, used * static_cast<int64_t>(sizeof(*from)));
      pad((capacity - used) * static_cast<int64_t>(sizeof(*from)));
    };
    column(slots);
    column(returns);
    column(places);
    column(slot_of);
    pad(left);
    const int failed = good ? 0 : errno;
    if (std::fclose(file) != 0 || !good) {
      throw ForestError(ErrorKind::bad_file, path + " cannot be written: " + std::strerror(good ? errno : failed));
    }
  }

  // Bytes of a block of so many slots. Vector loads may read up to fifteen slots beyond the last one: the columns after
  // the slots are longer than that, or the padding is.
  static int64_t rounded(int64_t capacity) {
    const int64_t bytes = capacity * kBytesPerSlot + kPadding;
    return (bytes + alignment(capacity) - 1) / alignment(capacity) * alignment(capacity);
  }

  const int64_t capacity;
  const int64_t bytes;
  Slot* slots;
  Returns* returns;
  Place* places;
  int32_t* slot_of;  // by the shard's part of a node id

 private:
  static constexpr int64_t kLargePage = int64_t{1} << 21;
  static constexpr int64_t kPadding = 16 * sizeof(Slot);

  static int64_t alignment(int64_t capacity) { return capacity * kBytesPerSlot < kLargePage ? 4096 : kLargePage; }

  void lay_out() {
    slots = reinterpret_cast<Slot*>(base_);
    returns = reinterpret_cast<Returns*>(slots + capacity);
    places = reinterpret_cast<Place*>(returns + capacity);
    slot_of = reinterpret_cast<int32_t*>(places + capacity);
  }

  char* base_ = nullptr;
  bool mapped_ = false;
};

}  // namespace treewright

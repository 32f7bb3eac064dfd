// What the forest throws, and how a caller on the far side of a C boundary learns what it was.
#pragma once

#include <cstdint>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>

namespace treewright {

enum class ErrorKind : int {
  stale_ticket,
  duplicate_ticket,
  closed_tree,
  unknown_node,
  terminal_node,
  invalid_input,
  limit_exceeded,
  no_memory,
  rule_failed,
  bad_file,
  internal,
};

class ForestError : public std::runtime_error {
 public:
  ForestError(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind(kind) {}
  const ErrorKind kind;
};

// "trees[3] is 7": how every message about a row begins.
template <class Number>
std::string row(const char* argument, int64_t index, Number given) {
  return std::string(argument) + "[" + std::to_string(index) + "] is " + std::to_string(given);
}

[[noreturn]] inline void refuse_number(const char* argument, int64_t index, float given, float low, float high) {
  throw ForestError(ErrorKind::invalid_input, row(argument, index, given) + ": expected a number in [" +
                                                  std::to_string(low) + ", " + std::to_string(high) + "]");
}

// Refuses a number outside [low, high], NaN included.
inline void check_magnitude(const char* argument, int64_t index, float given, float low, float high) {
  if (!(low <= given && given <= high)) refuse_number(argument, index, given, low, high);
}

// Whether none of the numbers of an argument, which may be left out (null), is outside: one pass of vectors.
inline bool all_inside(const float* given, int64_t count, float low, float high) {
  int outside = 0;
  for (int64_t i = 0; given != nullptr && i < count; ++i) outside |= !((low <= given[i]) & (given[i] <= high));
  return outside == 0;
}

// The same for numbers `begin` to `begin + count` of an argument that may be left out (null).
inline void check_magnitudes(const char* argument, int64_t begin, int64_t count, const float* given, float low, float high) {
  if (given == nullptr) return;
  for (int64_t i = begin; i < begin + count; ++i) check_magnitude(argument, i, given[i], low, high);
}

// To be called while an exception is handled: its kind, and its message in `message`.
inline ErrorKind current_error(std::string& message) {
  try {
    throw;
  } catch (const ForestError& error) {
    message = error.what();
    return error.kind;
  } catch (const std::bad_alloc&) {
    message = "out of memory for the tables of trees, tickets or descents";
    return ErrorKind::no_memory;
  } catch (const std::exception& error) {
    message = error.what();
    return ErrorKind::internal;
  }
}

// The language that calls the forest says here how it wants to be told of an error.
using ErrorSink = void (*)(ErrorKind kind, const char* message);
inline ErrorSink error_sink = nullptr;

// To be called while an exception is handled: hands it to the sink.
inline void report_current_error() {
  std::string message;
  const ErrorKind kind = current_error(message);
  error_sink(kind, message.c_str());
}

}  // namespace treewright

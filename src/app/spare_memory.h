#pragma once
#include <chrono>
#include <cstddef>

namespace preloop::app {

/// Gives back to the system what a burst left free in the heap. glibc returns only what is free at
/// the heap's end; the holes between things that stay were a third of the memory after a thousand
/// calls had come at once. Looked at often, done only when the process idles: it keeps the heap
/// locked for some milliseconds.
///
/// Threading: one caller at a time.
class SpareMemory {
 public:
  /// The process at one moment.
  struct Sample {
    std::chrono::microseconds at{};   ///< any steady clock
    std::chrono::microseconds cpu{};  ///< used so far, all threads
    std::size_t free_bytes = 0;       ///< in the heap, given back or not
  };
  static Sample sample();

  /// Has the process idled since the sample before, and is there enough to give back that was not
  /// yet? Pure; a yes counts as done.
  bool is_due(const Sample& now);

  /// Takes a sample and gives memory back when it is due. Bounded by the size of the heap.
  void look();

  static constexpr std::size_t k_worth_it = std::size_t{4} << 20;

 private:
  Sample last_;
  std::size_t given_back_ = 0;  ///< of what is free now
};

}  // namespace preloop::app

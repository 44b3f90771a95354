#pragma once
#include <array>
#include <cstdint>

namespace preloop::bench {

/// Counts durations in buckets whose width grows with the value (as HDR histograms do): 128 to each
/// power of two, so that a percentile is at most 0.8 % above the truth, from 1 ns to 9 minutes.
class Histogram {
 public:
  void record(std::uint64_t nanoseconds);
  /// The smallest recorded bound that `fraction` (0 to 1) of the values do not exceed; 0 when
  /// empty.
  std::uint64_t percentile(double fraction) const;
  std::uint64_t max() const { return max_; }
  std::uint64_t count() const { return count_; }
  double mean() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }

 private:
  static constexpr unsigned k_bits = 7;
  static constexpr unsigned k_powers = 33;

  std::array<std::uint64_t, (k_powers + 1) << k_bits> counts_{};
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
  double sum_ = 0;
};

}  // namespace preloop::bench

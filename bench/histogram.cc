#include "histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

namespace preloop::bench {

void Histogram::record(std::uint64_t nanoseconds) {
  max_ = std::max(max_, nanoseconds);
  sum_ += static_cast<double>(nanoseconds);
  ++count_;
  // Values below 2^7 have a bucket each; above, the top eight bits choose it.
  unsigned shift = 0;
  if (const unsigned width = std::bit_width(nanoseconds); width > k_bits + 1) {
    shift = width - (k_bits + 1);
  }
  std::uint64_t index = (std::uint64_t{shift} << k_bits) + (nanoseconds >> shift);
  ++counts_[std::min<std::uint64_t>(index, counts_.size() - 1)];
}

std::uint64_t Histogram::percentile(double fraction) const {
  const auto wanted =
      std::max<std::uint64_t>(1, std::llround(std::ceil(fraction * static_cast<double>(count_))));
  std::uint64_t seen = 0;
  for (std::uint64_t index = 0; index < counts_.size() && count_ > 0; ++index) {
    seen += counts_[index];
    if (seen < wanted) {
      continue;
    }
    // The inverse of record(): indices below 2^8 are the values themselves.
    const std::uint64_t shift = index < (2U << k_bits) ? 0 : (index >> k_bits) - 1;
    const std::uint64_t base = index - (shift << k_bits);
    return std::min(max_, ((base + 1) << shift) - 1);
  }
  return 0;
}

}  // namespace preloop::bench

#include "app/spare_memory.h"

#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>

namespace preloop::app {
namespace {

using std::chrono::microseconds;

/// A server without calls uses less than a hundredth of a core.
constexpr int k_idle_share = 20;

microseconds of(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + microseconds(time.tv_usec);
}

}  // namespace

SpareMemory::Sample SpareMemory::sample() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return {.at = std::chrono::duration_cast<microseconds>(
              std::chrono::steady_clock::now().time_since_epoch()),
          .cpu = of(used.ru_utime) + of(used.ru_stime),
          .free_bytes = mallinfo2().fordblks};
}

bool SpareMemory::is_due(const Sample& now) {
  const bool idle = (now.cpu - last_.cpu) * k_idle_share < now.at - last_.at;
  last_ = now;
  given_back_ = std::min(given_back_, now.free_bytes);
  if (!idle || now.free_bytes < given_back_ + k_worth_it) {
    return false;
  }
  given_back_ = now.free_bytes;
  return true;
}

void SpareMemory::look() {
  if (is_due(sample())) {
    malloc_trim(0);
  }
}

}  // namespace preloop::app

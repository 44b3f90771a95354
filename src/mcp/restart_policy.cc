#include "mcp/restart_policy.h"

#include <algorithm>
#include <utility>

namespace preloop::mcp {

core::milliseconds Backoff::failed(core::MonoTime now, std::uint32_t random) {
  if (failures_ > 0 && now - started_ >= settings_.healthy) {
    failures_ = 0;
  }
  ++failures_;
  const int doublings = std::min(failures_ - 1, 20);
  const core::milliseconds plain =
      breaker_open() ? settings_.breaker_delay
                     : std::min(settings_.longest, settings_.first * (1 << doublings));
  // Between three and five quarters, so that servers that failed together do not start together.
  const auto quarter = std::max<std::int64_t>(plain.count() / 4, 1);
  return plain - core::milliseconds(quarter) + core::milliseconds(random % (2 * quarter));
}

void Debounce::note(core::MonoTime now) {
  if (!due_) {
    due_ = now + delay_;
    if (last_) {
      due_ = std::max(*due_, *last_ + spacing_);
    }
  }
}

void Debounce::begin(core::MonoTime now) {
  due_.reset();
  last_ = now;
}

bool LogBudget::take(core::MonoTime now) {
  if (now >= window_end_) {
    window_end_ = now + core::seconds(60);
    left_ = lines_;
  }
  if (left_ == 0) {
    ++suppressed_;
    return false;
  }
  --left_;
  suppressed_before_ = std::exchange(suppressed_, 0);
  return true;
}

}  // namespace preloop::mcp

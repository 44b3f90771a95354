#include "app/housekeeping.h"

#include "core/log.h"
#include "core/loop_call.h"
#include "core/wakeup.h"

#include <algorithm>
#include <chrono>

namespace preloop::app {

Housekeeping::Housekeeping(core::Loop& loop) : loop_(loop), scope_(loop.executor()) {}

void Housekeeping::every(core::milliseconds period, std::string name, Chore chore) {
  entries_.push_back(
      {period, std::move(name), std::move(chore), std::chrono::steady_clock::now() + period});
}

void Housekeeping::start() {
  loop_.post([this] { scope_.spawn("housekeeping", work()); });
}

core::Task<void> Housekeeping::stop() {
  co_await core::on_loop(loop_, scope_.stop());
}

core::Task<void> Housekeeping::work() {
  while (!entries_.empty() && !co_await core::is_cancelled()) {
    const auto next = std::ranges::min_element(entries_, {}, &Entry::due);
    if (co_await core::sleep_until(next->due) == core::Outcome::cancelled) {
      co_return;
    }
    next->due = std::chrono::steady_clock::now() + next->period;
    if (const core::Status done = co_await next->chore(); !done) {
      core::log::warn("a regular chore failed; it is tried again",
                      {{"chore", next->name}, {"error", done.error().message}});
    }
  }
}

}  // namespace preloop::app

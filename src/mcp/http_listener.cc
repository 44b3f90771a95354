#include "mcp/http_listener.h"

#include "core/wakeup.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace preloop::mcp {

using core::Task;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int k_max_failures = 3;
constexpr core::milliseconds k_open_limit{30'000};
constexpr core::milliseconds k_shortest_wait{100};
constexpr core::milliseconds k_longest_wait{10'000};

}  // namespace

Task<void> HttpListener::run() {
  unsigned retry_ms = 1'000;
  std::optional<std::string> last_id;
  std::string session = wire_.session();
  for (int failures = 0; !co_await core::is_cancelled();) {
    if (session != wire_.session()) {
      session = wire_.session();
      last_id.reset();
    }
    net::ClientRequest request = wire_.make("GET");
    if (last_id) {
      request.headers.set("Last-Event-ID", *last_id);
    }
    auto response = co_await wire_.send(std::move(request), Clock::now() + k_open_limit);
    const int status = response ? (*response)->status() : 0;
    if (status == 404 && !session.empty()) {
      if (++failures > k_max_failures) {
        co_return;  // it forgets every session at once: calls will see to themselves
      }
      if (const auto opened = co_await connection_.reopen(session); !opened) {
        co_return connection_.unreachable(opened.error().message);
      }
      continue;
    }
    if (status != 0 && status != 200 && status / 100 != 5) {
      co_return;
    }
    if (status == 200) {
      HttpMessages messages(std::move(*response), offload_);
      failures = co_await hear(messages) ? 0 : failures + 1;
      last_id = messages.last_event_id() ? messages.last_event_id() : last_id;
      retry_ms = messages.retry_ms().value_or(retry_ms);
    } else if (++failures >= k_max_failures) {
      co_return connection_.unreachable(
          response ? fmt::format("the server answered HTTP {}", status) : response.error().message);
    }
    const core::milliseconds wait = core::milliseconds(retry_ms) * (1 + std::min(failures, 10));
    co_await core::sleep_until(Clock::now() + std::clamp(wait, k_shortest_wait, k_longest_wait));
  }
}

/// True when anything came.
Task<bool> HttpListener::hear(HttpMessages& messages) {
  for (bool any = false; messages.readable(); any = true) {
    const auto received = co_await messages.next();
    if (!received || received->empty()) {
      co_return any;
    }
    for (const Message& message : *received) {
      connection_.heard(message);
    }
  }
  co_return false;
}

}  // namespace preloop::mcp

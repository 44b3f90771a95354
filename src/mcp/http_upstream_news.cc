#include "core/json.h"
#include "mcp/http_upstream_impl.h"
#include "mcp/stateless_client.h"

#include <algorithm>
#include <utility>

namespace preloop::mcp {

using core::Code;
using core::Task;
using firewall::UpstreamAnswer;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::string_view k_listen = "subscriptions/listen";
/// A stream on which nothing comes for so long may be dead: another is opened.
constexpr core::milliseconds k_silence{3'600'000};
constexpr core::milliseconds k_acknowledge_limit{30'000};
constexpr core::milliseconds k_again{500};
constexpr int k_max_failures = 3;

}  // namespace

std::uint64_t HttpUpstream::ask_for_news() {
  Outgoing out = core_.begin(k_listen, news_.params());
  const std::uint64_t id = out.id;
  news_.asked(id);
  scope_.spawn("http upstream: news", news(std::move(out)));
  return id;
}

/// One stream to its end, and then, if nothing took its place, the next.
Task<void> HttpUpstream::news(Outgoing out) {
  UpstreamCall call;
  call.idle_limit = k_silence;
  Flight flight(call, out.id);
  flight.headers = stateless_headers(k_listen, {}, {});
  co_await fly(flight, std::move(out.text));
  const bool was_heard = news_.is_acknowledged(flight.id);
  const bool was_latest = news_.ended(flight.id);
  news_changed_.set();
  if (!was_latest || stopped_ || !open_ || !hello_.is_stateless) {
    co_return;
  }
  const Answered& outcome = *flight.outcome;
  news_failures_ = was_heard ? 0 : news_failures_ + 1;
  const bool is_refused = !was_heard && outcome && !outcome->error.empty();
  if (is_refused || news_failures_ >= k_max_failures) {
    if (!outcome && outcome.error().code == Code::unavailable) {
      unreachable(outcome.error().message);
    }
    co_return;  // lists are read again when a call fails, or a person asks for it
  }
  co_await core::sleep_until(Clock::now() + k_again * (1 + news_failures_));
  if (co_await core::is_cancelled() || stopped_ || !open_ || news_.latest() != 0) {
    co_return;
  }
  ask_for_news();
  events_.list_changed();  // what was not heard meanwhile
}

/// `resources/subscribe` of the earlier revisions: one more resource to listen for.
Task<HttpUpstream::Answered> HttpUpstream::subscribe(UpstreamCall call) {
  if (!open_) {
    PRELOOP_CO_CHECK(
        co_await ensure_open(std::min(call.deadline, Clock::now() + k_acknowledge_limit)));
    if (!hello_.is_stateless) {
      co_return co_await governed(to_string(catalogue::Method::resources_subscribe),
                                  std::move(call));
    }
  }
  const auto params = core::JsonDocument::parse(call.params);
  const std::string uri(params ? params->root()["uri"].as_string().value_or("") : "");
  news_.want(uri);
  const std::uint64_t id = ask_for_news();
  const auto until = std::min(call.deadline, Clock::now() + k_acknowledge_limit);
  // A later subscription asks for this resource, too.
  while (news_.latest() >= id && !news_.is_acknowledged(news_.latest())) {
    news_changed_.reset();
    if (co_await news_changed_.wait_until(until) != core::Outcome::in_time) {
      break;
    }
  }
  if (news_.grants(uri)) {
    co_return UpstreamAnswer{"{}", {}};
  }
  news_.forget(uri);
  co_return UpstreamAnswer{
      {}, make_error_object(k_invalid_params, "the server tells no news of this resource")};
}

}  // namespace preloop::mcp

#include "mcp/http_upstream.h"

#include "core/text.h"
#include "mcp/http_upstream_impl.h"
#include "mcp/revision.h"
#include "mcp/stateless_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace preloop::mcp {

using core::Code;
using core::fail;
using core::Task;
using firewall::UpstreamAnswer;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int k_log_lines_a_minute = 30;
constexpr core::milliseconds k_open_limit{30'000};
/// A server of an earlier revision need not answer a method it does not know.
constexpr core::milliseconds k_discover_limit{10'000};

}  // namespace

HttpUpstream::HttpUpstream(core::Loop& loop,
                           net::HttpClient& client,
                           core::Offload& offload,
                           std::string name,
                           HttpTarget target,
                           Listening listening,
                           SessionEvents& events)
    : wire_(loop, client, std::move(target)),
      offload_(offload),
      name_(std::move(name)),
      listening_(listening),
      listener_(wire_, offload, *this),
      events_(events),
      scope_(loop.executor()),
      opening_(loop.executor()),
      busy_(loop.executor()),
      news_changed_(loop.executor()),
      log_budget_(k_log_lines_a_minute) {
  scope_.spawn("http upstream: deadlines", watch_deadlines());
}

Task<HttpUpstream::Answered> HttpUpstream::request(std::string_view method,
                                                   std::string params,
                                                   core::MonoTime deadline) {
  UpstreamCall call;
  call.params = std::move(params);
  call.deadline = deadline;
  call.idle_limit = core::seconds(3'600);
  if (hello_.is_stateless && method == to_string(catalogue::Method::resources_subscribe)) {
    return subscribe(std::move(call));
  }
  return governed(method, std::move(call));
}

Task<HttpUpstream::Answered> HttpUpstream::call(UpstreamCall call) {
  if (hello_.is_stateless && call.method == catalogue::Method::resources_subscribe) {
    return subscribe(std::move(call));
  }
  return governed({}, std::move(call));
}

Task<void> HttpUpstream::stop(core::milliseconds grace) {
  if (std::exchange(stopped_, true)) {
    co_return;
  }
  open_ = false;
  for (Flight* flight : flights_) {
    flight->give_up(Code::internal, "the server's connection is being stopped");
  }
  co_await scope_.stop();
  co_await wire_.stop(grace);
}

Task<core::Status> HttpUpstream::ensure_open(core::MonoTime deadline) {
  const auto turn = co_await opening_.lock();
  if (open_) {
    co_return core::Status();
  }
  if (stopped_) {
    co_return fail(Code::unavailable, "the server's connection is being stopped");
  }
  if (co_await core::is_cancelled()) {
    co_return fail(Code::cancelled, "the caller went away");
  }
  co_return co_await handshake(deadline);
}

Task<core::Status> HttpUpstream::handshake(core::MonoTime deadline) {
  PRELOOP_CO_TRY(const bool is_stateless, co_await discover(deadline));
  if (!is_stateless) {
    PRELOOP_CO_CHECK(co_await initialize(deadline));
  }
  if (stopped_) {
    co_return fail(Code::unavailable, "the server's connection is being stopped");
  }
  opened();
  co_return core::Status();
}

Task<core::Result<bool>> HttpUpstream::discover(core::MonoTime deadline) {
  core_.use_stateless(true);
  wire_.use_session({}, std::string(to_string(Revision::r2026_07_28)));
  UpstreamCall call;
  call.deadline = std::min(deadline, Clock::now() + k_discover_limit);
  Outgoing out = core_.begin("server/discover", {});
  Flight flight(call, out.id);
  flight.headers = stateless_headers("server/discover", {}, {});
  co_await fly(flight, std::move(out.text));
  const Answered& answer = *flight.outcome;
  if (answer) {
    if (auto hello = read_discovery(*answer)) {
      hello_ = std::move(*hello);
      co_return true;
    }
  } else if (!flight.sent || answer.error().code == Code::cancelled || flight.status == 401 ||
             flight.status == 403) {
    co_return std::unexpected(answer.error());  // the next question would end alike
  }
  core_.use_stateless(false);
  co_return false;
}

Task<core::Status> HttpUpstream::initialize(core::MonoTime deadline) {
  wire_.use_session({}, {});
  UpstreamCall call;
  call.deadline = deadline;
  Outgoing out = core_.begin("initialize", initialize_params());
  Flight flight(call, out.id);
  co_await fly(flight, std::move(out.text));
  PRELOOP_CO_TRY(const UpstreamAnswer answer, std::move(*flight.outcome));
  PRELOOP_CO_TRY(hello_, read_hello(answer));
  if (flight.session_id) {
    if (!is_session_id(*flight.session_id)) {
      co_return fail(Code::failed_precondition, "the server gave an unusable session id");
    }
  }
  wire_.use_session(flight.session_id.value_or(""), hello_.revision);
  co_return co_await wire_.post(make_notification("notifications/initialized", {}), deadline);
}

void HttpUpstream::opened() {
  open_ = true;
  if (std::exchange(opened_before_, true)) {
    events_.reopened();
  }
  if (hello_.is_stateless) {
    news_.offered(hello_);
    if (listening_ == Listening::yes && news_.latest() == 0 && news_.wants_any()) {
      ask_for_news();
    }
  } else if (listening_ != Listening::no && !std::exchange(is_listening_, true)) {
    scope_.spawn("http upstream: listening", listen());
  }
}

/// The server has forgotten `session`; another may have been begun meanwhile.
void HttpUpstream::lost(const std::string& session) {
  if (open_ && wire_.session() == session) {
    open_ = false;
  }
}

Task<void> HttpUpstream::listen() {
  co_await listener_.run();
  is_listening_ = false;
}
void HttpUpstream::heard(const Message& message) {
  Incoming in = core_.receive(message);
  const auto found = std::ranges::find(flights_, in.id, &Flight::id);
  take(std::move(in), found == flights_.end() ? nullptr : *found);
}
Task<core::Status> HttpUpstream::reopen(std::string session) {
  lost(session);
  return ensure_open(Clock::now() + k_open_limit);
}
void HttpUpstream::unreachable(std::string why) {
  open_ = false;
  if (!stopped_) {
    events_.ended("the server cannot be reached: " + core::printable(why, 300));
  }
}

std::unique_ptr<UpstreamSession> make_http_upstream(core::Loop& loop,
                                                    net::HttpClient& client,
                                                    core::Offload& offload,
                                                    std::string name,
                                                    HttpTarget target,
                                                    Listening listening,
                                                    SessionEvents& events) {
  return std::make_unique<HttpUpstream>(
      loop, client, offload, std::move(name), std::move(target), listening, events);
}

}  // namespace preloop::mcp

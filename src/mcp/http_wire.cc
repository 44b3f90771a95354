#include "mcp/http_wire.h"

#include "core/deadline.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace preloop::mcp {

using core::Task;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t k_max_rest = 64 * 1024;
constexpr std::size_t k_max_session_id = 1024;
constexpr int k_max_asides = 16;
constexpr core::milliseconds k_aside_limit{10'000};

}  // namespace

bool is_session_id(std::string_view id) {
  return !id.empty() && id.size() <= k_max_session_id &&
         std::ranges::all_of(id, [](char c) { return c > 0x20 && c < 0x7f; });
}

HttpWire::HttpWire(core::Loop& loop, net::HttpClient& client, HttpTarget target)
    : client_(client), target_(std::move(target)), scope_(loop.executor()) {
  refresh();
}

void HttpWire::use_headers(net::Headers headers) {
  target_.headers = std::move(headers);
  refresh();
}
void HttpWire::use_session(std::string id, std::string revision) {
  session_ = std::move(id);
  revision_ = std::move(revision);
  refresh();
}

void HttpWire::refresh() {
  // Set, not added: what is configured must not say a second time what is the protocol's.
  common_ = target_.headers;
  common_.remove("Mcp-Session-Id");
  common_.remove("MCP-Protocol-Version");
  common_.remove("Mcp-Method");
  common_.remove("Mcp-Name");
  if (!session_.empty()) {
    common_.set("Mcp-Session-Id", session_);
  }
  if (!revision_.empty()) {
    common_.set("MCP-Protocol-Version", revision_);
  }
  common_.set("Accept", "text/event-stream");
  post_common_ = common_;
  post_common_.set("Accept", "application/json, text/event-stream");
  post_common_.set("Content-Type", "application/json");
  post_ = client_.prepare("POST", target_.url, post_common_);
}

net::ClientRequest HttpWire::make(std::string_view method) const {
  net::ClientRequest request;
  request.method = method;
  request.url = target_.url;
  request.headers = common_;
  return request;
}

Task<HttpWire::Response> HttpWire::send_post(std::string message,
                                             core::MonoTime deadline,
                                             bool* sent,
                                             const net::Headers& own) {
  net::ClientRequest request;
  if (own.fields().empty()) {
    PRELOOP_CO_TRY(request.head, post_);
  } else {
    request = make("POST");
    request.headers = post_common_;
    for (const auto& [name, value] : own.fields()) {
      request.headers.set(name, value);
    }
  }
  request.body = std::move(message);
  request.sent = sent;
  co_return co_await client_.send(std::move(request), deadline);
}

Task<core::Status> HttpWire::post(std::string message, core::MonoTime deadline) {
  PRELOOP_CO_TRY(const auto response, co_await send_post(std::move(message), deadline, nullptr));
  // Servers answer 202 without a body; a body is read so that the connection can be kept.
  (void)co_await core::with_deadline(response->read_all(k_max_rest), deadline);
  co_return response->status() / 100 == 2
      ? core::Status()
      : core::fail(core::Code::failed_precondition,
                   fmt::format("the server answered HTTP {}", response->status()));
}

void HttpWire::post_aside(std::string message) {
  if (asides_ < k_max_asides &&
      scope_.spawn("http upstream: aside", post_alone(std::move(message)))) {
    ++asides_;
  }
}
Task<void> HttpWire::post_alone(std::string message) {
  (void)co_await post(std::move(message), Clock::now() + k_aside_limit);
  --asides_;
}

void HttpWire::drain(std::unique_ptr<net::ClientResponse> rest) {
  if (rest) {
    scope_.spawn("http upstream: rest of an answer", read_rest(std::move(rest)));
  }
}
Task<void> HttpWire::read_rest(std::unique_ptr<net::ClientResponse> rest) {
  (void)co_await core::with_deadline(rest->read_all(k_max_rest), Clock::now() + k_aside_limit);
}

Task<void> HttpWire::stop(core::milliseconds grace) {
  co_await scope_.stop();
  if (!session_.empty()) {
    // Said as a courtesy: many servers answer 405, and one that hangs must not hold us up.
    (void)co_await send(make("DELETE"), Clock::now() + grace);
  }
}

}  // namespace preloop::mcp

#include "core/json.h"
#include "core/log.h"
#include "core/text.h"
#include "mcp/http_upstream_impl.h"
#include "mcp/stateless_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace preloop::mcp {

using core::Code;
using core::fail;
using core::Task;
using firewall::UpstreamAnswer;
namespace log = core::log;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t k_max_error_body = 64 * 1024;
constexpr int k_max_fruitless_resumes = 5;
constexpr core::milliseconds k_tick{1'000};
constexpr core::milliseconds k_open_limit{30'000};
constexpr core::milliseconds k_shortest_retry{50};
constexpr core::milliseconds k_longest_retry{10'000};

}  // namespace

Task<HttpUpstream::Answered> HttpUpstream::governed(std::string_view method, UpstreamCall call) {
  for (int attempt = 0;; ++attempt) {
    if (!open_) {
      auto opened = co_await ensure_open(std::min(call.deadline, Clock::now() + k_open_limit));
      if (!opened) {
        co_return fail(opened.error().code == Code::cancelled ? Code::cancelled : Code::unavailable,
                       opened.error().message);
      }
    }
    Outgoing out = method.empty()
                       ? core_.begin_call(to_string(call.method), call.params, call.client)
                       : core_.begin(method, call.params);
    Flight flight(call, out.id);
    if (hello_.is_stateless) {
      const auto params = core::JsonDocument::parse(call.params);
      flight.headers = stateless_headers(method.empty() ? to_string(call.method) : method,
                                         params ? params->root() : core::Json(),
                                         call.param_headers);
    }
    const std::string session = wire_.session();
    co_await fly(flight, std::move(out.text));
    if (flight.session_lost) {
      lost(session);
      if (attempt == 0 && !call.cancelled.requested() && !stopped_) {
        continue;  // refused for its session alone: the server has not executed it
      }
    }
    co_return std::move(*flight.outcome);
  }
}

Task<void> HttpUpstream::fly(Flight& flight, std::string text) {
  flights_.push_back(&flight);
  busy_.set();
  {
    const auto gone = flight.call.cancelled.subscribe(
        [&flight] { flight.give_up(Code::cancelled, "the caller went away"); });
    co_await flight.scope.run(exchange(flight, std::move(text)));
  }
  std::erase(flights_, &flight);
  flight.conclude();
  if (core_.is_pending(flight.id)) {
    const std::string notice = core_.cancel(
        flight.id, *flight.outcome ? std::string_view() : flight.outcome->error().message);
    // In 2026-07-28 hanging up has told the server.
    if (flight.sent && !flight.session_lost && open_ && !hello_.is_stateless) {
      wire_.post_aside(notice);
    }
  }
}

Task<void> HttpUpstream::exchange(Flight& flight, std::string text) {
  const bool in_session = !wire_.session().empty();
  auto response =
      co_await wire_.send_post(std::move(text), flight.call.deadline, &flight.sent, flight.headers);
  if (!response) {
    flight.lost(response.error());
    co_return;
  }
  const int status = (*response)->status();
  flight.status = status;
  if (const auto id = (*response)->headers().get("Mcp-Session-Id")) {
    flight.session_id.emplace(*id);
  }
  HttpMessages messages(std::move(*response), offload_);
  if (status != 200 || !messages.readable()) {
    co_await refused(flight, status, in_session, messages);
    co_return;
  }
  std::optional<std::string> last_id;
  unsigned retry_ms = 1'000;
  bool fruitful = co_await read_answer(flight, messages, last_id, retry_ms);
  for (int fruitless = 0; !flight.is_over() && last_id; fruitless = fruitful ? 0 : fruitless + 1) {
    if (fruitless >= k_max_fruitless_resumes) {
      break;
    }
    fruitful = co_await resume(flight, last_id, retry_ms);
  }
  flight.finish(fail(Code::internal, "the server's answer ended before it was complete"));
}

Task<bool> HttpUpstream::read_answer(Flight& flight,
                                     HttpMessages& messages,
                                     std::optional<std::string>& last_id,
                                     unsigned& retry_ms) {
  bool fruitful = false;
  while (!flight.is_over()) {
    const auto received = co_await messages.next();
    if (messages.last_event_id() && messages.last_event_id() != last_id) {
      last_id = messages.last_event_id();
      fruitful = true;
    }
    retry_ms = messages.retry_ms().value_or(retry_ms);
    if (!received) {
      const Code code = received.error().code;
      if (code == Code::invalid_argument || code == Code::resource_exhausted || !last_id) {
        core_.forget(flight.id);
        flight.lost(received.error());
      }
      co_return fruitful;
    }
    if (received->empty()) {
      co_return fruitful;
    }
    flight.alive();
    fruitful = true;
    for (const Message& message : *received) {
      take(core_.receive(message, flight.id), &flight);
    }
  }
  // The end of the stream comes right behind; whoever waits for the answer need not.
  wire_.drain(messages.release());
  co_return true;
}

Task<bool> HttpUpstream::resume(Flight& flight,
                                std::optional<std::string>& last_id,
                                unsigned& retry_ms) {
  const core::milliseconds wait(retry_ms);
  co_await core::sleep_until(Clock::now() + std::clamp(wait, k_shortest_retry, k_longest_retry));
  if (flight.is_over() || co_await core::is_cancelled()) {
    co_return false;
  }
  net::ClientRequest request = wire_.make("GET");
  request.headers.set("Last-Event-ID", *last_id);
  auto response = co_await wire_.send(std::move(request), flight.until());
  if (!response) {
    co_return false;
  }
  if ((*response)->status() != 200) {
    last_id.reset();
    co_return false;
  }
  HttpMessages messages(std::move(*response), offload_);
  if (!messages.readable()) {
    last_id.reset();
    co_return false;
  }
  co_return co_await read_answer(flight, messages, last_id, retry_ms);
}

Task<void> HttpUpstream::refused(Flight& flight,
                                 int status,
                                 bool in_session,
                                 HttpMessages& messages) {
  const std::string body = co_await messages.text(k_max_error_body);
  if (auto message = Message::parse(body); message && message->kind() == Message::Kind::response &&
                                           message->id() == fmt::to_string(flight.id)) {
    if (!refused_unseen(flight, *message)) {
      take(core_.receive(*message), &flight);
    }
    co_return;
  }
  const std::string lower = core::ascii_lower(body);
  if (in_session &&
      (status == 404 || (status == 400 && lower.find("session") != std::string::npos))) {
    flight.session_lost = true;
    core_.forget(flight.id);
    flight.finish(fail(Code::unavailable, "the server has forgotten the session, twice"));
    co_return;
  }
  core_.forget(flight.id);
  std::string why = fmt::format("the server answered HTTP {}", status);
  if (status == 401 || status == 403) {
    why += ": check its credential";
  } else if (status / 100 == 3) {
    why += ": redirects are not followed, configure the final URL";
  } else if (status / 100 == 2) {
    why += " without a JSON-RPC answer";
  }
  // 3xx and 4xx say that nothing was done with the request; anything else says nothing.
  const bool known = status / 100 == 3 || (status / 100 == 4 && status != 408);
  flight.finish(fail(known ? Code::unavailable : Code::internal, std::move(why)));
}

bool HttpUpstream::refused_unseen(Flight& flight, const Message& message) {
  if (!open_ || !hello_.is_stateless) {
    return false;
  }
  if (is_unsupported_version(message.error_text())) {
    flight.session_lost = true;
    core_.forget(flight.id);
    flight.finish(fail(Code::unavailable, "the server speaks another revision now, twice"));
    return true;
  }
  if (is_header_mismatch(message.error_text())) {
    core_.forget(flight.id);
    flight.finish(fail(Code::unavailable, "the tool is another one now, and is listed again"));
    events_.list_changed();
    return true;
  }
  return false;
}

void HttpUpstream::take(Incoming in, Flight* flight) {
  switch (in.kind) {
    case Incoming::Kind::answer:
      if (flight != nullptr && in.id == flight->id) {
        flight->finish(std::move(in.answer));
      }
      break;
    case Incoming::Kind::progress:
    case Incoming::Kind::message:
      // What comes on a call's own stream belongs to the call.
      if (flight != nullptr && (in.kind == Incoming::Kind::message || in.id == flight->id) &&
          !in.text.empty() && !flight->is_over() && flight->call.on_notification) {
        flight->call.on_notification(in.text);
      }
      break;
    case Incoming::Kind::request:
      ask(flight, std::move(in.asked));
      break;
    case Incoming::Kind::reply:
      if (!hello_.is_stateless) {
        wire_.post_aside(std::move(in.text));
      }
      break;
    case Incoming::Kind::acknowledged:
      if (const std::uint64_t old = news_.acknowledged(in.id, std::move(in.uris)); old != 0) {
        if (const auto found = std::ranges::find(flights_, old, &Flight::id);
            found != flights_.end()) {
          (*found)->give_up(Code::cancelled, "another subscription has taken its place");
        }
      }
      news_changed_.set();
      break;
    case Incoming::Kind::list_changed:
      events_.list_changed();
      break;
    case Incoming::Kind::resource_updated:
      events_.resource_updated(std::move(in.text));
      break;
    case Incoming::Kind::ignored:
      if (log_budget_.take(Clock::now())) {
        log::info("MCP server sent a message that is of no use",
                  {{"server", name_}, {"why", in.text}});
      }
  }
}

void HttpUpstream::ask(Flight* flight, Incoming::Asked asked) {
  auto reply = [this, alive = std::weak_ptr(alive_), id = std::move(asked.id)](
                   const UpstreamAnswer& answer) {
    if (alive.lock() && open_) {
      wire_.post_aside(make_reply(id, answer));
    }
  };
  if (flight == nullptr || flight->is_over() || !flight->call.on_request) {
    reply({{}, make_error_object(k_internal_error, "the call this is about has ended")});
    return;
  }
  flight->call.on_request({std::move(asked.method), std::move(asked.params), std::move(reply)});
}

Task<void> HttpUpstream::watch_deadlines() {
  while (!co_await core::is_cancelled()) {
    if (flights_.empty()) {
      busy_.reset();
      co_await busy_.wait();
      continue;
    }
    const auto now = Clock::now();
    auto next = now + k_tick;
    for (Flight* flight : std::vector<Flight*>(flights_)) {
      if (flight->until() <= now) {
        flight->give_up(Code::deadline_exceeded, "the server gave no sign of life in time");
      } else if (flight->scope.cancelled()) {
        flight->scope.cancel();  // the first may have come between two waits
      } else {
        next = std::min(next, flight->until());
      }
    }
    co_await core::sleep_until(next);
  }
}

}  // namespace preloop::mcp

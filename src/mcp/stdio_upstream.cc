#include "mcp/stdio_upstream.h"

#include "core/json.h"
#include "core/log.h"
#include "mcp/stateless_client.h"
#include "mcp/stdio_upstream_impl.h"

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

/// A server of an earlier revision may leave unanswered what comes before `initialize`.
constexpr core::milliseconds k_discover_limit{10'000};
constexpr core::milliseconds k_acknowledge_limit{30'000};

}  // namespace

StdioUpstream::StdioUpstream(core::Loop& loop,
                             core::Offload& offload,
                             std::string name,
                             net::ChildOptions options,
                             Opening opening,
                             SessionEvents& events,
                             std::vector<core::Secret> secrets)
    : loop_(loop),
      offload_(offload),
      name_(std::move(name)),
      options_(std::move(options)),
      opening_(opening),
      events_(events),
      secrets_(std::move(secrets)),
      scope_(loop.executor()),
      outbox_(loop.executor(), k_outbox),
      stderr_ended_(loop.executor()),
      over_(loop.executor()),
      news_changed_(loop.executor()) {}

Task<core::Status> StdioUpstream::open(core::MonoTime deadline) {
  PRELOOP_CO_TRY(child_, co_await net::ChildProcess::start(loop_, std::move(options_)));
  log::info("MCP server started", {{"server", name_}, {"pid", child_->pid()}});
  scope_.spawn("stdio upstream: stderr", read_stderr());
  scope_.spawn("stdio upstream: stdout", read_stdout());
  scope_.spawn("stdio upstream: stdin", write_stdin());
  if (opening_ == Opening::discover && co_await discover(deadline)) {
    news_.offered(hello_);
    if (news_.wants_any()) {
      ask_for_news();
    }
    co_return core::Status();
  }
  core_.use_stateless(false);
  if (auto status = co_await initialize(deadline); !status) {
    if (ended_) {
      co_await over_.wait_until(Clock::now() + 3 * k_linger);
    }
    co_return std::unexpected(explain(std::move(status).error()));
  }
  co_return core::Status();
}

Task<bool> StdioUpstream::discover(core::MonoTime deadline) {
  core_.use_stateless(true);
  // It may be long in starting, so its silence says nothing; what it answers later is of no use.
  const auto answer =
      co_await request("server/discover", {}, std::min(deadline, Clock::now() + k_discover_limit));
  auto hello = answer ? read_discovery(*answer) : std::nullopt;
  if (!hello) {
    co_return false;
  }
  hello_ = std::move(*hello);
  co_return true;
}

Task<core::Status> StdioUpstream::initialize(core::MonoTime deadline) {
  PRELOOP_CO_TRY(const UpstreamAnswer answer,
                 co_await request("initialize", initialize_params(), deadline));
  auto hello = read_hello(answer);
  if (!hello) {
    co_return std::unexpected(std::move(hello).error());
  }
  hello_ = std::move(*hello);
  send(0, make_notification("notifications/initialized", {}));
  co_return core::Status();
}

Task<StdioUpstream::Answered> StdioUpstream::request(std::string_view method,
                                                     std::string params,
                                                     core::MonoTime deadline) {
  UpstreamCall call;
  call.deadline = deadline;
  if (hello_.is_stateless && method == to_string(catalogue::Method::resources_subscribe)) {
    call.params = std::move(params);
    return subscribe(std::move(call));
  }
  return exchange(core_.begin(method, params), std::move(call));
}

Task<StdioUpstream::Answered> StdioUpstream::call(UpstreamCall call) {
  if (hello_.is_stateless && call.method == catalogue::Method::resources_subscribe) {
    return subscribe(std::move(call));
  }
  Outgoing out = core_.begin_call(to_string(call.method), call.params, call.client);
  call.params = {};
  return exchange(std::move(out), std::move(call));
}

Task<void> StdioUpstream::stop(core::milliseconds grace) {
  fail_all("the server is being stopped");
  if (child_) {
    co_await child_->stop(grace);
  }
  co_await scope_.stop();
}

std::uint64_t StdioUpstream::ask_for_news() {
  Outgoing out = core_.begin("subscriptions/listen", news_.params());
  if (send(0, std::move(out.text))) {
    news_.asked(out.id);
  } else {
    core_.forget(out.id);
  }
  return out.id;
}

/// `resources/subscribe` of the earlier revisions: one more resource to listen for.
Task<StdioUpstream::Answered> StdioUpstream::subscribe(UpstreamCall call) {
  const auto params = core::JsonDocument::parse(call.params);
  const std::string uri(params ? params->root()["uri"].as_string().value_or("") : "");
  news_.want(uri);
  const std::uint64_t id = ask_for_news();
  const auto until = std::min(call.deadline, Clock::now() + k_acknowledge_limit);
  // A later subscription asks for this resource, too.
  while (!ended_ && news_.latest() >= id && !news_.is_acknowledged(news_.latest())) {
    news_changed_.reset();
    if (co_await news_changed_.wait_until(until) != core::Outcome::in_time) {
      break;
    }
  }
  if (ended_) {
    co_return fail(Code::internal, "the server ended before it answered");
  }
  if (news_.grants(uri)) {
    co_return UpstreamAnswer{"{}", {}};
  }
  news_.forget(uri);
  co_return UpstreamAnswer{
      {}, make_error_object(k_invalid_params, "the server tells no news of this resource")};
}

Task<StdioUpstream::Answered> StdioUpstream::exchange(Outgoing out, UpstreamCall call) {
  const std::uint64_t id = out.id;
  if (ended_ || !child_ || !send(id, std::move(out.text))) {
    core_.forget(id);
    co_return fail(Code::unavailable, ended_ ? "the server has ended" : "the server is not ready");
  }
  Exchange exchange(call, core::Wakeup(loop_.executor()));
  exchange.alive();
  exchanges_.emplace(id, &exchange);
  const auto gone = call.cancelled.subscribe(
      [&exchange] { exchange.finish(fail(Code::cancelled, "the caller went away")); });
  while (!exchange.outcome) {
    switch (co_await exchange.done.wait_until(exchange.until())) {
      case core::Outcome::in_time:
        break;
      case core::Outcome::cancelled:
        exchange.finish(fail(Code::cancelled, "the caller went away"));
        break;
      case core::Outcome::late:
        if (Clock::now() >= exchange.until()) {
          exchange.finish(overdue(exchange));
        }
    }
  }
  exchanges_.erase(id);
  if (core_.is_pending(id)) {
    withdraw(id, exchange);
  }
  co_return std::move(*exchange.outcome);
}

StdioUpstream::Answered StdioUpstream::overdue(const Exchange& exchange) {
  return exchange.written ? fail(Code::deadline_exceeded, "the server gave no sign of life in time")
                          : fail(Code::unavailable, "the server does not read what it is sent");
}

void StdioUpstream::withdraw(std::uint64_t id, const Exchange& exchange) {
  if (!exchange.written) {
    core_.forget(id);  // the writer passes over it
    return;
  }
  const std::string notice = core_.cancel(id, exchange.outcome->error().message);
  if (outbox_.size() < k_outbox_for_replies) {
    send(0, notice);
  }
}

void StdioUpstream::take(Incoming in) {
  const auto found = exchanges_.find(in.id);
  Exchange* const exchange = found == exchanges_.end() ? nullptr : found->second;
  switch (in.kind) {
    case Incoming::Kind::answer:
      if (exchange) {
        exchange->finish(std::move(in.answer));
      } else {
        news_.ended(in.id);
        news_changed_.set();
      }
      break;
    case Incoming::Kind::progress:
      if (exchange) {
        exchange->alive();
        if (!in.text.empty() && exchange->call.on_notification) {
          exchange->call.on_notification(in.text);
        }
      }
      break;
    case Incoming::Kind::reply:
      if (outbox_.size() < k_outbox_for_replies) {
        send(0, std::move(in.text));
      }
      break;
    case Incoming::Kind::acknowledged:
      if (const auto old = news_.acknowledged(in.id, std::move(in.uris)); old != 0) {
        send(0, core_.cancel(old, "another subscription has taken its place"));
      }
      news_changed_.set();
      break;
    case Incoming::Kind::list_changed:
      events_.list_changed();
      break;
    case Incoming::Kind::resource_updated:
      events_.resource_updated(std::move(in.text));
      break;
    case Incoming::Kind::message:
      // Several callers share the child, and it does not say whose call this is about.
      if (exchange && exchange->call.on_notification) {
        exchange->call.on_notification(in.text);
      }
      break;
    case Incoming::Kind::request:
      ask(exchange, std::move(in.asked));
      break;
    case Incoming::Kind::ignored:
      if (log_budget_.take(Clock::now())) {
        log::info("MCP server sent a message that is of no use",
                  {{"server", name_}, {"why", in.text}});
      }
  }
}

void StdioUpstream::ask(Exchange* exchange, Incoming::Asked asked) {
  auto reply = [this, alive = std::weak_ptr(alive_), id = std::move(asked.id)](
                   const UpstreamAnswer& answer) {
    if (alive.lock() && !ended_ && outbox_.size() < k_outbox_for_replies) {
      send(0, make_reply(id, answer));
    }
  };
  if (exchange == nullptr || exchange->outcome || !exchange->call.on_request) {
    reply({{}, make_error_object(k_internal_error, "the call this is about has ended")});
    return;
  }
  exchange->alive();
  exchange->call.on_request({std::move(asked.method), std::move(asked.params), std::move(reply)});
}

void StdioUpstream::fail_all(std::string_view why) {
  ended_ = true;
  news_changed_.set();
  outbox_.close();
  for (auto& [id, exchange] : exchanges_) {
    core_.forget(id);
    exchange->finish(exchange->written
                         ? fail(Code::internal, fmt::format("{} before it answered", why))
                         : fail(Code::unavailable, std::string(why)));
  }
}

core::Error StdioUpstream::explain(core::Error error) const {
  if (!why_ended_.empty()) {
    error.message = why_ended_;
  } else if (!last_words_.empty()) {
    error.message += ": " + last_words_;
  }
  return error;
}

std::unique_ptr<UpstreamSession> make_stdio_upstream(core::Loop& loop,
                                                     core::Offload& offload,
                                                     std::string name,
                                                     net::ChildOptions options,
                                                     SessionEvents& events,
                                                     std::vector<core::Secret> secrets,
                                                     Opening opening) {
  return std::make_unique<StdioUpstream>(
      loop, offload, std::move(name), std::move(options), opening, events, std::move(secrets));
}

}  // namespace preloop::mcp

#include "mcp/stdio_upstream.h"

#include "core/log.h"
#include "core/mailbox.h"
#include "core/task_scope.h"
#include "core/text.h"
#include "core/wakeup.h"
#include "mcp/line_reader.h"
#include "mcp/restart_policy.h"
#include "redact/redact.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace preloop::mcp {
namespace {

using core::Code;
using core::fail;
using core::Task;
using firewall::UpstreamAnswer;
namespace log = core::log;

using Answered = core::Result<UpstreamAnswer>;
using Clock = std::chrono::steady_clock;

constexpr std::size_t k_max_stderr_line = 4 * 1024;
constexpr std::size_t k_outbox = 1'024;
/// Beyond this the server floods us with requests and reads no answers: it gets none.
constexpr std::size_t k_outbox_for_replies = 256;
constexpr int k_log_lines_a_minute = 30;
constexpr core::milliseconds k_linger{1'000};

/// A message is one line. Line breaks of valid JSON are white space, so they may become blanks.
std::string as_line(std::string text) {
  std::ranges::replace_if(text, [](char c) { return c == '\n' || c == '\r'; }, ' ');
  text += '\n';
  return text;
}

class StdioUpstream final : public UpstreamSession {
 public:
  StdioUpstream(core::Loop& loop,
                core::Offload& offload,
                std::string name,
                net::ChildOptions options,
                SessionEvents& events,
                std::vector<core::Secret> secrets)
      : loop_(loop),
        offload_(offload),
        name_(std::move(name)),
        options_(std::move(options)),
        events_(events),
        secrets_(std::move(secrets)),
        scope_(loop.executor()),
        outbox_(loop.executor(), k_outbox),
        stderr_ended_(loop.executor()),
        over_(loop.executor()) {}

  Task<core::Status> open(core::MonoTime deadline) override {
    PRELOOP_CO_TRY(child_, co_await net::ChildProcess::start(loop_, std::move(options_)));
    log::info("MCP server started", {{"server", name_}, {"pid", child_->pid()}});
    scope_.spawn("stdio upstream: stderr", read_stderr());
    scope_.spawn("stdio upstream: stdout", read_stdout());
    scope_.spawn("stdio upstream: stdin", write_stdin());
    auto answer = co_await request("initialize", initialize_params(), deadline);
    if (!answer) {
      if (ended_) {
        co_await over_.wait_until(Clock::now() + 3 * k_linger);
      }
      co_return std::unexpected(explain(std::move(answer).error()));
    }
    PRELOOP_CO_TRY(hello_, read_hello(*answer));
    send(0, make_notification("notifications/initialized", {}));
    co_return core::Status();
  }

  const ServerHello& hello() const override { return hello_; }

  Task<Answered> request(std::string_view method,
                         std::string params,
                         core::MonoTime deadline) override {
    UpstreamCall call;
    call.deadline = deadline;
    return exchange(core_.begin(method, params), std::move(call));
  }

  Task<Answered> call(UpstreamCall call) override {
    Outgoing out = core_.begin_call(to_string(call.method), call.params);
    call.params = {};
    return exchange(std::move(out), std::move(call));
  }

  Task<void> stop(core::milliseconds grace) override {
    fail_all("the server is being stopped");
    if (child_) {
      co_await child_->stop(grace);
    }
    co_await scope_.stop();
  }

 private:
  struct Exchange {
    explicit Exchange(const UpstreamCall& its_call, core::Wakeup wakeup)
        : call(its_call), done(std::move(wakeup)) {}
    const UpstreamCall& call;
    core::Wakeup done;
    core::MonoTime idle_until = core::MonoTime::max();
    bool written = false;  ///< a byte may have left
    std::optional<Answered> outcome;

    void finish(Answered how) {
      if (!outcome) {
        outcome.emplace(std::move(how));
        done.set();
      }
    }
    void alive() { idle_until = Clock::now() + call.idle_limit; }
    core::MonoTime until() const { return std::min(idle_until, call.deadline); }
  };
  struct Out {
    std::uint64_t id = 0;  ///< 0: no request
    std::string line;
  };

  bool send(std::uint64_t id, std::string text) {
    return outbox_.try_push({id, as_line(std::move(text))});
  }

  Task<Answered> exchange(Outgoing out, UpstreamCall call) {
    const std::uint64_t id = out.id;
    if (ended_ || !child_ || !send(id, std::move(out.text))) {
      core_.forget(id);
      co_return fail(Code::unavailable,
                     ended_ ? "the server has ended" : "the server is not ready");
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

  static Answered overdue(const Exchange& exchange) {
    return exchange.written
               ? fail(Code::deadline_exceeded, "the server gave no sign of life in time")
               : fail(Code::unavailable, "the server does not read what it is sent");
  }

  /// We stopped waiting first: take the request back, or tell the server.
  void withdraw(std::uint64_t id, const Exchange& exchange) {
    if (!exchange.written) {
      core_.forget(id);  // the writer passes over it
      return;
    }
    const std::string notice = core_.cancel(id, exchange.outcome->error().message);
    if (outbox_.size() < k_outbox_for_replies) {
      send(0, notice);
    }
  }

  Task<void> write_stdin() {
    while (auto out = co_await outbox_.pop()) {
      if (ended_) {
        co_return;  // what is queued has been reported as never sent
      }
      if (out->id != 0) {
        const auto found = exchanges_.find(out->id);
        if (found == exchanges_.end() || found->second->outcome) {
          continue;
        }
        found->second->written = true;
      }
      if (!co_await child_->write(out->line)) {
        co_return;  // the reader sees the end too, and reports it
      }
    }
  }

  Task<void> read_stdout() {
    std::vector<char> buffer(64 * 1024);
    LineReader lines(k_max_upstream_message);
    while (true) {
      const auto read = co_await child_->read_stdout(buffer);
      if (!read || *read == 0) {
        break;
      }
      std::string_view bytes(buffer.data(), *read);
      while (!bytes.empty()) {
        if (auto line = lines.take(bytes)) {
          co_await take_line(std::move(*line));
        }
      }
    }
    fail_all("the server ended");
    if (co_await core::is_cancelled()) {
      co_return;
    }
    // A server without stdout is of no use, so what still runs of it goes as well.
    const net::ChildExit exit = co_await child_->stop(k_linger);
    co_await stderr_ended_.wait_until(Clock::now() + k_linger);
    const std::string how = exit.signal != 0 ? fmt::format("signal {}", exit.signal)
                                             : fmt::format("exit code {}", exit.code);
    why_ended_ =
        fmt::format("the server ended ({}){}{}", how, last_words_.empty() ? "" : ": ", last_words_);
    over_.set();
    events_.ended(why_ended_);
  }

  Task<void> take_line(LineReader::Line line) {
    if (line.too_long) {
      garbage("a message is larger than 16 MiB", line.text, line.tail);
      co_return;
    }
    const std::string_view text = core::trim(line.text);
    if (text.empty()) {
      co_return;
    }
    const std::string head(text.substr(0, k_ends));
    const std::string tail(text.substr(text.size() - std::min(text.size(), k_ends)));
    const auto messages = co_await read_messages(std::move(line.text), offload_);
    if (!messages) {
      garbage(messages.error().message, head, tail);
      co_return;
    }
    for (const Message& message : *messages) {
      take(core_.receive(message));
    }
  }

  void take(Incoming in) {
    const auto found = exchanges_.find(in.id);
    Exchange* const exchange = found == exchanges_.end() ? nullptr : found->second;
    switch (in.kind) {
      case Incoming::Kind::answer:
        if (exchange) {
          exchange->finish(std::move(in.answer));
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

  /// The reply may come when the call, or all of this, has ended.
  void ask(Exchange* exchange, Incoming::Asked asked) {
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

  /// The start of a line of the child, without secrets. Masked before it is cut: half a secret is
  /// one that nothing recognises.
  std::string for_log(std::string_view line) const {
    constexpr std::string_view k_mask = "[redacted:secret]";
    constexpr std::size_t k_shortest = 4;  // "1" or "yes" hides nothing and would hide everything
    std::string text(line.substr(0, k_max_stderr_line));
    for (const core::Secret& secret : secrets_) {
      const std::string& value = secret.reveal();
      if (value.size() < k_shortest) {
        continue;
      }
      for (auto at = text.find(value); at != std::string::npos;
           at = text.find(value, at + k_mask.size())) {
        text.replace(at, value.size(), k_mask);
      }
    }
    text = redact::mask(text, {redact::Detector::secrets}).text;
    return core::truncate_utf8(core::printable(text, 200), 200);
  }

  /// A line on stdout that is no message. When it is an answer all the same, its request fails now.
  void garbage(std::string_view why, std::string_view head, std::string_view tail) {
    ++garbage_lines_;
    if (log_budget_.take(Clock::now())) {
      log::warn("MCP server wrote a line that is no message to its standard output",
                {{"server", name_},
                 {"why", why},
                 {"line", for_log(head)},
                 {"lines so far", garbage_lines_}});
    }
    const auto id = salvage_id(head, tail);
    const auto found = id ? exchanges_.find(*id) : exchanges_.end();
    if (found != exchanges_.end() && found->second->written) {
      core_.forget(*id);
      found->second->finish(
          fail(Code::internal, fmt::format("the server's answer cannot be read: {}", why)));
    }
  }

  Task<void> read_stderr() {
    std::array<char, 4 * 1024> buffer{};
    LineReader lines(k_max_stderr_line);
    LogBudget budget(k_log_lines_a_minute);
    while (true) {
      const auto read = co_await child_->read_stderr(buffer);
      if (!read || *read == 0) {
        break;
      }
      std::string_view bytes(buffer.data(), *read);
      while (!bytes.empty()) {
        const auto line = lines.take(bytes);
        if (!line || core::trim(line->text).empty()) {
          continue;
        }
        last_words_ = for_log(core::trim(line->text));
        if (budget.take(Clock::now())) {
          log::info("MCP server says",
                    {{"server", name_}, {"line", last_words_}, {"left out", budget.suppressed()}});
        }
      }
    }
    stderr_ended_.set();
  }

  void fail_all(std::string_view why) {
    ended_ = true;
    outbox_.close();
    for (auto& [id, exchange] : exchanges_) {
      core_.forget(id);
      exchange->finish(exchange->written
                           ? fail(Code::internal, fmt::format("{} before it answered", why))
                           : fail(Code::unavailable, std::string(why)));
    }
  }

  /// The child's own last words beat what its silence looked like to us.
  core::Error explain(core::Error error) const {
    if (!why_ended_.empty()) {
      error.message = why_ended_;
    } else if (!last_words_.empty()) {
      error.message += ": " + last_words_;
    }
    return error;
  }

  static constexpr std::size_t k_ends = 256;

  core::Loop& loop_;
  core::Offload& offload_;
  std::string name_;
  net::ChildOptions options_;
  SessionEvents& events_;
  std::vector<core::Secret> secrets_;
  ClientCore core_;
  ServerHello hello_;
  std::unique_ptr<net::ChildProcess> child_;
  core::TaskScope scope_;
  core::Mailbox<Out> outbox_;
  core::Wakeup stderr_ended_;
  core::Wakeup over_;
  std::unordered_map<std::uint64_t, Exchange*> exchanges_;
  LogBudget log_budget_{k_log_lines_a_minute};
  std::uint64_t garbage_lines_ = 0;
  bool ended_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::string last_words_;
  std::string why_ended_;
};

}  // namespace

std::unique_ptr<UpstreamSession> make_stdio_upstream(core::Loop& loop,
                                                     core::Offload& offload,
                                                     std::string name,
                                                     net::ChildOptions options,
                                                     SessionEvents& events,
                                                     std::vector<core::Secret> secrets) {
  return std::make_unique<StdioUpstream>(
      loop, offload, std::move(name), std::move(options), events, std::move(secrets));
}

}  // namespace preloop::mcp

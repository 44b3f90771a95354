#pragma once
#include "core/mailbox.h"
#include "core/task_scope.h"
#include "core/wakeup.h"
#include "mcp/line_reader.h"
#include "mcp/restart_policy.h"
#include "mcp/server_news.h"
#include "mcp/stdio_upstream.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace preloop::mcp {

/// stdio_upstream.cc: opening, closing, requests and what they hear. stdio_pipes.cc: the child's
/// three pipes.
class StdioUpstream final : public UpstreamSession {
 public:
  using Answered = core::Result<firewall::UpstreamAnswer>;

  StdioUpstream(core::Loop& loop,
                core::Offload& offload,
                std::string name,
                net::ChildOptions options,
                Opening opening,
                SessionEvents& events,
                std::vector<core::Secret> secrets);

  core::Task<core::Status> open(core::MonoTime deadline) override;
  const ServerHello& hello() const override { return hello_; }
  core::Task<Answered> request(std::string_view method,
                               std::string params,
                               core::MonoTime deadline) override;
  core::Task<Answered> call(UpstreamCall call) override;
  core::Task<void> stop(core::milliseconds grace) override;

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
    void alive() { idle_until = std::chrono::steady_clock::now() + call.idle_limit; }
    core::MonoTime until() const { return std::min(idle_until, call.deadline); }
  };
  struct Out {
    std::uint64_t id = 0;  ///< 0: nobody waits for an answer
    std::string line;
  };

  /// Asks whether the child speaks 2026-07-28: false when it does not, or has ended.
  core::Task<bool> discover(core::MonoTime deadline);
  core::Task<core::Status> initialize(core::MonoTime deadline);
  core::Task<Answered> exchange(Outgoing out, UpstreamCall call);
  static Answered overdue(const Exchange& exchange);
  /// We stopped waiting first: take the request back, or tell the server.
  void withdraw(std::uint64_t id, const Exchange& exchange);
  void fail_all(std::string_view why);
  /// The child's own last words beat what its silence looked like to us.
  core::Error explain(core::Error error) const;

  void take(Incoming in);
  /// The reply may come when the call, or all of this, has ended.
  void ask(Exchange* exchange, Incoming::Asked asked);
  /// Subscribes anew to everything that is wanted. Answers the id of the request.
  std::uint64_t ask_for_news();
  core::Task<Answered> subscribe(UpstreamCall call);

  bool send(std::uint64_t id, std::string text);
  core::Task<void> write_stdin();
  core::Task<void> read_stdout();
  core::Task<void> take_line(LineReader::Line line);
  /// A line on stdout that is no message. When it is an answer all the same, its request fails now.
  void garbage(std::string_view why, std::string_view head, std::string_view tail);
  core::Task<void> read_stderr();
  /// The start of a line of the child, without secrets. Masked before it is cut: half a secret is
  /// one that nothing recognises.
  std::string for_log(std::string_view line) const;

  static constexpr std::size_t k_ends = 256;
  static constexpr std::size_t k_outbox = 1'024;
  /// Beyond this the server floods us with requests and reads no answers: it gets none.
  static constexpr std::size_t k_outbox_for_replies = 256;
  static constexpr int k_log_lines_a_minute = 30;
  static constexpr core::milliseconds k_linger{1'000};

  core::Loop& loop_;
  core::Offload& offload_;
  std::string name_;
  net::ChildOptions options_;
  Opening opening_;
  SessionEvents& events_;
  std::vector<core::Secret> secrets_;
  ClientCore core_;
  ServerHello hello_;
  ServerNews news_;
  std::unique_ptr<net::ChildProcess> child_;
  core::TaskScope scope_;
  core::Mailbox<Out> outbox_;
  core::Wakeup stderr_ended_;
  core::Wakeup over_;
  core::Wakeup news_changed_;
  std::unordered_map<std::uint64_t, Exchange*> exchanges_;
  LogBudget log_budget_{k_log_lines_a_minute};
  std::uint64_t garbage_lines_ = 0;
  bool ended_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::string last_words_;
  std::string why_ended_;
};

}  // namespace preloop::mcp

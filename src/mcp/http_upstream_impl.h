#pragma once
#include "core/async_mutex.h"
#include "core/task_scope.h"
#include "core/wakeup.h"
#include "mcp/http_flight.h"
#include "mcp/http_listener.h"
#include "mcp/http_messages.h"
#include "mcp/http_upstream.h"
#include "mcp/http_wire.h"
#include "mcp/restart_policy.h"
#include "mcp/server_news.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::mcp {

/// http_upstream.cc: opening, closing, what the server says by itself. http_upstream_requests.cc:
/// one request from its POST to its outcome. http_upstream_news.cc: `subscriptions/listen`.
class HttpUpstream final : public UpstreamSession, HttpListener::Connection {
 public:
  using Answered = core::Result<firewall::UpstreamAnswer>;

  HttpUpstream(core::Loop& loop,
               net::HttpClient& client,
               core::Offload& offload,
               std::string name,
               HttpTarget target,
               Listening listening,
               SessionEvents& events);

  core::Task<core::Status> open(core::MonoTime deadline) override { return ensure_open(deadline); }
  const ServerHello& hello() const override { return hello_; }
  core::Task<Answered> request(std::string_view method,
                               std::string params,
                               core::MonoTime deadline) override;
  core::Task<Answered> call(UpstreamCall call) override;
  void use_headers(const net::Headers& headers) override { wire_.use_headers(headers); }
  core::Task<void> stop(core::milliseconds grace) override;

 private:
  // --- requests -------------------------------------------------------------------------------

  /// `method` empty: what the call says.
  core::Task<Answered> governed(std::string_view method, UpstreamCall call);
  /// Runs one request to its outcome, whatever ends it.
  core::Task<void> fly(Flight& flight, std::string text);
  core::Task<void> exchange(Flight& flight, std::string text);
  /// Reads until the answer, or the end; true when anything came.
  core::Task<bool> read_answer(Flight& flight,
                               HttpMessages& messages,
                               std::optional<std::string>& last_id,
                               unsigned& retry_ms);
  core::Task<bool> resume(Flight& flight, std::optional<std::string>& last_id, unsigned& retry_ms);
  /// An HTTP answer that is not the JSON-RPC answer we asked for.
  core::Task<void> refused(Flight& flight, int status, bool in_session, HttpMessages& messages);
  /// In 2026-07-28 the headers or the revision were refused: nothing was executed. True when so.
  bool refused_unseen(Flight& flight, const Message& message);
  void take(Incoming in, Flight* flight);
  /// The reply may come when the call, or all of this, has ended.
  void ask(Flight* flight, Incoming::Asked asked);
  /// One timer for every request in flight: a call costs none.
  core::Task<void> watch_deadlines();

  // --- the session ----------------------------------------------------------------------------

  core::Task<core::Status> ensure_open(core::MonoTime deadline);
  core::Task<core::Status> handshake(core::MonoTime deadline);
  /// Asks the server whether it speaks 2026-07-28: false when it does not.
  core::Task<core::Result<bool>> discover(core::MonoTime deadline);
  core::Task<core::Status> initialize(core::MonoTime deadline);
  void opened();
  /// The server has forgotten `session`; another may have been begun meanwhile.
  void lost(const std::string& session);

  // --- what the server says by itself ---------------------------------------------------------

  core::Task<void> listen();
  void heard(const Message& message) override;
  core::Task<core::Status> reopen(std::string session) override;
  void unreachable(std::string why) override;
  /// Subscribes anew to everything that is wanted. Answers the id of the request.
  std::uint64_t ask_for_news();
  core::Task<void> news(Outgoing out);
  core::Task<Answered> subscribe(UpstreamCall call);

  HttpWire wire_;
  core::Offload& offload_;
  std::string name_;
  Listening listening_;
  HttpListener listener_;
  SessionEvents& events_;
  ClientCore core_;
  ServerHello hello_;
  ServerNews news_;
  int news_failures_ = 0;
  core::TaskScope scope_;
  core::AsyncMutex opening_;
  core::Wakeup busy_;
  core::Wakeup news_changed_;
  std::vector<Flight*> flights_;
  LogBudget log_budget_;
  bool open_ = false;
  bool opened_before_ = false;
  bool is_listening_ = false;
  bool stopped_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace preloop::mcp

#pragma once
#include "core/call_context.h"
#include "core/clock.h"
#include "core/task_scope.h"
#include "firewall/firewall.h"
#include "mcp/hold_progress.h"
#include "mcp/session.h"
#include "net/http.h"

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::mcp {

/// Why a call in flight is told to stop.
enum class StopReason : std::uint8_t {
  /// Only a call that waits for a person stops: one that runs, runs to its end. In a revision
  /// without sessions it is `cancelled`.
  client_gone,
  draining,   ///< the same
  cancelled,  ///< by the client's notification, or its session or key has ended: whatever it does
};

/// The answer to one POST with requests: plain JSON when everything is answered at once, an event
/// stream from the moment a call is held, an upstream speaks, or ten seconds have passed. It is
/// what the firewall tells about the call, and what the loop's sweep keeps alive.
///
/// One loop, one coroutine (the handler's), whose `responder` it borrows; a writer task runs beside
/// it only while there is something to write on a stream.
class Exchange final : public firewall::CallObserver {
 public:
  enum class Shape : std::uint8_t { single, batch };
  static constexpr core::seconds k_plain_for{10};
  static constexpr core::seconds k_progress_every{10};
  static constexpr core::seconds k_comment_every{15};
  /// Notifications beyond this wait nowhere: a slow reader misses some.
  static constexpr std::size_t k_max_unwritten = 1024 * 1024;
  /// Questions of one call that wait for the client.
  static constexpr std::size_t k_max_asked = 16;

  Exchange(net::Responder& responder,
           const boost::asio::any_io_executor& executor,
           core::Loop& shelf_loop,
           SessionPtr session,
           Shape shape,
           const core::Clock& clock);
  ~Exchange() override;

  /// The call that runs from now on, with its id and progress token as JSON (empty: none).
  core::CallContext begin_call(const core::CallContext& outer,
                               std::string_view id,
                               std::string_view progress_token);
  void end_call();

  // What the firewall tells.
  void held(const firewall::Hold& hold) override;
  void notification(std::string_view json) override;
  void dispatched() override;
  void request(firewall::ServerRequest request) override;

  /// From the loop's sweep, about once a second.
  void tick();
  void stop(StopReason reason);
  /// The same for the call with this id; another is none of its business.
  void cancel_call(std::string_view id);
  /// The client's answer to what it was asked, by the id (JSON) it was asked with. Another's is
  /// none of its business.
  void answered(std::string_view id, const firewall::UpstreamAnswer& answer);
  const SessionPtr& session() const { return session_; }

  /// One JSON-RPC response. Written at once on a stream, else with `finish`.
  void answer(std::string text);
  /// The HTTP status of an answer that is no stream.
  void set_status(int status) { status_ = status; }
  /// What the client of a revision without requests would have had to be able to do for what the
  /// server asked; JSON, empty when nothing was missing.
  const std::string& missing_abilities() const { return missing_abilities_; }
  /// Everything was answered; writes what is left. `unavailable` when the client is not there.
  /// `approval`: what a client that resumes the stream is given the result of.
  core::Task<core::Status> finish(std::optional<core::ApprovalId> approval);

 private:
  struct Call {
    Call(std::string_view request, std::string_view token) : id(request), progress_token(token) {}
    std::string id;
    std::string progress_token;
    core::CancelToken cancelled;
    std::optional<firewall::Hold> hold;
    bool is_dispatched = false;
    ProgressNumbers numbers;
    core::MonoTime last_progress;
  };
  void start_stream();
  void push(std::string data);
  void push_hold_progress();
  /// Answers what waits for the client with an error.
  void give_up_asking(std::string_view why);
  void write_soon();
  core::Task<void> write_out();

  net::Responder& responder_;
  boost::asio::any_io_executor executor_;
  core::Loop& shelf_loop_;
  SessionPtr session_;
  Shape shape_;
  const core::Clock& clock_;
  core::MonoTime began_;
  core::MonoTime last_write_;
  std::optional<Call> call_;
  std::map<std::string, std::function<void(firewall::UpstreamAnswer)>, std::less<>> asked_;
  std::vector<std::string> answers_;  ///< while plain
  int status_ = 200;
  std::string missing_abilities_;
  bool is_stream_ = false;
  bool is_gone_ = false;  ///< the client, or the connection to it
  EventId next_event_;
  std::string unwritten_;
  bool is_writing_ = false;
  std::optional<core::TaskScope> writers_;
};

}  // namespace preloop::mcp

#pragma once
#include "core/call_context.h"
#include "core/clock.h"
#include "core/wakeup.h"
#include "mcp/session.h"
#include "net/http.h"

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <string>
#include <utility>

namespace preloop::mcp {

/// One stream of what the server says unasked, which is that the list of tools has changed: a GET,
/// or a subscriptions/listen. Of several of one session the chosen one speaks and the others stay
/// silent. One loop, one coroutine (the handler's), which sleeps in `run`.
class Listener {
 public:
  static constexpr core::seconds k_comment_every{15};
  /// GET streams a session may have open; more come from a client that does not know its own.
  static constexpr int k_max_per_session = 4;

  /// `subscription`: the id (JSON) of the request, when it is one; `session` is then its own.
  Listener(net::Responder& responder,
           const boost::asio::any_io_executor& executor,
           SessionPtr session,
           const core::Clock& clock,
           std::string subscription = {});
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  /// Until the client goes, the session ends or `end`.
  core::Task<void> run(const core::CallContext& context);
  /// From the loop's sweep. `generation` grows with everything the list of tools depends on;
  /// `tools_digest` is asked for only when it, or what the client has seen, is another one.
  void tick(std::uint64_t generation, const std::function<std::uint64_t()>& tools_digest);
  /// Ends the stream; `retry` tells the client when to come back.
  enum class Retry : std::uint8_t { none, later };
  void end(Retry retry);
  const SessionPtr& session() const { return session_; }

 private:
  bool is_chosen();
  void push(std::string data);

  net::Responder& responder_;
  SessionPtr session_;
  const core::Clock& clock_;
  std::string subscription_;
  std::uint64_t stream_;
  std::uint64_t next_number_ = 0;
  std::string unwritten_;
  core::MonoTime last_write_;
  core::Wakeup work_;
  bool is_ended_ = false;
  std::pair<std::uint64_t, std::uint64_t> compared_;  ///< generation, what the client had seen
};

}  // namespace preloop::mcp

#pragma once
#include "core/call_context.h"
#include "core/clock.h"
#include "core/wakeup.h"
#include "mcp/session.h"
#include "net/http.h"

#include <boost/asio/any_io_executor.hpp>

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace preloop::mcp {

/// One stream of what the server says unasked, which is that a list or a resource has changed: a
/// GET, or a subscriptions/listen. Of several of one session the chosen one speaks and the others
/// stay silent. One loop, one coroutine (the handler's), which sleeps in `run`.
class Listener {
 public:
  static constexpr core::seconds k_comment_every{15};
  /// GET streams a session may have open; more come from a client that does not know its own.
  static constexpr int k_max_per_session = 4;

  /// Bytes beyond this wait nowhere: a slow reader misses some news of resources.
  static constexpr std::size_t k_max_unwritten = 256 * 1024;

  /// `subscription`: the id (JSON) of the request, when it is one, and `acknowledged` what is said
  /// first; `session` is then its own.
  Listener(net::Responder& responder,
           const boost::asio::any_io_executor& executor,
           SessionPtr session,
           const core::Clock& clock,
           std::string subscription = {},
           std::string acknowledged = {});
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  /// Until the client goes, the session ends or `end`.
  core::Task<void> run(const core::CallContext& context);
  /// From the loop's sweep. `generation` grows with everything the lists depend on; `digest` is
  /// asked for only when it, or what the client has seen, is another one.
  void tick(std::uint64_t generation, const std::function<std::uint64_t(Session::List)>& digest);
  /// A resource that the session subscribed to has changed; its URI as this client knows it.
  void resource_updated(std::string_view uri);
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
  /// Of each list: generation, what the client had seen.
  std::array<std::pair<std::uint64_t, std::uint64_t>, Session::k_lists.size()> compared_;
};

}  // namespace preloop::mcp

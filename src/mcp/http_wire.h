#pragma once
#include "core/clock.h"
#include "core/loop.h"
#include "core/result.h"
#include "core/task.h"
#include "core/task_scope.h"
#include "mcp/http_upstream.h"
#include "net/http_client.h"

#include <memory>
#include <string>
#include <string_view>

namespace preloop::mcp {

/// Makes and sends the HTTP requests of one connection: credentials, session id and revision on
/// each. Also messages nobody waits for. One loop; `stop` before destroying.
class HttpWire {
 public:
  using Response = core::Result<std::unique_ptr<net::ClientResponse>>;

  HttpWire(core::Loop& loop, net::HttpClient& client, HttpTarget target);

  void use_headers(net::Headers headers);
  /// Empty: the server keeps no session, or there is none yet.
  void use_session(std::string id, std::string revision);
  const std::string& session() const { return session_; }

  /// A request of the connection without a body. Add to it what is its own.
  net::ClientRequest make(std::string_view method) const;
  core::Task<Response> send(net::ClientRequest request, core::MonoTime deadline) {
    return client_.send(std::move(request), deadline);
  }
  /// A message that is answered. `sent` as in net::ClientRequest; `own`: headers of this one.
  core::Task<Response> send_post(std::string message,
                                 core::MonoTime deadline,
                                 bool* sent,
                                 const net::Headers& own = {});
  /// A notification or an answer; waits until the server has taken it.
  core::Task<core::Status> post(std::string message, core::MonoTime deadline);
  /// The same without waiting. Few are under way at a time; further ones are dropped.
  void post_aside(std::string message);
  /// Reads what is left of an answer, so that its connection can be used again.
  void drain(std::unique_ptr<net::ClientResponse> rest);

  /// Ends what runs aside, then the session with DELETE.
  core::Task<void> stop(core::milliseconds grace);

 private:
  core::Task<void> post_alone(std::string message);
  static core::Task<void> read_rest(std::unique_ptr<net::ClientResponse> rest);
  void refresh();

  net::HttpClient& client_;
  HttpTarget target_;
  std::string session_;
  std::string revision_;
  net::Headers common_;       ///< of every request
  net::Headers post_common_;  ///< of every POST
  core::Result<std::shared_ptr<const net::PreparedHead>> post_;
  core::TaskScope scope_;
  int asides_ = 0;
};

/// Is this header value of a server usable as a session id: visible ASCII of bounded length?
bool is_session_id(std::string_view id);

}  // namespace preloop::mcp

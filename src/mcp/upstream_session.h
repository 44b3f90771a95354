#pragma once
#include "catalogue/types.h"
#include "core/call_context.h"
#include "core/clock.h"
#include "core/offload.h"
#include "core/result.h"
#include "core/task.h"
#include "firewall/upstream.h"
#include "mcp/client_core.h"
#include "net/http.h"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::mcp {

/// The largest message taken from an upstream; a larger one ends its call, not the connection.
constexpr std::size_t k_max_upstream_message = 16 * 1024 * 1024;

/// One call on a connection, as the pool hands it over. Everything belongs to the
/// connection's loop.
struct UpstreamCall {
  catalogue::Method method = catalogue::Method::tools_call;
  std::string params;
  std::function<void(std::string_view)> on_notification;
  std::function<void(firewall::ServerRequest)> on_request;
  firewall::ClientSide client = {};
  /// The arguments that the tool's schema wants repeated in headers.
  std::span<const catalogue::ParamHeader> param_headers;
  core::CancelToken cancelled;
  /// Given up after so long without progress.
  core::milliseconds idle_limit{600'000};
  core::MonoTime deadline = core::MonoTime::max();
};

/// Hears from a connection, on its loop. Must not suspend, nor destroy the connection.
class SessionEvents {
 public:
  virtual ~SessionEvents() = default;
  virtual void list_changed() = 0;
  virtual void resource_updated(std::string uri) = 0;
  /// The server had forgotten us and knows us again: its lists may be others, and it tells us of no
  /// resource.
  virtual void reopened() { list_changed(); }
  /// No more calls will succeed: start anew. `why` is one printable line.
  virtual void ended(std::string why) = 0;
};

/// A connection to an MCP server, as its client. Belongs to one loop. `stop` before destroying.
class UpstreamSession {
 public:
  virtual ~UpstreamSession() = default;

  /// Starts or connects, finds out which revision the server speaks, and introduces us. Once.
  virtual core::Task<core::Status> open(core::MonoTime deadline) = 0;
  /// After `open`.
  virtual const ServerHello& hello() const = 0;
  /// A request of our own; errors as `call`.
  virtual core::Task<core::Result<firewall::UpstreamAnswer>> request(std::string_view method,
                                                                     std::string params,
                                                                     core::MonoTime deadline) = 0;
  /// Errors as firewall::Upstream::call_tool: `unavailable` only when the server has not executed
  /// it. Cancellation, by the token or of the task: the server is told, then `cancelled`.
  virtual core::Task<core::Result<firewall::UpstreamAnswer>> call(UpstreamCall call) = 0;
  /// Other credentials for what is sent from now on; of HTTP.
  virtual void use_headers(const net::Headers&) {}
  /// Ends everything in flight and the connection. Idempotent.
  virtual core::Task<void> stop(core::milliseconds grace) = 0;
};

/// What a server lists.
struct Listing {
  std::vector<catalogue::Tool> tools;
  std::string problems;  ///< why some were left out; one printable line, empty when none was
};
core::Task<core::Result<Listing>> list_tools(UpstreamSession& session, core::MonoTime deadline);

/// Messages of one line, body or event: one, or those of a batch (revision 2025-03-26). Large ones
/// are parsed off the loop. `invalid_argument` when any of it is no message.
core::Task<core::Result<std::vector<Message>>> read_messages(std::string text,
                                                             core::Offload& offload);

}  // namespace preloop::mcp

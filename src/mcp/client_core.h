#pragma once
#include "core/result.h"
#include "firewall/upstream.h"
#include "mcp/rpc_codec.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace preloop::mcp {

/// A request to send, and the id its answer will carry.
struct Outgoing {
  std::uint64_t id = 0;
  std::string text;
};

/// What one received message means to whoever drives the connection.
struct Incoming {
  enum class Kind : std::uint8_t {
    ignored,       ///< nothing to do; `text` says why, for a log with a limit
    answer,        ///< request `id` has ended with `answer`
    progress,      ///< call `id` lives; `text`, when not empty, is for the call's client
    message,       ///< a notification that names no call, in `text`; `id`: whose it must be, or 0
    request,       ///< the server asks something of the client of call `id`: `asked`
    reply,         ///< send `text` back
    acknowledged,  ///< the subscription `id` tells from now on of the resources in `uris`
    list_changed,  ///< one of the server's lists is another one now
    resource_updated,  ///< the resource with the URI `text` has changed
  } kind = Kind::ignored;
  std::uint64_t id = 0;
  std::string text;
  firewall::UpstreamAnswer answer;
  struct Asked {
    std::string id;  ///< the server's, JSON
    std::string method;
    std::string params;
  };
  Asked asked = {};
  std::vector<std::string> uris;
};

/// The answer to what a server asked, as text to send.
std::string make_reply(std::string_view id, const firewall::UpstreamAnswer& answer);

/// The client's side of one MCP connection, of any revision, without I/O: makes requests, knows
/// which wait for an answer, and says what a received message means. The same for stdio and HTTP.
/// One loop.
///
/// Ids are our own, from 1 on, never reused. A call's progress token is its id, so tokens of two
/// clients never meet upstream; the client's own is put back into what it is given.
class ClientCore {
 public:
  /// Which requests are made from now on: of 2026-07-28, or of the revisions before.
  void use_stateless(bool stateless) { is_stateless_ = stateless; }

  /// `params` is a JSON object or empty.
  Outgoing begin(std::string_view method, std::string_view params);
  /// A client's call. `params` is the object as the client sent it; only `_meta.progressToken` is
  /// set, and in 2026-07-28 what that says of its client.
  Outgoing begin_call(std::string_view method,
                      std::string_view params,
                      const firewall::ClientSide& client = {});
  /// Gives a request up. Answers the notification that tells the server, or nothing when it has
  /// been answered meanwhile; what arrives for it later is ignored.
  std::string cancel(std::uint64_t id, std::string_view reason);
  /// Gives up a request the server has not seen, or cannot hear of.
  void forget(std::uint64_t id);
  bool is_pending(std::uint64_t id) const { return pending_.contains(id); }

  /// Answers of our requests, notifications and the server's own requests. `stream`: the call on
  /// whose stream it came; 0 where all come on one. Then what names no call can only be about the
  /// one that runs, if exactly one does and nothing that was given up may still be at work; else a
  /// request is refused. ping is answered.
  Incoming receive(const Message& message, std::uint64_t stream = 0);

 private:
  struct Pending {
    std::string client_token;  ///< JSON text; empty: the client did not ask for progress
    bool is_call = false;      ///< a client's, and no request of our own
  };
  Incoming receive_answer(const Message& message);
  Incoming receive_notification(const Message& message, std::uint64_t stream);
  Incoming receive_request(const Message& message, std::uint64_t stream);
  std::uint64_t only_call() const;

  bool is_stateless_ = false;
  std::uint64_t last_id_ = 0;
  std::unordered_map<std::uint64_t, Pending> pending_;  ///< keyed by us, so no outsider shapes it
  /// Calls that were given up and not answered since: the server may be at work on them.
  std::unordered_set<std::uint64_t> given_up_;
};

/// What the server said about itself.
struct ServerHello {
  std::string revision;
  bool has_tools = false;
  bool has_resources = false;
  bool has_prompts = false;
  bool has_completions = false;
  // It tells when these lists change.
  bool tools_change = false;
  bool resources_change = false;
  bool prompts_change = false;
  bool is_stateless = false;  ///< speaks 2026-07-28
  std::string software;       ///< "name version", printable
};
/// What a server can do, by the capabilities it declares.
ServerHello read_capabilities(core::Json capabilities);
/// A server's own description of itself as a label.
std::string software_label(core::Json info);

/// The params of `initialize`: the newest revision we speak, and what clients of ours may be able
/// to do. One that is not refuses what it is asked.
std::string initialize_params();
/// `failed_precondition` when the server refused or chose a revision we do not speak.
core::Result<ServerHello> read_hello(const firewall::UpstreamAnswer& answer);

/// A JSON-RPC error object in one printable line: "message (code)".
std::string describe_error(std::string_view error_object);

}  // namespace preloop::mcp

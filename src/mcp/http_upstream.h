#pragma once
#include "core/loop.h"
#include "core/offload.h"
#include "mcp/upstream_session.h"
#include "net/http_client.h"

#include <memory>
#include <string>

namespace preloop::mcp {

/// Where an HTTP upstream is and what every request to it carries, secrets resolved.
struct HttpTarget {
  net::Url url;
  net::Headers headers;
};

/// Does a connection listen for what the server says beside its answers?
enum class Listening : std::uint8_t {
  yes,
  questions,  ///< those about calls, which only earlier revisions have: news are another's
  no,
};

/// An MCP server behind streamable HTTP: a POST a message, answered by JSON or an event stream. It
/// is asked whether it speaks 2026-07-28 each time the connection is opened; if not, it is spoken
/// to as of the revisions before: the session kept and, when the server has forgotten it, begun
/// again unseen. A broken event stream is resumed when the server gave it ids. Redirects are not
/// followed.
///
/// A request the server refused by a 4xx status has not been executed: it ends as `unavailable`, or
/// is sent once more when the session was all that was wrong. Any other failure after the first
/// byte left is `internal` or `deadline_exceeded`.
///
/// `open` is optional: the first call opens. `client` is the one of `loop`; the pool bounds how
/// many calls use it at a time.
std::unique_ptr<UpstreamSession> make_http_upstream(core::Loop& loop,
                                                    net::HttpClient& client,
                                                    core::Offload& offload,
                                                    std::string name,
                                                    HttpTarget target,
                                                    Listening listening,
                                                    SessionEvents& events);

}  // namespace preloop::mcp

#pragma once
#include "core/offload.h"
#include "core/result.h"
#include "core/task.h"
#include "mcp/http_messages.h"
#include "mcp/http_wire.h"
#include "mcp/rpc_codec.h"

#include <string>
#include <string_view>

namespace preloop::mcp {

/// Reads the GET stream of a connection, on which a server says what belongs to no call, and keeps
/// it open. A server need not offer one.
class HttpListener {
 public:
  /// What it needs of the connection, on its loop.
  class Connection {
   public:
    virtual ~Connection() = default;
    virtual void heard(const Message& message) = 0;
    /// The server does not know `session` any more.
    virtual core::Task<core::Status> reopen(std::string session) = 0;
    /// The stream cannot be opened again.
    virtual void unreachable(std::string why) = 0;
  };

  HttpListener(HttpWire& wire, core::Offload& offload, Connection& connection)
      : wire_(wire), offload_(offload), connection_(connection) {}

  /// Until cancelled, or the server offers no stream, or it is unreachable.
  core::Task<void> run();

 private:
  core::Task<bool> hear(HttpMessages& messages);

  HttpWire& wire_;
  core::Offload& offload_;
  Connection& connection_;
};

}  // namespace preloop::mcp

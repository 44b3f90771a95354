#pragma once
#include "catalogue/service.h"
#include "core/loop.h"
#include "core/offload.h"
#include "core/task.h"
#include "firewall/upstream.h"
#include "mcp/call_gate.h"
#include "mcp/server_keeper.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace preloop::mcp {

/// Every upstream MCP server: kept connected, listed, and called. A stdio server lives on the owner
/// loop, where calls hop to; an HTTP server has a session on each loop, so that a call to it stays
/// where it was read. What one server does or fails to do never delays another.
class UpstreamPool : public firewall::Upstream, public catalogue::ServerObserver {
 public:
  struct Dependencies {
    core::LoopPool& loops;
    /// One client a loop, by the loop's index, stopped after the pool. Its limits a server must
    /// allow for `limits.in_flight` and one event stream.
    std::vector<net::HttpClient*> http;
    KeeperSettings keeper;
    UpstreamLimits limits;  ///< of a stdio server; of an HTTP server and loop
    /// Told, on the owner loop, of a resource that changed and that somebody subscribed to.
    std::function<void(core::ServerId, std::string)> on_resource_updated;
  };
  static std::unique_ptr<UpstreamPool> create(Dependencies dependencies);

  /// Connects if necessary and lists the server's tools now. not_found when there is none.
  virtual core::Task<core::Status> scan(core::ServerId id) = 0;
  /// No calls from here on, those in flight end, HTTP sessions are closed, the children last.
  virtual core::Task<void> stop() = 0;
};

}  // namespace preloop::mcp

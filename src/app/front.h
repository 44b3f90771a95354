#pragma once
#include "identity/directory.h"
#include "net/host_guard.h"
#include "net/http.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace preloop::app {

/// Whoever answers below a path.
using Mount =
    std::function<core::Task<void>(net::Request&, net::Responder&, const core::CallContext&)>;

/// The one origin (surface.md): sends each request to who answers it. Host and Origin are checked
/// here, before anything else looks at the request; only /healthz and /readyz answer any Host,
/// because probes come by address.
class Front final : public net::HttpHandler {
 public:
  struct Dependencies {
    net::HostPolicy hosts;
    Mount api;  ///< /api/v1
    Mount mcp;  ///< /mcp, /mcp/v1, /mcp/v1/servers/…
    std::size_t max_mcp_body = 4 * 1024 * 1024;
    std::function<std::optional<std::string>()> not_ready;  ///< one line when not
    std::function<std::string()> metrics;
    const identity::IdentitySnapshot* identity = nullptr;
    const core::Clock* clock = nullptr;
  };
  explicit Front(Dependencies dependencies) : d_(std::move(dependencies)) {}

  core::Task<void> handle(net::Request& request,
                          net::Responder& responder,
                          const core::CallContext& context) override;
  std::size_t max_body(std::string_view path) const override;

 private:
  /// /metrics: from loopback, or with an operator key that may read.
  bool may_see_metrics(const net::Request& request, const core::CallContext& context) const;
  Dependencies d_;
};

/// A server of its own for /metrics alone (`--metrics-listen`).
class MetricsOnly final : public net::HttpHandler {
 public:
  explicit MetricsOnly(std::function<std::string()> metrics) : metrics_(std::move(metrics)) {}
  core::Task<void> handle(net::Request& request,
                          net::Responder& responder,
                          const core::CallContext& context) override;

 private:
  std::function<std::string()> metrics_;
};

}  // namespace preloop::app

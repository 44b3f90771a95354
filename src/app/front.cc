#include "app/front.h"

#include "app/console_page.h"
#include "core/json_writer.h"

namespace preloop::app {
namespace {

using core::Task;

bool is_below(std::string_view path, std::string_view root) {
  return path == root ||
         (path.starts_with(root) && path.size() > root.size() && path[root.size()] == '/');
}

net::Response metrics_page(std::string text) {
  net::Response response = net::Response::text(200, std::move(text));
  response.headers.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  return response;
}

Task<void> send(net::Responder& responder, net::Response response) {
  // The client may have gone; there is nobody left to tell.
  (void)co_await responder.send(std::move(response));
}

bool is_loopback(std::string_view peer) {
  return peer.starts_with("127.") || peer == "::1" || peer.starts_with("[::1]");
}

}  // namespace

Task<void> Front::handle(net::Request& request,
                         net::Responder& responder,
                         const core::CallContext& context) {
  const std::string_view path = request.path;
  if (path == "/healthz") {
    return send(responder, net::Response::json(200, R"({"status":"ok"})"));
  }
  if (path == "/readyz") {
    const auto problem = d_.not_ready();
    std::string body;
    core::JsonWriter writer(body);
    writer.begin_object().field("status", problem ? "unavailable" : "ready");
    if (problem) {
      writer.field("problem", *problem);
    }
    writer.end_object();
    return send(responder, net::Response::json(problem ? 503 : 200, std::move(body)));
  }
  if (auto refused = d_.hosts.refuse(request.headers)) {
    return send(responder, std::move(*refused));
  }
  if (is_below(path, "/api/v1")) {
    return d_.api(request, responder, context);
  }
  if (is_below(path, "/mcp")) {
    return d_.mcp(request, responder, context);
  }
  if (path == "/metrics") {
    return send(
        responder,
        may_see_metrics(request, context)
            ? metrics_page(d_.metrics())
            : net::problem(403, "Forbidden", "metrics are for loopback, or an operator key"));
  }
  if (auto page = console_page(request)) {
    return send(responder, std::move(*page));
  }
  return send(responder, net::problem(404, "Not found", "there is nothing at this address"));
}

std::size_t Front::max_body(std::string_view path) const {
  return is_below(path, "/mcp") ? d_.max_mcp_body : net::HttpHandler::max_body(path);
}

bool Front::may_see_metrics(const net::Request& request, const core::CallContext& context) const {
  // Behind a proxy on this machine every peer is loopback; then its header tells.
  if (is_loopback(context.peer) && request.headers.count("X-Forwarded-For") == 0) {
    return true;
  }
  const auto authorization = request.headers.get("Authorization");
  if (!authorization) {
    return false;
  }
  const auto principal =
      identity::authenticate(*d_.identity->read(), *authorization, d_.clock->wall());
  return principal && identity::may(*principal, identity::Permission::read);
}

Task<void> MetricsOnly::handle(net::Request& request,
                               net::Responder& responder,
                               const core::CallContext&) {
  co_await send(responder,
                request.path == "/metrics"
                    ? metrics_page(metrics_())
                    : net::problem(404, "Not found", "only /metrics is served here"));
}

}  // namespace preloop::app

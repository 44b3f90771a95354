#include "api/api.h"

#include "api/auth.h"
#include "api/call.h"
#include "api/idempotency.h"
#include "api/live.h"
#include "api/request_body.h"
#include "api/router.h"
#include "api/routes/routes.h"
#include "core/log.h"

#include <algorithm>
#include <exception>
#include <string>
#include <vector>

namespace preloop::api {
namespace {

using core::Code;
using core::Result;
using core::Task;
using net::Response;

constexpr std::string_view k_root = "/api/v1";

std::vector<Route> all_routes() {
  std::vector<Route> out;
  for (const auto routes : {access_rule_routes(),
                            agent_routes(),
                            approval_routes(),
                            audit_routes(),
                            auth_routes(),
                            condition_language_routes(),
                            halt_routes(),
                            key_routes(),
                            login_routes(),
                            notification_routes(),
                            people_routes(),
                            policy_routes(),
                            secret_routes(),
                            server_routes(),
                            session_routes(),
                            system_routes(),
                            team_routes(),
                            tool_routes(),
                            workflow_routes()}) {
    out.insert(out.end(), routes.begin(), routes.end());
  }
  return out;
}

class Service final : public Api {
 public:
  explicit Service(Dependencies dependencies)
      : services_(std::move(dependencies)),
        idempotency_(services_.database, services_.account, services_.clock),
        live_(services_.loops) {}
  ~Service() override { services_.sealer.set_listener({}); }
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  core::Status build() {
    PRELOOP_TRY(contract_, Contract::load());
    const std::vector<Route> routes = all_routes();
    for (std::size_t i = 0; i < contract_.operations.size(); ++i) {
      const Operation& operation = contract_.operations[i];
      PRELOOP_CHECK(router_.add(operation.method, operation.path, i));
      Route route = find(routes, operation.id);
      if (operation.id == "stream_events") {
        route.operation = operation.id;
      }
      if (route.operation.empty()) {
        return core::fail(Code::internal, "no handler for " + operation.id);
      }
      routes_.push_back(route);
    }
    if (routes.size() + 1 != routes_.size()) {
      return core::fail(Code::internal, "a handler has no operation in the contract");
    }
    services_.registry.add_listener(live_);
    services_.sealer.set_listener(live_.record_listener());
    return {};
  }

  Task<void> handle(net::Request& request,
                    net::Responder& responder,
                    const core::CallContext& context) override {
    auto response = co_await answer(request, responder, context);
    if (response) {
      if (response->headers.count("Cache-Control") == 0) {
        response->headers.add("Cache-Control", "no-store");
      }
      (void)co_await responder.send(std::move(*response));  // the client may have gone
    }
  }

  Task<core::Status> purge() override { return idempotency_.purge(); }

 private:
  static Route find(const std::vector<Route>& routes, std::string_view operation) {
    const auto found = std::ranges::find(routes, operation, &Route::operation);
    return found == routes.end() ? Route{} : *found;
  }

  /// The answer, unless it was streamed.
  Task<std::optional<Response>> answer(net::Request& request,
                                       net::Responder& responder,
                                       const core::CallContext& context) {
    std::string_view path = request.path;
    path.remove_prefix(std::min(k_root.size(), path.size()));
    Router::Answer found = router_.find(request.method, path);
    if (!found.match) {
      co_return not_routed(found.allow);
    }
    const std::size_t index = found.match->operation;
    const Operation& operation = contract_.operations[index];
    if (request.method != "GET" && request.method != "HEAD") {
      if (const auto ours = check_origin(request, services_.public_url); !ours) {
        co_return net::problem(ours.error());
      }
    }
    auto principal = co_await identify(operation, request);
    if (!principal) {
      co_return refusal(principal.error());
    }
    auto input = co_await read_input(operation, request, services_.offload);
    if (auto* response = std::get_if<Response>(&input)) {
      co_return std::move(*response);
    }
    auto& read = std::get<Input>(input);
    Call call{.services = services_,
              .operation = operation,
              .contract = contract_,
              .request = request,
              .context = context,
              .principal = *principal,
              .path = std::move(found.match->parameters),
              .query = std::move(read.query),
              .document = std::move(read.document),
              .yaml = std::move(read.yaml),
              .revision = read.revision};
    co_return co_await dispatch(call, routes_[index], responder);
  }

  /// Who asks, when they may.
  Task<Result<std::optional<identity::Principal>>> identify(const Operation& operation,
                                                            const net::Request& request) {
    auto principal = co_await authenticate(services_, request);
    if (operation.access == Access::anybody) {
      // A stale session does not keep anybody from signing in; a key that was refused is refused.
      if (!principal && principal.error().code == Code::permission_denied &&
          request.headers.count("Authorization") > 0) {
        co_return std::unexpected(std::move(principal).error());
      }
      co_return std::optional<identity::Principal>();
    }
    if (principal) {
      PRELOOP_CO_CHECK(admit(operation, *principal, services_.clock.wall()));
    }
    co_return principal;
  }

  Task<std::optional<Response>> dispatch(Call& call,
                                         const Route& route,
                                         net::Responder& responder) {
    if (route.handler != nullptr) {
      auto response = co_await idempotency_.run(call, route.handler);
      co_return response ? std::move(*response) : failure(call, response.error());
    }
    if (call.request.method == "HEAD") {
      co_return not_routed("GET");  // a stream has no end that its head could tell of
    }
    const core::Status streamed = route.stream != nullptr ? co_await route.stream(call, responder)
                                                          : co_await live_.serve(call, responder);
    if (streamed || responder.started()) {
      // An error after the first byte can only end the connection, which returning does.
      co_return std::nullopt;
    }
    co_return failure(call, streamed.error());
  }

  static Response not_routed(const std::string& allow) {
    if (allow.empty()) {
      return net::problem(404, "Not Found", "there is nothing at this address");
    }
    Response response = net::problem(405, "Method Not Allowed", "allowed here: " + allow);
    response.headers.set("Allow", allow);
    return response;
  }

  static Response refusal(const core::Error& error) {
    Response response = net::problem(error);
    if (error.code == Code::unauthenticated) {
      response.headers.set("WWW-Authenticate", "Bearer realm=\"preloop\"");
    }
    for (const core::ErrorDetail& detail : error.details) {
      if (detail.path == "retry_after") {
        response.headers.set("Retry-After", detail.message);
      }
    }
    return response;
  }

  /// What a service answered, as a problem. A lost race on If-Match is 412, not 409.
  static Response failure(const Call& call, const core::Error& error) {
    if (error.code == Code::aborted && call.operation.if_match) {
      return net::problem(412, "Precondition Failed", error.message);
    }
    if (error.code == Code::resource_exhausted && !call.services.database.health().writable) {
      // No limit of the caller's: a full disk, and asking more slowly would not help.
      return net::problem(507, "Insufficient Storage", error.message);
    }
    if (error.code == Code::internal || error.code == Code::data_loss) {
      core::log::error("a request failed",
                       {{"request", call.context.request_id},
                        {"operation", call.operation.id},
                        {"error", error.message}});
    }
    return refusal(error);
  }

  Dependencies services_;
  Contract contract_;
  Router router_;
  std::vector<Route> routes_;  ///< by operation
  Idempotency idempotency_;
  LiveStreams live_;
};

}  // namespace

std::unique_ptr<Api> Api::create(Dependencies dependencies) {
  auto service = std::make_unique<Service>(std::move(dependencies));
  if (const core::Status built = service->build(); !built) {
    // The contract is compiled in: there is nothing an operator could do about it.
    core::log::error("the API's contract cannot be served", {{"error", built.error().message}});
    std::terminate();
  }
  return service;
}

}  // namespace preloop::api

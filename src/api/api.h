#pragma once
#include "api/dependencies.h"
#include "core/call_context.h"
#include "core/result.h"
#include "core/task.h"
#include "net/http.h"

#include <memory>

namespace preloop::api {

/// REST and the live stream for console and CLI: everything below /api/v1, as
/// contracts/openapi.yaml says. Mounted by app; Host is checked before.
///
/// A request's way: route, origin, who is asking, may they, does it fit the contract, was it sent
/// before, the route's handler, a view or a problem document. The contract is the only table of
/// routes and rights; a route without a handler, or a handler without a route, does not start.
class Api {
 public:
  /// Compiles the contract and registers with the registry for revocations: before serving.
  static std::unique_ptr<Api> create(Dependencies dependencies);
  virtual ~Api() = default;

  /// Answers every request. On any loop of the pool.
  virtual core::Task<void> handle(net::Request& request,
                                  net::Responder& responder,
                                  const core::CallContext& context) = 0;
  /// Forgets answers kept for repeats after 24 hours; from app's hourly tick.
  virtual core::Task<core::Status> purge() = 0;
};

}  // namespace preloop::api

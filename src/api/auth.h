#pragma once
#include "api/contract.h"
#include "api/dependencies.h"
#include "core/task.h"
#include "identity/principal.h"
#include "net/http.h"

#include <optional>

namespace preloop::api {

/// Who shows this request's credentials: `Authorization: Bearer plo_…`, else the two halves of a
/// console session; nobody when it shows none. A cookie alone is nobody: every page on this host's
/// other ports could send it.
///
/// permission_denied for an agent's key, whatever the route; unauthenticated for credentials that
/// are not (any more) good.
core::Task<core::Result<std::optional<identity::Principal>>> authenticate(
    const Dependencies& services, const net::Request& request);

/// May they call the operation? unauthenticated when somebody must be there and nobody is;
/// permission_denied with what is missing otherwise. Pure.
core::Status admit(const Operation& operation,
                   const std::optional<identity::Principal>& principal,
                   core::WallTime now);

/// A request that changes something comes from our own pages or from no page: its Origin, when
/// there is one, is the address it was sent to.
core::Status check_origin(const net::Request& request, std::string_view public_url);

}  // namespace preloop::api

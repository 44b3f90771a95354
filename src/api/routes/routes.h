#pragma once
#include "api/call.h"

#include <span>

namespace preloop::api {

// One file a resource; each turns a request into a call of a service and its answer into a view.
// Rules live in the services.

std::span<const Route> access_rule_routes();
std::span<const Route> agent_routes();
std::span<const Route> approval_routes();
std::span<const Route> audit_routes();
std::span<const Route> auth_routes();
std::span<const Route> condition_language_routes();
std::span<const Route> halt_routes();
std::span<const Route> key_routes();
std::span<const Route> login_routes();
std::span<const Route> notification_routes();
std::span<const Route> people_routes();
std::span<const Route> policy_routes();
std::span<const Route> secret_routes();
std::span<const Route> server_routes();
std::span<const Route> session_routes();
std::span<const Route> system_routes();
std::span<const Route> team_routes();
std::span<const Route> tool_routes();
std::span<const Route> workflow_routes();

}  // namespace preloop::api

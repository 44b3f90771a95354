#pragma once
#include "catalogue/types.h"
#include "core/crypto.h"
#include "core/id.h"
#include "core/json.h"
#include "policy/types.h"

#include <string_view>
#include <vector>

namespace preloop::approvals {

/// Finds the request that an identical call belongs to (decision 27): SHA-256 over the agent, what
/// the server *is* (not what it is called), the tool, its definition and the canonical arguments.
core::Digest call_key(core::AgentId agent,
                      const core::Digest& server_identity,
                      const catalogue::Tool& tool,
                      core::Json arguments);

/// What a person approves: the call, the content of every workflow it must satisfy, this very
/// request, until this time.
core::Digest approval_digest(const core::Digest& call_key,
                             const std::vector<policy::WorkflowPtr>& workflows,
                             core::ApprovalId request,
                             core::WallTime expires_at);

}  // namespace preloop::approvals

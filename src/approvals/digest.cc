#include "approvals/digest.h"

#include "core/json_writer.h"

#include <string>

namespace preloop::approvals {

core::Digest call_key(core::AgentId agent,
                      const core::Digest& server_identity,
                      const catalogue::Tool& tool,
                      core::Json arguments) {
  return core::Sha256()
      .update_field("preloop.call.v1")
      .update_field(agent.as_bytes())
      .update_field(core::as_bytes(server_identity))
      .update_field(tool.name)
      .update_field(core::as_bytes(tool.definition_hash))
      .update_field(core::canonical_json(arguments))
      .finish();
}

core::Digest approval_digest(const core::Digest& call_key,
                             const std::vector<policy::WorkflowPtr>& workflows,
                             core::ApprovalId request,
                             core::WallTime expires_at) {
  core::Sha256 hash;
  hash.update_field("preloop.approval.v1").update_field(core::as_bytes(call_key));
  for (const policy::WorkflowPtr& workflow : workflows) {
    hash.update_field(core::as_bytes(workflow->content_hash));
  }
  return hash.update_field(request.as_bytes())
      .update_field(std::to_string(core::to_micros(expires_at)))
      .finish();
}

}  // namespace preloop::approvals

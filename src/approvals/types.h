#pragma once
#include "core/clock.h"
#include "core/crypto.h"
#include "core/id.h"
#include "policy/types.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::approvals {

/// pending → approved | declined | expired | cancelled | superseded; approved → executing | expired
/// | cancelled | superseded; executing → succeeded | failed | unknown. Everything else is refused
/// (request.h).
enum class State : std::uint8_t {
  pending,
  approved,
  declined,
  expired,
  cancelled,
  superseded,  ///< the rules have come to ask for more than was approved
  executing,
  succeeded,
  failed,
  unknown,  ///< dispatched, and the outcome was lost with a crash or a connection: never re-run
};
std::string_view to_string(State state);
std::optional<State> parse_state(std::string_view text);

enum class Decision : std::uint8_t { approve, decline };
std::string_view to_string(Decision decision);

/// Where a person decided, which workflows may restrict later and the record keeps.
enum class Channel : std::uint8_t {
  console,
  cli,
  email,  ///< the recipient's own link
  ntfy,   ///< a button on the recipient's own topic
};
std::string_view to_string(Channel channel);
std::optional<Channel> parse_channel(std::string_view text);

struct Vote {
  core::PersonId person;
  std::string person_name;
  Decision decision = Decision::approve;
  std::string comment;
  Channel channel = Channel::console;
  core::WallTime at;
};

/// What waits for a decision: one call with exact arguments, by one agent.
struct Request {
  core::ApprovalId id;
  core::AccountId account;
  core::CallId call;
  core::AgentId agent;
  std::string agent_name;
  core::KeyId key;
  core::RuntimeSessionId session;
  core::ServerId server;
  std::string server_name;
  std::string tool;
  std::string arguments;  ///< JSON object, bytes as received
  /// Finds the request a retry attaches to: H(agent, server identity, tool, definition hash,
  /// canonical arguments). Decision 27.
  core::Digest call_key{};
  /// What people approve: H(call_key, workflows' content, request id, expiry).
  core::Digest approval_digest{};
  std::string tool_definition;  ///< shown to the approver, with the difference when it changed
  std::string accepted_definition;
  policy::Verdict verdict;  ///< frozen, with its workflows: why it was stopped and who may decide
  State state = State::pending;
  core::WallTime created_at;
  core::WallTime expires_at;  ///< of the decision
  /// What halts took from it and gave back; `expires_at` has it already.
  core::microseconds given_back{0};
  std::optional<core::WallTime> decided_at;
  std::optional<core::WallTime> valid_until;  ///< of an approval that nobody waits for
  std::vector<Vote> votes;
  int steps_done = 0;          ///< of its workflows' plan (escalation.h)
  std::string closing_reason;  ///< why cancelled, or what went wrong
  std::int64_t revision = 1;
};
using RequestPtr = std::shared_ptr<const Request>;

}  // namespace preloop::approvals

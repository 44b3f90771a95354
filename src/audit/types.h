#pragma once
#include "core/clock.h"
#include "core/crypto.h"
#include "core/id.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::audit {

/// What a record says happened. Closed: a new kind is a new version of the format's list
/// (docs/formats/audit-record-v1.md). On the wire the first `_` is a dot: `call.requested`.
enum class Kind : std::uint8_t {
  call_requested,   ///< arrived; arguments committed
  call_decided,     ///< what policy said
  call_dispatched,  ///< left for the upstream
  call_completed,   ///< the upstream answered; result committed
  call_cancelled,
  call_unknown,   ///< dispatched, outcome lost
  call_released,  ///< a person released an unknown call
  approval_created,
  approval_voted,
  approval_approved,
  approval_declined,
  approval_expired,
  approval_cancelled,
  approval_escalated,
  approval_superseded,
  approval_consumed,
  approval_revealed,  ///< a person saw what redaction had masked
  config_policy_applied,
  config_server_added,
  config_server_updated,
  config_server_removed,
  config_tool_accepted,
  config_tool_updated,
  config_secret_set,
  config_secret_removed,
  config_settings_changed,
  key_created,
  key_revoked,
  key_rotated,
  agent_created,
  agent_updated,
  agent_suspended,
  agent_resumed,
  agent_removed,
  person_created,
  person_updated,
  person_disabled,
  auth_signed_in,
  auth_failed,
  auth_signed_out,
  auth_locked,
  auth_link_created,
  auth_link_used,
  auth_password_changed,
  auth_reauthenticated,
  auth_login_confirmed,
  session_started,
  session_ended,
  system_started,
  system_stopped,
  system_clock_jumped,
  system_storage_level,  ///< the disk quota's level changed
  system_halted,
  system_resumed,
  chain_opened,       ///< names the last records of the chains before it
  retention_applied,  ///< records were deleted; names where each chain starts now
  retention_payloads_erased,
  backup_created,
  restore_completed,
  export_created,
  notification_sent,    ///< a message reached its channel
  notification_failed,  ///< given up
  approval_refused,     ///< somebody tried to decide through a channel and was not let
};
std::string_view to_string(Kind kind);
std::optional<Kind> parse_kind(std::string_view text);

enum class ActorClass : std::uint8_t { system, person, agent, operator_key, admin, anonymous };
std::string_view to_string(ActorClass actor);

struct Actor {
  ActorClass type = ActorClass::system;
  std::string id;    ///< of the person, agent or key; empty for the system
  std::string name;  ///< as it was then; may be empty
};

struct Subject {
  std::string kind;  ///< `server`, `tool`, `approval`, `key`, …
  std::string id;
};

/// A verdict in words of the policy module (which this one may not include).
struct DecisionNote {
  std::string action;  ///< allow, require_approval or deny
  std::string rule;
  std::string scope;
  std::string reason;
};

struct PolicyRef {
  std::uint64_t generation = 0;
  std::string hash;
};

enum class PayloadKind : std::uint8_t { args, result, error, comment };
std::string_view to_string(PayloadKind kind);
std::optional<PayloadKind> parse_payload_kind(std::string_view text);
inline constexpr std::size_t k_payload_kinds = 4;

/// What the rule lets us keep beside the commitment (decision 28).
enum class Keep : std::uint8_t {
  none,
  redacted,
  full,  ///< stored encrypted
};

/// Bytes that a record commits to without containing them.
struct Payload {
  PayloadKind kind = PayloadKind::args;
  std::string_view bytes;  ///< the real ones; must live until make_draft returns
  Keep keep = Keep::redacted;
  std::string redacted;  ///< for Keep::redacted; equal to `bytes` when nothing was masked
};

/// One thing that happened, as its module tells it: `make_draft(account, {.kind = …, …})`. Absent
/// members are omitted from the record. Texts are cut at 1 KiB (`reason` at 4 KiB).
struct Record {
  Kind kind = Kind::system_started;
  core::Uuid id;  ///< made when the record is written, if nil
  Actor actor;
  Subject subject;
  std::optional<core::CallId> call;
  std::optional<core::ApprovalId> approval;
  std::optional<core::RuntimeSessionId> session;
  std::optional<core::AgentId> agent;
  std::optional<core::KeyId> key;
  std::string server;
  std::string tool;
  std::optional<DecisionNote> decision;
  std::optional<PolicyRef> policy;
  std::string trace;
  /// One JSON object or nothing. Rewritten compactly; over 32 KiB, or not an object, it is replaced
  /// by its size and hash, because a record is never lost over its details.
  std::string details;
  std::vector<Payload> payloads;  ///< at most one of a kind
};

/// A chain: the records of one account written by one incarnation of a writer.
struct ChainId {
  core::AccountId account;
  core::Uuid writer;
  auto operator<=>(const ChainId&) const = default;
};

/// Where a chain is: the last record's number and hash. seq 0: empty.
struct Link {
  std::uint64_t seq = 0;
  core::Digest hash{};
  bool operator==(const Link&) const = default;
};

}  // namespace preloop::audit

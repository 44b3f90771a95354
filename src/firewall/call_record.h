#pragma once
#include "audit/types.h"
#include "catalogue/types.h"
#include "firewall/answer_redaction.h"
#include "firewall/in_flight.h"
#include "policy/types.h"
#include "store/database.h"

#include <string>
#include <string_view>

namespace preloop::firewall {

/// What every record of one call says about it; made once, then one draft a phase.
struct CallIdentity {
  InFlight call;
  std::string agent_name;
  std::uint64_t policy_generation = 0;
  std::string policy_hash;  ///< hex
  std::string trace;
  std::string justification;  ///< of the agent, masked
  Redactions redactions;      ///< of the tool, for the copies that are kept
};

// Drafts of the phases of a call. Arguments and results go in as commitments over the real bytes;
// beside them a copy with secrets masked is kept (decision 28).

/// `arguments` is the JSON object as received.
store::Draft decided_draft(const CallIdentity& call,
                           const policy::Verdict& verdict,
                           std::string_view arguments);
/// An approved call leaves.
store::Draft dispatched_draft(const CallIdentity& call);

enum class Outcome : std::uint8_t {
  succeeded,
  tool_error,      ///< the tool answered `isError`
  upstream_error,  ///< the upstream answered with a JSON-RPC error
  not_sent,        ///< it provably never left
  unknown,
  cancelled,  ///< the caller went; what the upstream did is not known
};
std::string_view to_string(Outcome outcome);

/// `answer` is the result or error object as the upstream gave it, or our own words.
store::Draft completed_draft(const CallIdentity& call, Outcome outcome, std::string_view answer);

/// The rule and scope as a record and a person read them: "account rule 2 (pay)".
std::string describe(const policy::RuleMatch& rule);

}  // namespace preloop::firewall

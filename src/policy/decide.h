#pragma once
#include "catalogue/types.h"
#include "core/clock.h"
#include "core/json.h"
#include "policy/compiled.h"
#include "policy/redaction.h"
#include "policy/types.h"
#include "policy/usage.h"

#include <string>
#include <string_view>
#include <vector>

namespace preloop::policy {

/// Everything a decision may look at. Views live until `decide` returns.
struct CallFacts {
  const catalogue::Tool* tool = nullptr;
  core::Json args;  ///< an object, without the justification that is ours
  core::AgentId agent;
  std::string_view agent_name;
  std::string_view agent_kind;
  const std::vector<std::string>* agent_tags = nullptr;
  std::string_view agent_owner;
  core::KeyId key;
  std::string_view key_name;
  core::RuntimeSessionId session;  ///< nil: none
  std::string_view client;         ///< "name version" as the client calls itself
  std::string_view peer;           ///< the client's address
  std::string_view justification;
  core::WallTime now;
  /// Null where nothing is counted: conditions that ask are errors.
  const Usage* usage = nullptr;
};

/// surface.md, "What happens to a call", steps 2 to 6. Pure: no clock, no lock, no I/O; the same
/// inputs give the same verdict.
Verdict decide(const CompiledPolicy& policy, const CallFacts& facts);

/// Is the tool switched on, by the catalogue and by the policy's `tools`?
bool is_enabled(const CompiledPolicy& policy, const catalogue::Tool& tool);

/// Must a call say why, as far as that is known before it is made?
Justification justification_of(const CompiledPolicy& policy, const CallFacts& facts);

/// Does any setting, or a rule of any scope, ask for a justification of calls of the tool?
bool may_ask_justification(const CompiledPolicy& policy, const catalogue::Tool& tool);

/// Is a call of the tool by this caller denied whatever its arguments? Then it is not listed. Looks
/// at everything of the facts but args, session, request, time and usage.
bool is_never_allowed(const CompiledPolicy& policy, const CallFacts& facts);

/// What the policy says about masking the tool's arguments and results: every setting that names it
/// adds to it.
std::vector<const Redaction*> redactions_of(const CompiledPolicy& policy,
                                            const catalogue::Tool& tool);

/// Something a condition read, with what it was: secrets masked, at most 200 bytes.
struct ReadValue {
  std::string path;   ///< "args.amount"
  std::string value;  ///< a CEL literal; "(absent)" when it is not there
};
/// One line of `explain`: what each rule that names the tool said.
struct Step {
  RuleMatch rule;
  Action action = Action::allow;
  bool observes = false;
  enum class Result : std::uint8_t {
    matched,
    not_matched,
    error,
    also_matched,  ///< would have, but an earlier rule of its scope did
    not_reached,   ///< behind the deciding rule, and not matching
  } result = Result::not_reached;
  std::vector<ReadValue> values;
};
/// The verdict and how it came about, for the console and `policy test`.
struct Explanation {
  Verdict verdict;
  std::vector<Step> steps;
};
Explanation explain(const CompiledPolicy& policy, const CallFacts& facts);

}  // namespace preloop::policy

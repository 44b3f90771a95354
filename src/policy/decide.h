#pragma once
#include "catalogue/types.h"
#include "core/clock.h"
#include "core/json.h"
#include "policy/compiled.h"
#include "policy/types.h"

#include <string>
#include <string_view>
#include <vector>

namespace preloop::policy {

/// Everything a decision may look at. Views live until `decide` returns.
struct CallFacts {
  const catalogue::Tool* tool = nullptr;
  core::Json args;  ///< an object
  std::string_view agent_name;
  std::string_view agent_kind;
  const std::vector<std::string>* agent_tags = nullptr;
  std::string_view agent_owner;
  std::string_view key_name;
  core::WallTime now;
};

/// surface.md, "What happens to a call", steps 2 to 6. Pure: no clock, no lock, no I/O; the same
/// inputs give the same verdict.
Verdict decide(const CompiledPolicy& policy, const CallFacts& facts);

/// Is the tool switched on, by the catalogue and by the policy's `tools`?
bool is_enabled(const CompiledPolicy& policy, const catalogue::Tool& tool);

/// One line of `explain`: what each rule that names the tool said.
struct Step {
  RuleMatch rule;
  Action action = Action::allow;
  enum class Result : std::uint8_t {
    matched,
    not_matched,
    error,
    not_reached
  } result = Result::not_reached;
};
/// The verdict and how it came about, for the console and `policy test`.
struct Explanation {
  Verdict verdict;
  std::vector<Step> steps;
};
Explanation explain(const CompiledPolicy& policy, const CallFacts& facts);

}  // namespace preloop::policy

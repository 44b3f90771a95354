#pragma once
#include "catalogue/catalogue.h"
#include "core/clock.h"
#include "core/result.h"
#include "identity/directory.h"
#include "policy/compiled.h"
#include "policy/decide.h"

#include <optional>
#include <string>
#include <vector>

namespace preloop::policy {

/// What a call is tried against. Views and references live as long as the trial.
struct TrialWorld {
  const CompiledPolicy& policy;
  const catalogue::Catalogue& catalogue;
  const identity::Directory& directory;
  core::AccountId account;
  core::WallTime now;
  const Usage& usage = no_usage();
};

/// A call nobody makes: what would happen?
struct TrialCall {
  std::string tool;  ///< exposed name, "server/tool", or the bare name
  std::string args = "{}";
  std::string agent;
  std::string key;
  std::string justification;
  std::optional<core::WallTime> now;  ///< absent: the world's
  std::shared_ptr<const Usage> past;  ///< of the agent; null: the world's
};

/// The answer for one tool. `tool_is_known` is false when no server has it: decided by name alone,
/// as if its schema took everything.
struct TrialResult {
  std::string server;
  std::string tool;
  bool tool_is_known = false;
  Explanation explanation;
};

/// One result for each tool that the name means (a bare name may be on several servers), at least
/// one. invalid_argument when the arguments are not a JSON object. Pure.
core::Result<std::vector<TrialResult>> try_call(const TrialWorld& world, const TrialCall& call);

struct TestOutcome {
  TestText test;
  bool passed = false;
  Action actual = Action::allow;  ///< of the first result that was not as expected
  std::string message;            ///< why, in one line
};
/// The facts of a call by an agent and a key of these names; they need not exist.
CallFacts facts_of(const TrialWorld& world, std::string_view agent, std::string_view key);

/// Every test of a document: its own, and those beside its rules.
std::vector<TestText> all_tests(const Document& document);

/// Runs each; one whose arguments cannot be read has failed.
std::vector<TestOutcome> run_tests(const TrialWorld& world, const std::vector<TestText>& tests);

}  // namespace preloop::policy

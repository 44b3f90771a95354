#include "policy/proposal.h"

#include "policy/name_check.h"
#include "policy/problems.h"
#include "policy/rule_check.h"
#include "policy/trial.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace preloop::policy {

using core::Result;

Document current(const Basis& basis) {
  Document document = basis.in_force->compiled->document();
  document.servers.emplace();
  for (const auto& server : basis.catalogue->servers()) {
    document.servers->push_back(server->config);
  }
  return document;
}

Result<Candidate> prepare(Document wanted, Prune prune, const Basis& basis) {
  Candidate candidate{.wanted = std::move(wanted), .prune = prune, .against = basis.in_force};
  PRELOOP_TRY(candidate.compiled,
              CompiledPolicy::compile(merge(current(basis), candidate.wanted, prune),
                                      CompiledPolicy::Teams::known,
                                      basis.in_force->compiled.get()));
  return candidate;
}

Result<Proposal> propose(Candidate candidate, const Basis& basis) {
  const CompiledPolicy& in_force = *basis.in_force->compiled;
  const Document before = current(basis);
  Proposal proposal;
  proposal.document = merge(before, candidate.wanted, candidate.prune);
  if (candidate.against != basis.in_force) {
    PRELOOP_TRY(
        candidate.compiled,
        CompiledPolicy::compile(proposal.document, CompiledPolicy::Teams::known, &in_force));
  }
  proposal.compiled = std::move(candidate.compiled);
  NameProblems names = check_names(
      proposal.document, in_force.document(), *basis.catalogue, *basis.directory, basis.account);
  RuleFindings conditions = check_rules(proposal.document, in_force.document(), *basis.catalogue);
  std::ranges::move(conditions.errors, std::back_inserter(names.errors));
  std::ranges::move(conditions.warnings, std::back_inserter(names.warnings));
  if (!names.errors.empty()) {
    return std::unexpected(error_of(std::move(names.errors)));
  }
  proposal.warnings = std::move(candidate.wanted.remarks.list);
  std::ranges::move(names.warnings, std::back_inserter(proposal.warnings));
  proposal.base = basis.in_force->version.number;
  proposal.changes = diff(before, proposal.document);
  if (candidate.prune == Prune::no) {
    proposal.kept = kept(before, candidate.wanted);
  }
  const TrialWorld world{
      *proposal.compiled, *basis.catalogue, *basis.directory, basis.account, basis.now};
  for (const TestOutcome& outcome : run_tests(world, all_tests(proposal.document))) {
    const Position& at = outcome.test.at;
    if (!outcome.passed) {
      proposal.warnings.push_back(
          {at.line > 0 ? fmt::format("{}:{}", at.line, at.column) : "/tests",
           fmt::format("expected {}, got {}", to_string(outcome.test.expect), outcome.message)});
    }
  }
  return proposal;
}

}  // namespace preloop::policy

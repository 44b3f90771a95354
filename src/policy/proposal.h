#pragma once
#include "catalogue/catalogue.h"
#include "core/result.h"
#include "identity/directory.h"
#include "policy/compiled.h"
#include "policy/diff.h"
#include "policy/document.h"
#include "policy/merge.h"
#include "policy/policy_repo.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace preloop::policy {

struct InForce {
  Version version;  ///< number 0 before the first
  std::shared_ptr<const CompiledPolicy> compiled;
};
using InForcePtr = std::shared_ptr<const InForce>;

/// One moment's policy, servers and people: what a document is compared with. Owned, so that a
/// thread of a pool can look.
struct Basis {
  InForcePtr in_force;
  std::shared_ptr<const catalogue::Catalogue> catalogue;
  std::shared_ptr<const identity::Directory> directory;
  core::AccountId account;
  core::WallTime now;
};

/// A document to put in force, compiled against `against`, which may not be in force any more.
struct Candidate {
  Document wanted;
  Prune prune = Prune::no;
  InForcePtr against;
  std::shared_ptr<const CompiledPolicy> compiled;  ///< `wanted` merged into what is in force
};

/// A document that could be applied, and what applying it would do.
struct Proposal {
  Document document;                               ///< all of it, after merging
  std::shared_ptr<const CompiledPolicy> compiled;  ///< without its servers
  std::vector<Change> changes;
  std::vector<std::string> kept;  ///< objects in force that the source does not name and that stay
  std::vector<core::ErrorDetail> warnings;
  std::int64_t base = 0;  ///< the version it was compared with
};

/// What is in force as one document: the rules, and the servers of the moment.
Document current(const Basis& basis);

/// invalid_argument with every problem that compiling finds.
core::Result<Candidate> prepare(Document wanted, Prune prune, const Basis& basis);

/// Checks names and conditions, compares, runs the document's tests. Compiles anew only when
/// another version came in between. Milliseconds for thousands of rules: not for a loop that calls
/// run on.
core::Result<Proposal> propose(Candidate candidate, const Basis& basis);

}  // namespace preloop::policy

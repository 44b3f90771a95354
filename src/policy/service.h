#pragma once
#include "catalogue/service.h"
#include "core/clock.h"
#include "core/loop.h"
#include "core/offload.h"
#include "core/result.h"
#include "core/task.h"
#include "identity/directory.h"
#include "policy/compiled.h"
#include "policy/diff.h"
#include "policy/effective.h"
#include "policy/merge.h"
#include "policy/policy_repo.h"
#include "policy/proposal.h"
#include "policy/trial.h"
#include "store/database.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::policy {

/// What `apply` did. Nothing when the document is what is in force: then no version is made.
struct Applied {
  std::int64_t version = 0;  ///< in force now
  std::vector<Change> changes;
  std::vector<core::ErrorDetail> warnings;
};

/// The policy in force and its history. One loop owns changes; members may be called from any loop
/// and hop there. No loop compiles a document: a large one takes longer than calls may wait. A
/// change is committed (strict, with its record and event) and in every loop's snapshot when its
/// task returns.
///
/// A version keeps the document as applied. Its servers belong to the catalogue from then on: what
/// is in force is the rest, and an export adds the servers of the moment.
class PolicyService {
 public:
  struct Dependencies {
    core::Loop& owner;
    core::LoopPool& loops;
    store::Database& database;
    catalogue::CatalogueService& catalogue;
    const identity::IdentitySnapshot& identity;
    const core::Clock& clock;
    core::Offload& offload;  ///< where documents are compiled and looked at
    core::AccountId account;
  };
  static std::unique_ptr<PolicyService> create(const Dependencies& dependencies);
  virtual ~PolicyService() = default;

  /// Reads the version in force and publishes it; without one, the empty document (version 0):
  /// everything is allowed but new tools. Before serving.
  virtual core::Task<core::Status> start() = 0;
  virtual PolicySnapshot& snapshot() = 0;

  /// From any thread.
  virtual std::shared_ptr<const InForce> in_force() const = 0;

  /// Parse, merge, compile, check names, compare. Changes nothing; from any thread, no suspension.
  /// invalid_argument with every problem.
  virtual core::Result<Proposal> propose(std::string_view yaml, Prune prune) const = 0;

  /// The last word on a change, asked with exactly what it does before anything is done. For rights
  /// that depend on the change (decision 36: commands on this machine).
  using Permit = std::function<core::Status(const std::vector<Change>&)>;
  struct ApplyOptions {
    std::string comment;
    std::optional<std::int64_t> expected_version;  ///< `aborted` when another is in force
    Permit permit;
    Prune prune = Prune::no;
  };
  /// Removes servers, then puts the rules in force, then changes and adds servers: no server is
  /// ever reached under rules that were written without it. When a server fails, the error says so
  /// and the policy stays; applying again goes on.
  virtual core::Task<core::Result<Applied>> apply(const audit::Actor& actor,
                                                  std::string yaml,
                                                  ApplyOptions options) = 0;
  /// A version that was in force before, exactly: what came since goes. not_found when there is
  /// none.
  virtual core::Task<core::Result<Applied>> rollback(const audit::Actor& actor,
                                                     std::int64_t number,
                                                     ApplyOptions options) = 0;
  /// The same with the document in force, edited. `edit` may refuse.
  using Edit = std::function<core::Status(Document&)>;
  virtual core::Task<core::Result<Applied>> edit(const audit::Actor& actor,
                                                 Edit edit,
                                                 ApplyOptions options) = 0;

  /// Canonical YAML with the servers of the moment; applying it changes nothing.
  virtual std::string export_document() const = 0;

  virtual core::Task<core::Result<std::vector<Version>>> versions(
      std::optional<std::int64_t> before, std::size_t limit) const = 0;
  /// not_found when there is none.
  virtual core::Task<core::Result<Version>> version(std::int64_t number) const = 0;

  /// Tries a call, or runs tests (the document's own and `more`), against `yaml` or, without one,
  /// against what is in force. From any thread, no suspension.
  virtual core::Result<std::vector<TrialResult>> explain(const std::optional<std::string>& yaml,
                                                         const TrialCall& call) const = 0;
  /// A document merged into what is in force and compiled, for trying it out. From any thread.
  virtual core::Result<std::shared_ptr<const CompiledPolicy>> candidate(
      std::string_view yaml) const = 0;

  /// What holds a caller, of these names. From any thread, no suspension.
  virtual EffectivePolicy effective(std::string_view agent, std::string_view key) const = 0;
  virtual core::Result<std::vector<TestOutcome>> test(const std::optional<std::string>& yaml,
                                                      const std::vector<TestText>& more) const = 0;
};

/// Does the change start or alter a command on this machine? The only one that needs more than the
/// right to configure (decision 36).
bool changes_command(const std::vector<Change>& changes);

}  // namespace preloop::policy

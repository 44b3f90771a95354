#pragma once
#include "catalogue/catalogue.h"
#include "core/result.h"
#include "core/snapshot.h"
#include "policy/document.h"
#include "policy/patterns.h"
#include "policy/types.h"

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace preloop::policy {

/// What the rules ask about earlier calls. Decisions about tools that have a part in it are made
/// where the calls are counted (firewall/call_ledger.h), all others anywhere.
struct StateReads {
  std::vector<ToolPattern> askers;   ///< tools with a rule that asks
  std::vector<ToolPattern> counted;  ///< tools whose calls are counted
  bool every_call = false;           ///< all are counted
  core::seconds window{0};           ///< the longest look back

  bool any() const { return !askers.empty(); }
  /// Must a decision about the tool know or change what was counted?
  bool concerns(const catalogue::Tool& tool) const;
};

/// A document ready to decide with: conditions compiled, rules of each tool gathered in order,
/// workflows resolved and hashed. Immutable, built when saved, read by every call without a lock.
class CompiledPolicy {
 public:
  enum class Teams : std::uint8_t {
    known,    ///< a name among approvers that is no team, role or address is an error
    assumed,  ///< it may be a team that only the server knows: for checking without one
  };
  /// The document without its servers, which are checked and belong to the catalogue.
  /// invalid_argument with every problem (bad CEL, unknown workflow, workflow nobody can answer …).
  ///
  /// Conditions that `before` has are taken from it instead of being compiled anew: the same text
  /// is the same program. It does not have to outlive what is made.
  static core::Result<std::shared_ptr<const CompiledPolicy>> compile(
      Document document, Teams teams = Teams::known, const CompiledPolicy* before = nullptr);

  const Document& document() const;
  /// The workflow, or null.
  WorkflowPtr find_workflow(std::string_view name) const;
  /// SHA-256 of the canonical document, as recorded with every decision.
  const core::Digest& hash() const;
  const StateReads& state() const;

  struct Impl;
  const Impl& impl() const { return *impl_; }
  explicit CompiledPolicy(std::unique_ptr<const Impl> impl);
  ~CompiledPolicy();

 private:
  std::unique_ptr<const Impl> impl_;
};

using PolicySnapshot = core::Snapshot<CompiledPolicy>;

}  // namespace preloop::policy

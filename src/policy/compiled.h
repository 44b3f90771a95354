#pragma once
#include "catalogue/catalogue.h"
#include "core/result.h"
#include "core/snapshot.h"
#include "policy/document.h"
#include "policy/types.h"

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace preloop::policy {

/// A document ready to decide with: conditions compiled, rules of each tool gathered in order,
/// workflows resolved and hashed. Immutable, built when saved, read by every call without a lock.
class CompiledPolicy {
 public:
  /// invalid_argument with every problem (bad CEL, unknown workflow, workflow nobody can answer …).
  static core::Result<std::shared_ptr<const CompiledPolicy>> compile(Document document);

  const Document& document() const;
  /// The workflow, or null.
  WorkflowPtr find_workflow(std::string_view name) const;
  /// SHA-256 of the canonical document, as recorded with every decision.
  const core::Digest& hash() const;

  struct Impl;
  const Impl& impl() const { return *impl_; }
  explicit CompiledPolicy(std::unique_ptr<const Impl> impl);
  ~CompiledPolicy();

 private:
  std::unique_ptr<const Impl> impl_;
};

using PolicySnapshot = core::Snapshot<CompiledPolicy>;

}  // namespace preloop::policy

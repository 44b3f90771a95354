#pragma once
#include "approvals/service.h"
#include "approvals/types.h"
#include "core/task.h"
#include "store/database.h"

#include <optional>
#include <string>
#include <vector>

namespace preloop::approvals {

/// A finished call's result as it is kept: encrypted.
struct KeptResult {
  core::ApprovalId request;
  std::string sealed;
};

/// SQL of approval_request, approval_vote and approval_result. Statements are for units.
class ApprovalRepo {
 public:
  explicit ApprovalRepo(store::Database& database) : database_(database) {}

  static store::Statement insert(const Request& request);
  /// As a unit's guard: touches one row while it is in `from` at the revision before `request`'s.
  static store::Statement move(const Request& request, State from);
  static store::Statement insert_vote(const Request& request, const Vote& vote);
  static store::Statement keep_result(const Request& request,
                                      std::string sealed,
                                      core::WallTime drop_at);
  static store::Statement drop_result(core::AccountId account, core::ApprovalId request);
  static store::Statement drop_results_before(core::WallTime now);

  core::Task<core::Result<Request>> find(core::AccountId account, core::ApprovalId id) const;
  core::Task<core::Result<std::vector<Request>>> list(core::AccountId account,
                                                      const ListFilter& filter) const;
  /// Pending, approved and executing ones of every account.
  core::Task<core::Result<std::vector<Request>>> live() const;
  /// The newest request of the same call; nullopt when there is none.
  core::Task<core::Result<std::optional<Request>>> newest(core::AccountId account,
                                                          const core::Digest& call_key) const;
  core::Task<core::Result<std::optional<KeptResult>>> kept(core::AccountId account,
                                                           core::ApprovalId id,
                                                           core::WallTime now) const;

 private:
  core::Task<core::Result<std::vector<Request>>> read(store::Statement select) const;
  store::Database& database_;
};

}  // namespace preloop::approvals

#pragma once
#include "approvals/service.h"
#include "identity/principal.h"
#include "notify/subjects.h"

namespace preloop::approvals {

/// Tells notify what requests are about, and casts the votes that come back through its channels by
/// the same path as the console's. Any loop.
class Notices final : public notify::Subjects {
 public:
  Notices(ApprovalService& service,
          const identity::IdentitySnapshot& identity,
          const core::Clock& clock)
      : service_(service), identity_(identity), clock_(clock) {}

  core::Task<core::Result<notify::Ask>> find(core::AccountId account, core::ApprovalId id) override;
  core::Task<core::Result<std::vector<core::ApprovalId>>> open(core::AccountId account) override;
  core::Task<core::Status> decide(core::AccountId account,
                                  core::PersonId person,
                                  core::ApprovalId id,
                                  bool approve,
                                  std::string comment,
                                  notify::Kind kind) override;

 private:
  ApprovalService& service_;
  const identity::IdentitySnapshot& identity_;
  const core::Clock& clock_;
};

/// The request as a message tells of it. Pure.
notify::Ask ask_of(const Request& request,
                   const identity::Directory& directory,
                   core::WallTime now);

}  // namespace preloop::approvals

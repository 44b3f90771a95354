#pragma once
#include "core/clock.h"
#include "core/id.h"
#include "core/task.h"
#include "store/database.h"

#include <optional>
#include <string>
#include <vector>

namespace preloop::firewall {

/// A call between its decision and its outcome.
struct InFlight {
  core::CallId id;
  core::AccountId account;
  core::AgentId agent;
  core::KeyId key;
  core::RuntimeSessionId session;
  std::string server;
  std::string tool;
  std::optional<core::ApprovalId> approval;
  core::WallTime started_at;
};

/// SQL of call_in_flight. Statements are for units.
store::Statement insert_in_flight(const InFlight& call);
store::Statement delete_in_flight(core::AccountId account, core::CallId id);
/// What an earlier process left behind, of every account.
core::Task<core::Result<std::vector<InFlight>>> all_in_flight(store::Database& database);

}  // namespace preloop::firewall

#pragma once
#include "core/clock.h"
#include "core/id.h"
#include "core/result.h"
#include "core/secret.h"
#include "core/task.h"
#include "identity/management.h"
#include "identity/registry.h"
#include "store/database.h"

#include <optional>
#include <string>

namespace preloop::identity {

/// The account of this deployment, made on the first start. Before everything that refers to one.
struct AccountFound {
  core::AccountId id;
  bool is_new = false;
};
core::Task<core::Result<AccountFound>> ensure_account(store::Database& database,
                                                      core::WallTime now);

/// PRELOOP_ADMIN_EMAIL and PRELOOP_ADMIN_PASSWORD: makes the owner while there is none, else does
/// nothing (a changed variable never changes a password). nullopt when an owner was there already.
core::Task<core::Result<std::optional<Person>>> ensure_owner(Registry& registry,
                                                             Management& management,
                                                             core::AccountId account,
                                                             std::string email,
                                                             core::Secret password);

}  // namespace preloop::identity

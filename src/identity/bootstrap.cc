#include "identity/bootstrap.h"

#include "identity/account_repo.h"
#include "identity/links.h"

#include <utility>

namespace preloop::identity {

core::Task<core::Result<AccountFound>> ensure_account(store::Database& database,
                                                      core::WallTime now) {
  PRELOOP_CO_TRY(const std::optional<core::AccountId> found, co_await AccountRepo::first(database));
  if (found) {
    co_return AccountFound{*found, false};
  }
  const core::AccountId id = core::AccountId::make(now);
  store::Unit unit;
  unit.add(AccountRepo::insert(id, "default", now));
  PRELOOP_CO_CHECK(co_await database.commit(std::move(unit), store::Durability::strict));
  co_return AccountFound{id, true};
}

core::Task<core::Result<std::optional<Person>>> ensure_owner(Registry& registry,
                                                             Management& management,
                                                             core::AccountId account,
                                                             std::string email,
                                                             core::Secret password) {
  {
    const std::shared_ptr<const Directory> directory = registry.snapshot().latest().value;
    if (has_owner(*directory, account)) {
      co_return std::nullopt;
    }
  }
  PRELOOP_CO_TRY(
      Person owner,
      co_await management.create_person(
          Actor::server(account), {std::move(email), {}, Role::owner}, std::move(password)));
  co_return std::optional(std::move(owner));
}

}  // namespace preloop::identity

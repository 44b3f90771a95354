#pragma once
#include "core/clock.h"
#include "core/crypto.h"
#include "core/id.h"
#include "core/task.h"
#include "store/database.h"

#include <optional>
#include <string>

namespace preloop::api {

/// A write that was sent with an Idempotency-Key, and how it was answered.
struct KeptAnswer {
  std::string route;  ///< method and path
  core::Digest body_hash{};
  std::optional<int> status;  ///< none: the first one is not done, or was cut off by a crash
  std::string body;
};

/// SQL of the table `idempotency`.
class IdempotencyRepo {
 public:
  IdempotencyRepo(store::Database& database, core::AccountId account)
      : database_(database), account_(account) {}

  core::Task<core::Result<std::optional<KeptAnswer>>> find(std::string principal,
                                                           std::string key) const;
  /// As a unit's guard: touches one row unless the key was used.
  store::Statement begin(const std::string& principal,
                         const std::string& key,
                         const KeptAnswer& answer,
                         core::WallTime now) const;
  store::Statement finish(const std::string& principal,
                          const std::string& key,
                          int status,
                          const std::string& body) const;
  store::Statement forget(const std::string& principal, const std::string& key) const;
  store::Statement forget_before(core::WallTime limit) const;

 private:
  store::Database& database_;
  core::AccountId account_;
};

}  // namespace preloop::api

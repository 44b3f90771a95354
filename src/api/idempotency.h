#pragma once
#include "api/call.h"
#include "api/idempotency_repo.h"
#include "core/task.h"
#include "net/http.h"

#include <optional>
#include <string>

namespace preloop::api {

/// Idempotency-Key (decision 38): a repeated write gets the first answer instead of a second
/// effect, for 24 hours. Keys belong to the person; only successful answers are kept, up to 64 KB,
/// and none that holds a secret.
///
/// The key is taken before the write and its answer stored after it, in units of their own: a crash
/// between them leaves the key taken, and a repeat gets 409 rather than a second effect.
class Idempotency {
 public:
  Idempotency(store::Database& database, core::AccountId account, const core::Clock& clock)
      : database_(database), repo_(database, account), clock_(clock) {}

  /// Runs the handler, or answers a repeat: what was kept, 409 when the first is not done or its
  /// answer was not kept, 422 for another request with the same key.
  core::Task<core::Result<net::Response>> run(Call& call, Handler handler);

  /// Drops what is older than 24 hours; from app's hourly tick.
  core::Task<core::Status> purge();

 private:
  core::Task<core::Result<net::Response>> repeat(const Call& call,
                                                 std::string principal,
                                                 std::string key,
                                                 const KeptAnswer& asked);
  core::Task<void> store(const Call& call,
                         const std::string& principal,
                         const std::string& key,
                         const core::Result<net::Response>& answer);

  store::Database& database_;
  IdempotencyRepo repo_;
  const core::Clock& clock_;
};

}  // namespace preloop::api

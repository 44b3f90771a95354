#pragma once
#include "core/loop.h"
#include "core/offload.h"
#include "core/result.h"
#include "core/secret.h"
#include "core/task.h"
#include "identity/turnstile.h"

#include <cstddef>
#include <string>

namespace preloop::identity {

/// Argon2 within bounds: two at a time, 32 waiting, then resource_exhausted at once, so that a
/// flood of sign-ins costs neither the memory nor the cores of everybody else. Owned by one loop;
/// may be called from any.
///
/// Cancellation: leaves the line; none once it runs (25 ms). Lifetimes: outlives its callers.
class PasswordHasher {
 public:
  static constexpr std::size_t k_at_once = 2;
  static constexpr std::size_t k_waiting = 32;

  PasswordHasher(core::Loop& owner, core::Offload& offload);

  core::Task<core::Result<std::string>> hash(core::Secret password);
  core::Task<core::Result<bool>> verify(std::string stored, core::Secret password);

  /// Running and waiting; on the owning loop.
  std::size_t busy() const { return turnstile_.busy(); }

 private:
  core::Task<core::Result<std::string>> hash_here(core::Secret password);
  core::Task<core::Result<bool>> verify_here(std::string stored, core::Secret password);

  core::Loop& owner_;
  core::Offload& offload_;
  Turnstile turnstile_;
};

}  // namespace preloop::identity

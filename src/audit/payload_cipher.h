#pragma once
#include "audit/types.h"
#include "core/result.h"
#include "core/secret.h"

#include <string>
#include <string_view>
#include <utility>

namespace preloop::audit {

/// Encrypts what is confidential at rest: bound to account, record and payload kind.
class PayloadCipher {
 public:
  /// 32 bytes; app derives it from the master key.
  explicit PayloadCipher(core::Secret key) : key_(std::move(key)) {}
  std::string seal(std::string_view plain,
                   core::AccountId account,
                   const core::Uuid& record,
                   PayloadKind kind) const;
  core::Result<std::string> open(std::string_view sealed,
                                 core::AccountId account,
                                 const core::Uuid& record,
                                 PayloadKind kind) const;

 private:
  core::Secret key_;
};

}  // namespace preloop::audit

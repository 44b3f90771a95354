#include "audit/payload_cipher.h"

#include "core/crypto.h"

namespace preloop::audit {
namespace {

std::string aad(core::AccountId account, const core::Uuid& record, PayloadKind kind) {
  std::string out = "preloop.audit.payload.v1|";
  out += account.as_bytes();
  out += record.as_bytes();
  out += to_string(kind);
  return out;
}

}  // namespace

std::string PayloadCipher::seal(std::string_view plain,
                                core::AccountId account,
                                const core::Uuid& record,
                                PayloadKind kind) const {
  return core::aes256_gcm_seal(key_, plain, aad(account, record, kind));
}

core::Result<std::string> PayloadCipher::open(std::string_view sealed,
                                              core::AccountId account,
                                              const core::Uuid& record,
                                              PayloadKind kind) const {
  PRELOOP_TRY(const core::Secret plain,
              core::aes256_gcm_open(key_, sealed, aad(account, record, kind)));
  return plain.reveal();
}

}  // namespace preloop::audit

#include "secrets/master_key.h"

#include "core/crypto.h"
#include "core/text.h"

#include <algorithm>
#include <utility>

namespace preloop::secrets {

using core::Code;
using core::Secret;

std::string_view label(Purpose purpose) {
  switch (purpose) {
    case Purpose::secret:
      return "preloop/v1/secret";
    case Purpose::session_mac:
      return "preloop/v1/session-mac";
    case Purpose::link:
      return "preloop/v1/link";
    case Purpose::cursor:
      return "preloop/v1/cursor";
    case Purpose::csrf:
      return "preloop/v1/csrf";
    case Purpose::audit_payload:
      return "preloop/v1/audit-payload";
    case Purpose::kept_result:
      return "preloop/v1/kept-result";
    case Purpose::notification:
      return "preloop/v1/notification";
    case Purpose::request_state:
      return "preloop/v1/request-state";
  }
  return "preloop/v1/unknown";
}

MasterKey MasterKey::generate() {
  return MasterKey(Secret(core::random_bytes(k_size)));
}

core::Result<MasterKey> MasterKey::parse(const Secret& material) {
  const std::string& raw = material.reveal();
  const auto make = [](std::string bytes) -> core::Result<MasterKey> {
    Secret secret(std::move(bytes));
    const std::string& key = secret.reveal();
    if (std::ranges::all_of(key, [&](char c) { return c == key.front(); })) {
      return core::fail(Code::invalid_argument,
                        "the master key is 32 equal bytes; make one with: openssl rand -hex 32");
    }
    return MasterKey(std::move(secret));
  };
  if (raw.size() == k_size) {
    return make(raw);
  }
  const std::string_view text = core::trim(raw);
  if (text.size() == 2 * k_size) {
    if (auto bytes = core::from_hex(text)) {
      return make(std::move(*bytes));
    }
  }
  for (auto* decode : {&core::from_base64, &core::from_base64url}) {
    if (auto bytes = decode(text); bytes && bytes->size() == k_size) {
      return make(std::move(*bytes));
    }
  }
  return core::fail(Code::invalid_argument,
                    "the master key is not 32 bytes (raw, 64 hex digits or base64); make one with: "
                    "openssl rand -hex 32");
}

Secret MasterKey::derive(Purpose purpose) const {
  return core::hkdf_sha256(bytes_, label(purpose), 32);
}

std::string MasterKey::check_value() const {
  const Secret key = core::hkdf_sha256(bytes_, "preloop/v1/check", 32);
  return core::to_hex(core::as_bytes(core::hmac_sha256(key.reveal(), "preloop master key")));
}

}  // namespace preloop::secrets

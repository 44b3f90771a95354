#pragma once
#include "core/result.h"
#include "core/secret.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace preloop::secrets {

/// What a derived key is for. Each purpose has its own HKDF label (`preloop/v1/…`), so that a key
/// that leaks in one place opens nothing elsewhere.
enum class Purpose : std::uint8_t {
  secret,
  session_mac,
  link,
  cursor,
  csrf,
  request_state,
  audit_payload,
  kept_result,
  notification
};

/// The HKDF label, for instance "preloop/v1/session-mac". Never change one: it changes the key.
std::string_view label(Purpose purpose);

/// The 32 bytes from which every other symmetric key of a deployment is derived. Immutable value.
class MasterKey {
 public:
  static constexpr std::size_t k_size = 32;

  static MasterKey generate();
  /// What a file or a command gave: 32 raw bytes, or 64 hex digits, or base64 / base64url of 32
  /// bytes, the texts with surrounding white space. invalid_argument otherwise, also for 32 equal
  /// bytes, which no generator makes.
  static core::Result<MasterKey> parse(const core::Secret& material);

  /// 32 bytes by HKDF-SHA256.
  core::Secret derive(Purpose purpose) const;
  /// Says whether a key is the right one without saying anything about it: 64 hex digits, stored
  /// beside the data.
  std::string check_value() const;
  /// For writing the key file and for sealing a retired key.
  const core::Secret& bytes() const { return bytes_; }

 private:
  explicit MasterKey(core::Secret bytes) : bytes_(std::move(bytes)) {}
  core::Secret bytes_;
};

}  // namespace preloop::secrets

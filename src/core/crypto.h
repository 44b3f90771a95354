#pragma once
#include "core/result.h"
#include "core/secret.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace preloop::core {

// Thin functions over OpenSSL 3. All are thread-safe and pure unless they say otherwise. Binary
// values are strings of bytes; hex and base64 are in text.h.

/// Fills `data` from the operating system's generator; ends the process when there is none, because
/// a guessable key is worse than no service.
void random_bytes(void* data, std::size_t size);
std::string random_bytes(std::size_t size);

using Digest = std::array<std::uint8_t, 32>;
inline std::string_view as_bytes(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

Digest sha256(std::string_view data);

/// SHA-256 over pieces, without joining them. Not thread-safe; one use.
class Sha256 {
 public:
  Sha256();
  Sha256(Sha256&&) noexcept;
  ~Sha256();
  Sha256& update(std::string_view data);
  /// Length-prefixed (8 bytes, big endian), so that ("ab","c") and ("a","bc") differ.
  Sha256& update_field(std::string_view data);
  Digest finish();

 private:
  struct State;
  static std::unique_ptr<State>& spare();
  std::unique_ptr<State> state_;
};

Digest hmac_sha256(std::string_view key, std::string_view data);
/// Compares without an early exit; false at once when the sizes differ.
bool constant_time_equal(std::string_view a, std::string_view b);
/// HKDF-SHA256 (RFC 5869) with an empty salt.
Secret hkdf_sha256(const Secret& key, std::string_view label, std::size_t size);

/// AES-256-GCM. `key` is 32 bytes. The result is nonce (12) ‖ ciphertext ‖ tag (16); the nonce is
/// random, so one key serves up to 2^32 messages.
std::string aes256_gcm_seal(const Secret& key, std::string_view plain, std::string_view aad);
/// data_loss when the text was not sealed with this key and aad.
Result<Secret> aes256_gcm_open(const Secret& key, std::string_view sealed, std::string_view aad);

/// Ed25519 (RFC 8032): 32-byte seed, 32-byte public key, 64-byte signature.
std::string ed25519_public_key(const Secret& seed);
std::string ed25519_sign(const Secret& seed, std::string_view message);
bool ed25519_verify(std::string_view public_key,
                    std::string_view message,
                    std::string_view signature);

/// CRC-32 (ISO-HDLC, as in zlib): for noticing typing errors in keys, not for security.
std::uint32_t crc32(std::string_view data);

}  // namespace preloop::core

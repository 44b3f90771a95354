#pragma once
#include "audit/types.h"
#include "core/result.h"
#include "core/secret.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::audit {

/// Why a head was signed. `retention` and `range` vouch that the records up to it may be missing
/// from an export: deleted by the retention rule, or before the period that was asked for.
enum class Purpose : std::uint8_t { head, retention, range };
std::string_view to_string(Purpose purpose);
std::optional<Purpose> parse_purpose(std::string_view text);

/// "At `at`, the last record of `chain` was `last`."
struct Head {
  Purpose purpose = Purpose::head;
  std::string origin;  ///< which server says so; one line
  ChainId chain;
  Link last;
  core::WallTime at;
  bool operator==(const Head&) const = default;
};

struct SignedHead {
  Head head;
  std::string key_id;
  std::string signature;  ///< 64 bytes
  bool operator==(const SignedHead&) const = default;
};

/// The exact bytes that are signed (docs/formats/audit-record-v1.md).
std::string signed_text(const Head& head);

/// First 16 hex digits of SHA-256 of the public key.
std::string key_id_of(std::string_view public_key);

/// A public key, and by whom it was introduced: a rotated key is endorsed by the one before it.
struct PublicKey {
  std::string public_key;   ///< 32 bytes
  std::string endorsed_by;  ///< key id; empty for a first key
  std::string endorsement;  ///< signature over endorsement_text
  std::string id() const { return key_id_of(public_key); }
  bool operator==(const PublicKey&) const = default;
};
std::string endorsement_text(std::string_view public_key);

/// The private half. Its file is not the master key's, so that a backup of one is not the other.
class SigningKey {
 public:
  /// `seed`: 32 bytes.
  explicit SigningKey(core::Secret seed);

  /// Reads the key file (32 bytes as 64 hex digits and a newline), or makes one with mode 0600 and
  /// syncs it. failed_precondition when others may read it or it is not such a file; unavailable
  /// when it cannot be read or written. Blocking; for the start.
  static core::Result<SigningKey> load_or_create(const std::string& path);

  const std::string& public_key() const { return public_key_; }
  const std::string& id() const { return id_; }
  std::string sign(std::string_view text) const;
  SignedHead sign(Head head) const;
  PublicKey endorse(std::string_view public_key) const;

 private:
  core::Secret seed_;
  std::string public_key_;
  std::string id_;
};

/// Which keys may sign. With `trusted` empty every first key given counts (and is reported);
/// otherwise only those whose id or whole hex key is in it, and what they endorse. Keys come in the
/// order of their introduction.
class KeyRing {
 public:
  static core::Result<KeyRing> make(std::span<const PublicKey> keys,
                                    std::span<const std::string> trusted);
  bool verify(std::string_view key_id, std::string_view text, std::string_view signature) const;
  bool verify(const SignedHead& head) const;
  /// Ids of the accepted keys that nobody endorses: what a reader must compare by other means.
  const std::vector<std::string>& roots() const { return roots_; }

 private:
  std::vector<PublicKey> keys_;
  std::vector<std::string> roots_;
};

}  // namespace preloop::audit

#include "identity/password.h"

#include "core/crypto.h"
#include "core/text.h"

#include <argon2.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace preloop::identity {
namespace {

using core::Code;
using core::fail;

constexpr std::uint32_t k_memory_kib = 19 * 1024;
constexpr std::uint32_t k_passes = 2;
constexpr std::uint32_t k_lanes = 1;
constexpr std::size_t k_hash_bytes = 32;
constexpr std::size_t k_salt_bytes = 16;
constexpr std::size_t k_min_characters = 8;
constexpr std::size_t k_max_bytes = 256;

/// What guessing tries first, of eight characters and more.
constexpr std::array<std::string_view, 24> k_common = {
    "password",   "password1",  "password12", "password123", "passw0rd", "12345678",
    "123456789",  "1234567890", "87654321",   "qwertyui",    "qwerty12", "qwerty123",
    "qwertyuiop", "1q2w3e4r",   "1q2w3e4r5t", "iloveyou",    "sunshine", "princess",
    "football",   "baseball",   "trustno1",   "letmein1",    "welcome1", "changeme"};

/// A stored string is ours only within these bounds.
bool is_sane(const std::string& stored) {
  return stored.size() <= 256 &&
         stored.starts_with(
             fmt::format("$argon2id$v=19$m={},t={},p={}$", k_memory_kib, k_passes, k_lanes));
}

}  // namespace

core::Status check_new_password(std::string_view password, std::string_view email) {
  if (!core::is_valid_utf8(password) || core::utf8_length(password) < k_min_characters ||
      password.size() > k_max_bytes) {
    return fail(Code::invalid_argument,
                fmt::format("a password has at least {} characters and at most {} bytes",
                            k_min_characters,
                            k_max_bytes));
  }
  const std::string lower = core::ascii_lower(password);
  const std::string address = core::ascii_lower(email);
  if (lower == address || lower == address.substr(0, address.find('@'))) {
    return fail(Code::invalid_argument, "the password must not be the e-mail address");
  }
  const bool is_one_character =
      std::ranges::all_of(password, [&](char c) { return c == password.front(); });
  if (is_one_character || std::ranges::find(k_common, lower) != k_common.end()) {
    return fail(Code::invalid_argument, "this password is among the first that are guessed");
  }
  return {};
}

core::Result<std::string> hash_password(const core::Secret& password) {
  const std::string salt = core::random_bytes(k_salt_bytes);
  std::string encoded(
      argon2_encodedlen(k_passes, k_memory_kib, k_lanes, k_salt_bytes, k_hash_bytes, Argon2_id),
      '\0');
  const int status = argon2id_hash_encoded(k_passes,
                                           k_memory_kib,
                                           k_lanes,
                                           password.reveal().data(),
                                           password.reveal().size(),
                                           salt.data(),
                                           salt.size(),
                                           k_hash_bytes,
                                           encoded.data(),
                                           encoded.size());
  if (status != ARGON2_OK) {
    return fail(Code::resource_exhausted,
                fmt::format("cannot hash a password: {}", argon2_error_message(status)));
  }
  encoded.resize(encoded.find('\0'));
  return encoded;
}

core::Result<bool> verify_password(const std::string& stored, const core::Secret& password) {
  if (!is_sane(stored)) {
    return fail(Code::data_loss, "a stored password hash is damaged; set a new password");
  }
  if (password.reveal().size() > k_max_bytes) {
    return false;
  }
  const int status =
      argon2id_verify(stored.c_str(), password.reveal().data(), password.reveal().size());
  if (status == ARGON2_OK) {
    return true;
  }
  if (status == ARGON2_VERIFY_MISMATCH) {
    return false;
  }
  if (status == ARGON2_MEMORY_ALLOCATION_ERROR) {
    return fail(Code::resource_exhausted, "not enough memory to check a password; try again");
  }
  return fail(Code::data_loss, "a stored password hash is damaged; set a new password");
}

const std::string& unmatchable_hash() {
  // Salt and hash are zeroes: no password is known to give it, and none can be found.
  static const std::string hash = fmt::format("$argon2id$v=19$m={},t={},p={}${}${}",
                                              k_memory_kib,
                                              k_passes,
                                              k_lanes,
                                              std::string(22, 'A'),
                                              std::string(43, 'A'));
  return hash;
}

}  // namespace preloop::identity

#pragma once
#include "core/result.h"
#include "core/secret.h"

#include <string>
#include <string_view>

namespace preloop::identity {

/// At least 8 characters and at most 256 bytes of UTF-8, not one of the most common ones, not the
/// e-mail address or its first part, not one character repeated (NIST SP 800-63B: length, no
/// composition rules). invalid_argument with the sentence to show.
core::Status check_new_password(std::string_view password, std::string_view email);

// Argon2id, 19 MiB, 2 passes, 1 lane (decision 32). About 25 ms and 19 MiB each: only through
// PasswordHasher, which bounds how many run.

/// The PHC string to store: $argon2id$v=19$m=19456,t=2,p=1$salt$hash.
core::Result<std::string> hash_password(const core::Secret& password);
/// Constant time in the password. data_loss when `stored` is not an Argon2id PHC string within our
/// bounds (a hostile row must not make us take a gigabyte).
core::Result<bool> verify_password(const std::string& stored, const core::Secret& password);
/// A hash that nothing matches, to spend the same time when there is no such person.
const std::string& unmatchable_hash();

}  // namespace preloop::identity

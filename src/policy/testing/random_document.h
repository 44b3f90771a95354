#pragma once
#include "policy/document.h"

#include <cstdint>

namespace preloop::policy::testing {

/// A document that uses any of the language's constructs, always a valid one; the same for the same
/// seed. Its servers are missing in half of the seeds.
Document random_document(std::uint64_t seed);

}  // namespace preloop::policy::testing

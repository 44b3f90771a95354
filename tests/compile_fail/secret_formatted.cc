// error: Cannot format an argument
#include "core/secret.h"

#include <fmt/format.h>

#include <string>

namespace preloop {
std::string leak(const core::Secret& secret) {
  return fmt::format("{}", secret);
}
}  // namespace preloop

// The control for the files beside it: the way in says what it does.
#include "core/secret.h"

#include <fmt/format.h>

#include <string>

namespace preloop {
std::string header(const core::Secret& secret) {
  return fmt::format("Bearer {}", secret.reveal());
}
}  // namespace preloop

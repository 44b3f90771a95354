// error: invalid operands to binary expression
#include "core/secret.h"

namespace preloop {
bool guess(const core::Secret& mine, const core::Secret& theirs) {
  return mine == theirs;
}
}  // namespace preloop

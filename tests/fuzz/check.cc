#include "targets.h"

#include <cstdio>
#include <cstdlib>

namespace preloop::fuzz {

void check(bool holds, std::string_view what) {
  if (!holds) {
    std::fprintf(stderr, "fuzz: broken: %.*s\n", static_cast<int>(what.size()), what.data());
    std::abort();
  }
}

}  // namespace preloop::fuzz

#include "targets.h"

#include <array>
#include <cstdio>
#include <cstdlib>

namespace preloop::fuzz {

std::span<const Target> targets() {
  static constexpr std::array k_all = {Target{"http1", http1},
                                       Target{"sse", sse},
                                       Target{"json_rpc", json_rpc},
                                       Target{"cel", cel},
                                       Target{"policy", policy}};
  return k_all;
}

void check(bool holds, std::string_view what) {
  if (!holds) {
    std::fprintf(stderr, "fuzz: broken: %.*s\n", static_cast<int>(what.size()), what.data());
    std::abort();
  }
}

}  // namespace preloop::fuzz

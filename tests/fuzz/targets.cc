#include "targets.h"

#include <array>

namespace preloop::fuzz {

std::span<const Target> targets() {
  static constexpr std::array k_all = {Target{"http1", http1},
                                       Target{"sse", sse},
                                       Target{"json_rpc", json_rpc},
                                       Target{"cel", cel},
                                       Target{"cel_check", cel_check},
                                       Target{"schema_type", schema_type},
                                       Target{"policy", policy}};
  return k_all;
}

}  // namespace preloop::fuzz

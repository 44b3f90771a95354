#pragma once
#include <algorithm>
#include <charconv>
#include <chrono>
#include <string_view>

namespace preloop::bench {

/// How long each figure is measured: the program's first argument in milliseconds, 1,000 without
/// it, at least 50.
inline std::chrono::milliseconds run_length(int argc, char** argv) {
  int milliseconds = 1000;
  if (argc > 1) {
    const std::string_view text(argv[1]);
    std::from_chars(text.data(), text.data() + text.size(), milliseconds);
  }
  return std::chrono::milliseconds(std::max(milliseconds, 50));
}

}  // namespace preloop::bench

#pragma once
#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

namespace preloop::suites {

/// Counts cases of a suite and prints those that fail, one line each, and the sum at the end.
class Tally {
 public:
  void count(bool passed, std::string_view name, std::string_view detail) {
    ++(passed ? passed_ : failed_);
    if (!passed) {
      fmt::print("FAILED {}: {}\n", name, detail);
    }
  }
  /// Prints the sum; the exit code of the program: 0 when there were cases and none failed.
  int finish() const {
    fmt::print("{} passed, {} failed\n", passed_, failed_);
    return passed_ > 0 && failed_ == 0 ? 0 : 1;
  }

 private:
  int passed_ = 0;
  int failed_ = 0;
};

/// The bytes of a file; nullopt, with a line on stderr, when it cannot be read.
inline std::optional<std::string> read_file(const char* path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    fmt::print(stderr, "cannot read {}\n", path);
    return std::nullopt;
  }
  return std::string(std::istreambuf_iterator<char>(in), {});
}

/// Exit code for a wrong command line.
inline constexpr int k_usage = 2;

}  // namespace preloop::suites

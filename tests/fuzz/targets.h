#pragma once
#include <span>
#include <string_view>

namespace preloop::fuzz {

/// What outsiders can feed us, one parser each. A target takes any bytes and returns; whatever it
/// finds wrong ends the process: by a sanitizer, or by an invariant of its own (`check`).
struct Target {
  std::string_view name;  ///< also the folder of its seeds in corpus/
  void (*run)(std::string_view bytes);
};

/// All of them.
std::span<const Target> targets();

void http1(std::string_view bytes);
void sse(std::string_view bytes);
void json_rpc(std::string_view bytes);
void cel(std::string_view bytes);
void cel_check(std::string_view bytes);
void schema_type(std::string_view bytes);
void policy(std::string_view bytes);

/// Ends the process with `what` when it does not hold, in every build.
void check(bool holds, std::string_view what);

}  // namespace preloop::fuzz

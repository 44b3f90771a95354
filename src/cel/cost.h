#pragma once
#include "cel/ast.h"
#include "cel/type.h"

#include <cstdint>
#include <functional>

namespace preloop::cel {

/// Steps of Budget an evaluation may take, guessed before there are values.
struct Cost {
  std::uint64_t min = 0;  ///< everything empty or absent, and decided as early as possible
  std::uint64_t max = 0;  ///< everything as large as its type lets it be
};

/// Above this an expression is refused when it is saved: it has loops within loops within loops
/// over collections without a limit, or the like. What passes is still held to its Budget when it
/// runs.
inline constexpr std::uint64_t k_max_static_cost = 100'000'000;

/// What a text or collection is taken to hold when its type has no limit.
inline constexpr std::uint64_t k_assumed_bytes = 1024;
inline constexpr std::uint64_t k_assumed_items = 1000;

/// Estimates a tree whose nodes have been given types. Saturates instead of overflowing.
Cost estimate_cost(const Node& root, const std::function<TypePtr(const Node&)>& type_of);

}  // namespace preloop::cel

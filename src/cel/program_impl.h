#pragma once
#include "cel/arena.h"
#include "cel/ast.h"
#include "cel/program.h"
#include "cel/regex.h"
#include "cel/steps.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::cel {

/// Loop variables that can be visible at once: two for every level of the tree.
inline constexpr std::size_t k_max_locals = 128;

/// What a Program shares. Steps point into `source`, `ast` and `arena`. Internal.
struct Program::Impl {
  std::string source;
  Ast ast;
  Arena arena;
  std::vector<std::unique_ptr<Regex>> regexes;
  std::vector<Reference> references;
  std::vector<std::string> functions;
  const Step* root = nullptr;
};

}  // namespace preloop::cel

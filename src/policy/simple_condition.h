#pragma once
#include "core/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace preloop::policy {

/// A condition of the reference product as CEL.
struct TranslatedCondition {
  std::string when;                      ///< empty: always
  bool never = false;                    ///< `false`: the rule can be left out
  std::vector<std::string> differences;  ///< where ours decides otherwise, in words
};

/// Its `simple` conditions: one comparison of an argument with a literal, `.contains('x')`,
/// `.matches("x")`, `true` or `false`; the `args.` in front is optional. A missing argument stays
/// no match (`!=`: a match). What looks like CEL is kept as it is, as the product itself does.
/// invalid_argument for anything else.
core::Result<TranslatedCondition> translate_simple_condition(std::string_view expression);

/// Would the product take a condition declared `simple` for CEL?
bool looks_like_cel(std::string_view expression);

}  // namespace preloop::policy

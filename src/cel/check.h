#pragma once
#include "cel/cost.h"
#include "cel/function.h"
#include "cel/program.h"
#include "cel/type.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::cel {

enum class Severity : std::uint8_t { error, warning };

/// Something the author should know, with its place in the source (from 1, columns in code points).
struct Finding {
  Severity severity = Severity::error;
  /// Stable: unknown_variable, unknown_function, unknown_field, type, not_in_enum, cost (errors);
  /// undeclared_field, unguarded_field, may_be_null, unanchored_regex, constant, untyped
  /// (warnings).
  std::string_view code;
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  std::string message;
  std::string suggestion;  ///< what to write instead, when there is an idea; else empty
};

/// "message; suggestion".
std::string to_string(const Finding& finding);

struct Variable {
  std::string_view name;
  TypePtr type;
};

struct CheckOptions {
  std::span<const Variable> variables;
  /// Functions beside the library's; only names and signatures are looked at.
  std::span<const Function> functions;
  std::string_view container;
  /// `condition`: the value must be a bool, and one that is always the same is worth a warning.
  enum class Purpose : std::uint8_t { expression, condition } purpose = Purpose::expression;
  /// Refuse what may cost more (see cost.h).
  std::uint64_t max_cost = k_max_static_cost;
};

struct Checked {
  TypePtr type;                   ///< of the value; dyn when nothing is known
  std::vector<Finding> findings;  ///< in the order of their places
  Cost cost;

  bool ok() const;  ///< no errors
};

/// Checks an expression against the types of its variables (language definition, "Type Checking"),
/// and for mistakes that types alone do not show. Pure; changes nothing about how the program runs.
///
/// An expression without findings never ends in a type error for variables that are of their types.
Checked check(const Program& program, const CheckOptions& options);

}  // namespace preloop::cel

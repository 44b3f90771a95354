#pragma once
#include "cel/frame.h"
#include "cel/value.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace preloop::cel {

class Regex;

enum class CallStyle : std::uint8_t {
  global,  ///< f(x, y)
  member,  ///< x.f(y)
  either,
};

/// A function body. Arguments are never errors; a member call's target is the first. Checks the
/// kinds itself and answers an error value (`Value::of_error`, `Value::of_overload_error`) when it
/// cannot do better; the call's place is added by the caller. Must be deterministic in arguments
/// and host, pay for work that is not constant with Frame::spend, and keep no reference.
using FunctionBody = Value (*)(Frame& frame, std::span<const Value> args);

/// The same for a function whose second argument is a pattern, when the pattern is a literal and
/// has been compiled with the expression.
using PatternBody = Value (*)(Frame& frame, const Regex& regex, std::span<const Value> args);

/// A function an expression can call. The functions of a name may differ in style and count.
struct Function {
  std::string_view name;  ///< "size", "base64.encode"
  CallStyle style = CallStyle::global;
  std::uint8_t min_args = 0;  ///< the target of a member call included
  std::uint8_t max_args = 0;  ///< k_any_count: no limit
  FunctionBody body = nullptr;
  /// What the checker takes, "(string, int) -> string; ...": see signature.h. Must not promise more
  /// than `body` does.
  std::string_view signatures;
  std::string_view summary;            ///< one line for the reference documentation
  PatternBody pattern_body = nullptr;  ///< see PatternBody; null for every other function
};

inline constexpr std::uint8_t k_any_count = 255;

/// Functions that belong together, as the reference documentation lists them.
struct Library {
  std::string_view name;  ///< "math"
  std::span<const Function> functions;
};

// The libraries, one list per file. Static storage.
std::span<const Function> conversion_functions();
std::span<const Function> string_functions();
std::span<const Function> string_search_functions();
std::span<const Function> string_edit_functions();
std::span<const Function> string_list_functions();
std::span<const Function> format_functions();
std::span<const Function> time_functions();
std::span<const Function> math_functions();
std::span<const Function> rounding_functions();
std::span<const Function> bit_functions();
std::span<const Function> list_functions();
std::span<const Function> sort_functions();
std::span<const Function> set_functions();
std::span<const Function> regex_functions();
std::span<const Function> network_functions();
std::span<const Function> encoder_functions();
std::span<const Function> optional_functions();

/// All of the above.
std::span<const Library> libraries();

/// The function of that name, style and number of arguments (target included) among the library and
/// `more`; nullptr when there is none.
const Function* find_function(std::string_view name,
                              CallStyle style,
                              std::size_t args,
                              std::span<const Function> more);

}  // namespace preloop::cel

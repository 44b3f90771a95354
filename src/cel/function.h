#pragma once
#include "cel/frame.h"
#include "cel/value.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace preloop::cel {

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

/// A function an expression can call. The functions of a name may differ in style and count.
struct Function {
  std::string_view name;  ///< "size", "base64.encode"
  CallStyle style = CallStyle::global;
  std::uint8_t min_args = 0;  ///< the target of a member call included
  std::uint8_t max_args = 0;
  FunctionBody body = nullptr;
  std::string_view summary;  ///< one line for the reference documentation
};

// The library, one list per file. Static storage.
std::span<const Function> conversion_functions();
std::span<const Function> string_functions();
std::span<const Function> time_functions();
std::span<const Function> optional_functions();
std::span<const Function> encoder_functions();

/// All of the above.
std::span<const std::span<const Function>> library();

/// The function of that name, style and number of arguments (target included) among the library and
/// `more`; nullptr when there is none.
const Function* find_function(std::string_view name,
                              CallStyle style,
                              std::size_t args,
                              std::span<const Function> more);

}  // namespace preloop::cel

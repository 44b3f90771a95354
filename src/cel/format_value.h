#pragma once
#include "cel/frame.h"
#include "cel/value.h"

#include <string>

namespace preloop::cel {

/// Appends what `%s` makes of a value (cel-spec, doc/extensions/strings.md): text as it is, lists
/// as `[a, b]`, maps as `{key: value}` sorted by their keys' text. False for a value that has no
/// such text, and when the budget breaks.
bool append_plain(Frame& frame, std::string& out, const Value& value);

/// Base ten without an exponent and without zeros that say nothing; NaN, Infinity, -Infinity.
std::string plain_double(double value);

}  // namespace preloop::cel

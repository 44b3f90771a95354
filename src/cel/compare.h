#pragma once
#include "cel/frame.h"
#include "cel/value.h"

#include <compare>
#include <optional>

namespace preloop::cel {

/// CEL equality: numbers by value across int, uint and double; values of other different kinds are
/// unequal, never an error; NaN equals nothing; maps without order. Pays for what it looks at and
/// answers false when the budget breaks.
bool equals(Frame& frame, const Value& a, const Value& b);

/// The order of two values of one kind, or of two numbers; unordered with NaN; nullopt when the
/// kinds have no order.
std::optional<std::partial_ordering> order(const Value& a, const Value& b);

/// On one exact number line, with one exception the specification's tests ask for: 2^63 and 2^64 as
/// doubles, which is what the largest int and uint round to, count as those.
std::partial_ordering compare_numbers(const Value& a, const Value& b);

/// Finds a key in a map; numbers match across kinds. False when it is absent or cannot be a key.
bool find_key(Frame& frame, const Value& map, const Value& key, Value& out);
bool find_field(Frame& frame, const Value& map, std::string_view name, Value& out);

}  // namespace preloop::cel

#pragma once
#include "core/json.h"

#include <compare>
#include <optional>

namespace preloop::schema {

// Exact arithmetic over the three number kinds of core::Json. All arguments must be numbers.

/// 1, 1.0 and 1e300 are integers.
bool is_integral(core::Json number);

/// Exact: 9007199254740993 is greater than 9007199254740992.0.
std::strong_ordering compare_numbers(core::Json a, core::Json b);

/// Whether `number` is a whole multiple of `divisor`, which must be greater than zero. Doubles mean
/// the shortest decimal that reads back as them, which is what their sender wrote: 19.99 is a
/// multiple of 0.01 although no binary fraction is.
bool is_multiple_of(core::Json number, core::Json divisor);

}  // namespace preloop::schema

#pragma once
#include "core/json.h"

#include <cstddef>
#include <string>

namespace preloop::schema {

/// Appends bytes that are the same for two values exactly when JSON Schema calls them equal: member
/// order does not matter, 1 and 1.0 are the same, 1 and true are not. Not text.
/// Cost: values and bytes, times the logarithm of the largest object.
void append_key(std::string& out, core::Json value);
std::string key_of(core::Json value);

/// Equality of two values. Linear in the smaller one, whatever an outsider sends; allocates only
/// for objects of more than 16 members.
bool equal(core::Json a, core::Json b);

/// How much work `append_key` is: values plus bytes / 64, counted up to `limit`.
std::size_t weight(core::Json value, std::size_t limit);

}  // namespace preloop::schema

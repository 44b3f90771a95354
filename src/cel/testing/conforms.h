#pragma once
#include "cel/type.h"
#include "cel/value.h"

namespace preloop::cel {

/// Whether a value is one of the type: what a sound type promises.
bool conforms(const Value& value, const Type& type);

}  // namespace preloop::cel

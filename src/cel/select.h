#pragma once
#include "cel/frame.h"
#include "cel/value.h"

#include <string_view>

namespace preloop::cel {

/// `operand.name`: an error operand stays what it is; through an optional the answer is one.
Value select_field(Frame& frame, const Value& operand, std::string_view name, const Site& site);

/// `operand[key]` of a list or map, or an error.
Value index_value(Frame& frame, const Value& operand, const Value& key, const Site& site);

}  // namespace preloop::cel

#pragma once
#include "core/error.h"

#include <vector>

namespace preloop::policy {

/// invalid_argument with every problem in its details; its message is the first, with its place,
/// and how many more there are. `problems` is not empty.
core::Error error_of(std::vector<core::ErrorDetail> problems);

}  // namespace preloop::policy

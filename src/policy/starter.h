#pragma once
#include "catalogue/types.h"

#include <string>
#include <vector>

namespace preloop::policy {

/// Rules to begin with, for a person to review: from what tools say of themselves (annotations),
/// what their names promise, and what their schemas ask for. A document with the reason of each
/// rule as a comment; nothing in it allows what a rule in force denies. Never applied by itself.
/// Pure.
std::string starter_policy(const std::vector<catalogue::ToolPtr>& tools);

}  // namespace preloop::policy

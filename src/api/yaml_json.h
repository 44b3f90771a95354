#pragma once
#include "core/result.h"

#include <string>
#include <string_view>

namespace preloop::api {

/// A YAML document as JSON, by YAML's core schema.
core::Result<std::string> yaml_to_json(std::string_view yaml);

}  // namespace preloop::api

#pragma once
#include "api/call.h"
#include "core/offload.h"
#include "core/result.h"
#include "core/task.h"
#include "net/http.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace preloop::api {

/// What came in, read as the contract says; an answer to send instead when it does not fit (400,
/// 415, 428).
struct Input {
  std::vector<std::pair<std::string, std::string>> query;
  core::JsonDocument document;
  std::optional<std::string> yaml;
  std::optional<std::int64_t> revision;
};
core::Task<std::variant<Input, net::Response>> read_input(const Operation& operation,
                                                          const net::Request& request,
                                                          core::Offload& offload);

/// `a=1&b=%20`, by name; invalid_argument for bad percent-encoding, a repeated name, and one that
/// is not in `known`.
core::Result<std::vector<std::pair<std::string, std::string>>> parse_query(
    std::string_view query, const std::vector<std::string>& known);

}  // namespace preloop::api

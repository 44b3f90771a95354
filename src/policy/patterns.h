#pragma once
#include "core/result.h"

#include <string>
#include <string_view>

namespace preloop::policy {

/// Which tools a rule speaks about: "pay" (that tool on every server), "bank/pay", "bank/*",
/// "get_*", "*". The first slash ends the server's name; `*` matches any run of characters.
struct ToolPattern {
  std::string server;  ///< empty: any
  std::string name;    ///< may hold `*`

  /// invalid_argument when it is empty or its server could not be one.
  static core::Result<ToolPattern> parse(std::string_view text);
  bool matches(std::string_view server_name, std::string_view tool_name) const;
  bool has_wildcard() const { return name.find('*') != std::string::npos; }
};

}  // namespace preloop::policy

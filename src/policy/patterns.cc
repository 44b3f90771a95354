#include "policy/patterns.h"

#include "catalogue/names.h"
#include "core/text.h"

#include <fmt/format.h>

namespace preloop::policy {
namespace {

/// Linear in practice: after a `*` only the last one can be moved.
bool glob(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') {
    ++p;
  }
  return p == pattern.size();
}

}  // namespace

core::Result<ToolPattern> ToolPattern::parse(std::string_view text) {
  ToolPattern out;
  const auto slash = text.find('/');
  if (slash != std::string_view::npos) {
    out.server = text.substr(0, slash);
    if (!catalogue::is_valid_server_name(out.server)) {
      return core::fail(
          core::Code::invalid_argument,
          fmt::format("'{}' cannot be a server's name", core::printable(out.server, 64)));
    }
    text.remove_prefix(slash + 1);
  }
  out.name = text;
  if (out.name.empty()) {
    return core::fail(core::Code::invalid_argument, "a tool pattern names no tool");
  }
  return out;
}

bool ToolPattern::matches(std::string_view server_name, std::string_view tool_name) const {
  return (server.empty() || server == server_name) &&
         (has_wildcard() ? glob(name, tool_name) : name == tool_name);
}

}  // namespace preloop::policy

#pragma once
#include "policy/document.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::policy {

/// One thing that `apply` would do. `before` and `after` are entries as the document writes them.
struct Change {
  enum class Kind : std::uint8_t { added, removed, changed } kind = Kind::added;
  std::string section;  ///< servers, workflows, rules, tools, scopes.agents.NAME, defaults, …
  std::string name;     ///< of a server, workflow or tool; position from 1 of a rule or test
  std::string before;   ///< empty when added
  std::string after;    ///< empty when removed
  bool operator==(const Change&) const = default;
};
std::string_view to_string(Change::Kind kind);

/// What applying `wanted` to `current` changes, in the order of the document. `current` has the
/// servers of the moment; a `wanted` without a servers section changes none. Empty exactly when
/// applying does nothing. Pure.
std::vector<Change> diff(const Document& current, const Document& wanted);

/// "+ rules 2: {tool: pay, action: deny}" and its like, one line a removed or added entry.
std::string describe(const std::vector<Change>& changes);

}  // namespace preloop::policy

#pragma once
#include "core/result.h"
#include "policy/document.h"
#include "redact/redact.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace re2 {
class RE2;
}

namespace preloop::policy {

/// One list of a tool's `redact`, ready to use.
struct RedactionRules {
  redact::Detectors detectors;
  std::vector<std::vector<std::string>> paths;  ///< of `$.a.b[*]`: names; "*" any member or element
  std::vector<std::shared_ptr<const re2::RE2>> patterns;

  bool empty() const { return detectors.empty() && paths.empty() && patterns.empty(); }
};

/// A tool's `redact`. Immutable.
struct Redaction {
  RedactionRules result, stored, shown;
};

/// invalid_argument for an entry that is no detector, path or pattern; it says which.
core::Result<RedactionRules> compile_redaction(const std::vector<std::string>& entries);

/// JSON text with everything the rules name replaced by `[redacted:…]`. Linear in the text. Never
/// fails open: resource_exhausted for more than `k_max_redacted` bytes, invalid_argument for text
/// that is not JSON when a path must be found in it; the caller then keeps the text to itself.
core::Result<std::string> redact(std::string_view json,
                                 const RedactionRules& rules,
                                 redact::Style style = redact::Style::kind);

inline constexpr std::size_t k_max_redacted = 16 * 1024 * 1024;

}  // namespace preloop::policy

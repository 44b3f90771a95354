#pragma once
#include "catalogue/types.h"
#include "core/json.h"
#include "policy/compiled.h"

#include <optional>
#include <string>
#include <string_view>

namespace preloop::firewall {

// Why an agent makes a call, as an argument `justification` that we add to a tool's schema where
// the policy asks for it and take out again before anything else sees it. A tool that has a
// parameter of that name keeps it: what stands there is read as the reason and passed on.

constexpr std::string_view k_justification = "justification";

/// Is `justification` a parameter of the tool's own?
bool has_own_justification(const catalogue::Tool& tool);

/// The reason that arguments give: secrets masked, at most 2,000 bytes, one printable line.
std::string read_justification(core::Json arguments);

/// A call's params without our argument; every other byte as received.
struct WithoutJustification {
  std::string params_text;
  std::string arguments_text;
  core::JsonDocument arguments;
};
/// nullopt when there is none. One that is no text is taken out and counts as none given.
std::optional<WithoutJustification> strip_justification(std::string_view params_text,
                                                        core::Json arguments,
                                                        std::string_view arguments_text);

/// A tool's definition as it is listed: with our argument in its input schema. Unchanged when its
/// schema cannot take one.
std::string with_justification(std::string_view definition, policy::Justification justification);

}  // namespace preloop::firewall

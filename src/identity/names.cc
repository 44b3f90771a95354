#include "identity/names.h"

#include "core/text.h"
#include "identity/types.h"

#include <algorithm>

namespace preloop::identity {
namespace {

using core::Code;
using core::fail;

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && is_alphanumeric(name.front()) &&
         std::ranges::all_of(
             name, [](char c) { return is_alphanumeric(c) || c == '_' || c == '.' || c == '-'; });
}

/// `printable` escapes whatever must not be shown, so text that it leaves alone is safe.
bool is_printable(std::string_view text) {
  return core::printable(text, text.size() + 1) == text;
}

}  // namespace

std::string_view to_string(Standing standing) {
  return standing == Standing::active ? "active" : "suspended";
}
std::optional<Standing> parse_standing(std::string_view text) {
  return text == "active"      ? std::optional(Standing::active)
         : text == "suspended" ? std::optional(Standing::suspended)
                               : std::nullopt;
}

core::Result<std::string> normal_email(std::string_view text) {
  std::string email = core::ascii_lower(core::trim(text));
  const auto at = email.find('@');
  const bool good = email.size() <= 254 && at != std::string::npos && at > 0 &&
                    at + 1 < email.size() && email.find('@', at + 1) == std::string::npos &&
                    email.find_first_of(" \t<>,;\"\\") == std::string::npos && is_printable(email);
  if (!good) {
    return fail(Code::invalid_argument, "this is not an e-mail address (name@host)");
  }
  return email;
}

core::Result<std::string> normal_display_name(std::string_view text) {
  const std::string_view name = core::trim(text);
  if (name.empty() || name.size() > 100 || !is_printable(name)) {
    return fail(Code::invalid_argument, "a name has 1 to 100 printable characters");
  }
  return std::string(name);
}

core::Status check_agent_name(std::string_view name) {
  if (!is_name(name)) {
    return fail(Code::invalid_argument,
                "an agent's name has 1 to 64 characters of A-Z, a-z, 0-9, '_', '.', '-' and begins "
                "with a letter or digit");
  }
  return {};
}

core::Status check_agent_kind(std::string_view kind) {
  if (kind.size() > 64 || !is_printable(kind)) {
    return fail(Code::invalid_argument, "an agent's kind has at most 64 printable characters");
  }
  return {};
}

core::Status check_tags(const std::vector<std::string>& tags) {
  if (tags.size() > 16) {
    return fail(Code::invalid_argument, "an agent has at most 16 tags");
  }
  for (auto tag = tags.begin(); tag != tags.end(); ++tag) {
    if (!is_name(*tag)) {
      return fail(Code::invalid_argument,
                  "a tag has 1 to 64 characters of A-Z, a-z, 0-9, '_', '.', '-'");
    }
    if (std::find(tags.begin(), tag, *tag) != tag) {
      return fail(Code::invalid_argument, "a tag appears twice");
    }
  }
  return {};
}

}  // namespace preloop::identity

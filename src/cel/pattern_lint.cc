#include "cel/pattern_lint.h"

namespace preloop::cel {
namespace {

/// Whether the byte at `at` is escaped by an odd number of backslashes before it.
bool is_escaped(std::string_view text, std::size_t at) {
  std::size_t slashes = 0;
  while (slashes < at && text[at - 1 - slashes] == '\\') {
    ++slashes;
  }
  return slashes % 2 == 1;
}

bool has_start(std::string_view pattern) {
  return pattern.starts_with('^') || pattern.starts_with("\\A");
}

bool has_end(std::string_view pattern) {
  return (pattern.ends_with('$') && !is_escaped(pattern, pattern.size() - 1)) ||
         (pattern.ends_with("\\z") && !is_escaped(pattern, pattern.size() - 2));
}

/// A `|` that is in no group and no character class.
bool has_open_alternative(std::string_view pattern) {
  int depth = 0;
  bool in_class = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\\') {
      ++i;
    } else if (in_class) {
      in_class = c != ']';
    } else if (c == '[') {
      in_class = true;
      // A ] right behind the opening, or behind its ^, is an ordinary character.
      i += pattern.substr(i + 1).starts_with('^') ? 1 : 0;
      i += pattern.substr(i + 1).starts_with(']') ? 1 : 0;
    } else if (c == '(' || c == ')') {
      depth += c == '(' ? 1 : -1;
    } else if (c == '|' && depth == 0) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::string lint_pattern(std::string_view pattern) {
  // Flags such as (?i) may stand before the anchor.
  std::string_view body = pattern;
  if (body.starts_with("(?") && body.find(')') != std::string_view::npos &&
      body.substr(0, body.find(')')).find(':') == std::string_view::npos) {
    body.remove_prefix(body.find(')') + 1);
  }
  const bool start = has_start(body);
  const bool end = has_end(body);
  if (!start && !end) {
    return "matches() finds this pattern anywhere in the text";
  }
  if (!start || !end) {
    return start ? "anything may follow what this pattern matches"
                 : "anything may stand before what this pattern matches";
  }
  return has_open_alternative(body)
             ? "^ belongs to the first alternative of this pattern only, $ to the last"
             : "";
}

std::string_view strip_anchors(std::string_view pattern) {
  if (pattern.starts_with('^')) {
    pattern.remove_prefix(1);
  }
  if (pattern.ends_with('$') && !is_escaped(pattern, pattern.size() - 1)) {
    pattern.remove_suffix(1);
  }
  return pattern;
}

}  // namespace preloop::cel

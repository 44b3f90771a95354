#include "mcp/line_reader.h"

#include "core/text.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace preloop::mcp {
namespace {

constexpr std::size_t k_kept = 256;  // bytes of head and of tail of a line that is too long

std::optional<std::uint64_t> read_number(std::string_view text) {
  text = core::trim(text);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end == text.data()) {
    return std::nullopt;
  }
  return number;
}

/// Looks for `"id"` between the braces of depth one, minding strings but nothing else.
std::optional<std::uint64_t> id_in_head(std::string_view text) {
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      --depth;
    } else if (c == '"') {
      const std::size_t start = i++;
      while (i < text.size() && text[i] != '"') {
        i += text[i] == '\\' ? 2 : 1;
      }
      if (i >= text.size()) {
        return std::nullopt;
      }
      const std::string_view rest = core::trim(text.substr(i + 1));
      if (depth == 1 && text.substr(start, i + 1 - start) == "\"id\"" && rest.starts_with(':')) {
        return read_number(rest.substr(1));
      }
    }
  }
  return std::nullopt;
}

std::optional<std::uint64_t> id_at_end(std::string_view text) {
  text = core::trim(text);
  const auto at = text.rfind("\"id\"");
  if (at == std::string_view::npos || !text.ends_with('}')) {
    return std::nullopt;
  }
  std::string_view value = core::trim(text.substr(at + 4, text.size() - at - 5));
  if (!value.starts_with(':')) {
    return std::nullopt;
  }
  value = core::trim(value.substr(1));
  return value.find_first_not_of("0123456789") == std::string_view::npos ? read_number(value)
                                                                         : std::nullopt;
}

}  // namespace

std::optional<LineReader::Line> LineReader::take(std::string_view& bytes) {
  const auto end = bytes.find('\n');
  const std::string_view part = bytes.substr(0, end);
  if (!line_.too_long && line_.text.size() + part.size() <= max_line_) {
    line_.text += part;
  } else {
    if (!std::exchange(line_.too_long, true)) {
      line_.tail = line_.text;
      line_.text += part.substr(0, k_kept);
      line_.text.resize(std::min(line_.text.size(), k_kept));
      line_.text.shrink_to_fit();
    }
    line_.tail += part;
    if (line_.tail.size() > k_kept) {
      line_.tail.erase(0, line_.tail.size() - k_kept);
    }
  }
  bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
  if (end == std::string_view::npos) {
    return std::nullopt;
  }
  return std::exchange(line_, Line{});
}

std::optional<std::uint64_t> salvage_id(std::string_view head, std::string_view tail) {
  if (const auto id = id_in_head(head)) {
    return id;
  }
  return id_at_end(tail.empty() ? head : tail);
}

}  // namespace preloop::mcp

#include "policy/redaction.h"

#include "core/json.h"
#include "core/json_writer.h"
#include "core/text.h"
#include "core/yaml.h"

#include <fmt/format.h>
#include <re2/re2.h>

namespace preloop::policy {
namespace {

constexpr std::size_t k_max_pattern = 1000;
constexpr std::string_view k_pattern_marker = "[redacted:pattern]";
constexpr std::string_view k_path_marker = "[redacted:field]";

core::Result<std::vector<std::string>> parse_path(std::string_view text) {
  const auto bad = [&] {
    return core::fail(core::Code::invalid_argument,
                      fmt::format("'{}' is no path: $.name, $.list[*].name, $['a name'], $.*",
                                  core::printable(text, 128)));
  };
  std::vector<std::string> path;
  std::string_view rest = text.substr(1);
  while (!rest.empty()) {
    if (rest.starts_with(".")) {
      const std::size_t end = rest.find_first_of(".[", 1);
      const std::string_view name = rest.substr(1, end == rest.npos ? rest.npos : end - 1);
      if (name.empty()) {
        return bad();
      }
      path.emplace_back(name);
      rest = end == rest.npos ? std::string_view() : rest.substr(end);
      continue;
    }
    const std::size_t end = rest.find(']');
    if (!rest.starts_with("[") || end == rest.npos || end < 2) {
      return bad();
    }
    const std::string_view inner = rest.substr(1, end - 1);
    const bool quoted = inner.size() > 2 && (inner.front() == '\'' || inner.front() == '"') &&
                        inner.back() == inner.front();
    if (!quoted && inner != "*") {
      return bad();
    }
    path.emplace_back(quoted ? inner.substr(1, inner.size() - 2) : inner);
    rest = rest.substr(end + 1);
  }
  if (path.empty()) {
    return bad();
  }
  return path;
}

using Paths = std::vector<std::span<const std::string>>;

/// The paths that go on below a member of that name.
Paths below(const Paths& paths, std::string_view name) {
  Paths out;
  for (const auto& path : paths) {
    if (!path.empty() && (path.front() == "*" || path.front() == name)) {
      out.push_back(path.subspan(1));
    }
  }
  return out;
}

bool ends_here(const Paths& paths) {
  for (const auto& path : paths) {
    if (path.empty()) {
      return true;
    }
  }
  return false;
}

void write(core::JsonWriter& out, core::Json value, const Paths& paths) {
  if (ends_here(paths)) {
    out.string(k_path_marker);
  } else if (paths.empty()) {
    out.raw(value.dump());
  } else if (value.is_object()) {
    out.begin_object();
    for (const core::JsonMember& member : value.members()) {
      out.key(member.key);
      write(out, member.value(), below(paths, member.key));
    }
    out.end_object();
  } else if (value.is_array()) {
    out.begin_array();
    for (const core::JsonNode& element : value.elements()) {
      write(out, core::Json(&element), below(paths, "*"));
    }
    out.end_array();
  } else {
    out.raw(value.dump());
  }
}

/// Strings are masked one by one, so that a match can never reach over a quote.
void write_patterns(core::JsonWriter& out, core::Json value, const RedactionRules& rules) {
  if (value.is_object()) {
    out.begin_object();
    for (const core::JsonMember& member : value.members()) {
      out.key(member.key);
      write_patterns(out, member.value(), rules);
    }
    out.end_object();
  } else if (value.is_array()) {
    out.begin_array();
    for (const core::JsonNode& element : value.elements()) {
      write_patterns(out, core::Json(&element), rules);
    }
    out.end_array();
  } else if (const auto text = value.as_string()) {
    std::string masked(*text);
    for (const auto& pattern : rules.patterns) {
      re2::RE2::GlobalReplace(
          &masked, *pattern, re2::StringPiece(k_pattern_marker.data(), k_pattern_marker.size()));
    }
    out.string(masked);
  } else {
    // A number may be what the pattern is after.
    const std::string token = value.dump();
    for (const auto& pattern : rules.patterns) {
      if (value.is_any_number() && re2::RE2::PartialMatch(token, *pattern)) {
        out.string(k_pattern_marker);
        return;
      }
    }
    out.raw(token);
  }
}

}  // namespace

core::Result<RedactionRules> compile_redaction(const std::vector<std::string>& entries) {
  RedactionRules rules;
  for (const std::string& entry : entries) {
    if (entry.starts_with("$")) {
      PRELOOP_TRY(std::vector<std::string> path, parse_path(entry));
      rules.paths.push_back(std::move(path));
    } else if (entry.starts_with("re:")) {
      re2::RE2::Options options;
      options.set_log_errors(false);
      options.set_max_mem(1 << 20);
      auto pattern = std::make_shared<const re2::RE2>(entry.substr(3), options);
      if (entry.size() > k_max_pattern || !pattern->ok() || re2::RE2::FullMatch("", *pattern)) {
        return core::fail(
            core::Code::invalid_argument,
            fmt::format("'{}' is no usable pattern{}",
                        core::printable(entry, 128),
                        pattern->ok() ? " (too long, or it matches nothing at all)"
                                      : ": " + core::printable(pattern->error(), 128)));
      }
      rules.patterns.push_back(std::move(pattern));
    } else if (const auto detector = redact::detector_from(entry)) {
      rules.detectors.add(*detector);
    } else {
      const std::vector<std::string_view> names = {"secrets", "credit_card", "email", "iban"};
      const std::string_view near = core::nearest_name(entry, names);
      return core::fail(
          core::Code::invalid_argument,
          fmt::format("'{}' is no detector (secrets, credit_card, email, iban), no "
                      "path ($.name) and no pattern (re:…){}",
                      core::printable(entry, 128),
                      near.empty() ? std::string() : fmt::format("; did you mean '{}'?", near)));
    }
  }
  return rules;
}

core::Result<std::string> redact(std::string_view json,
                                 const RedactionRules& rules,
                                 redact::Style style) {
  if (json.size() > k_max_redacted) {
    return core::fail(core::Code::resource_exhausted, "too large to be looked through");
  }
  std::string text(json);
  if (!rules.paths.empty() || !rules.patterns.empty()) {
    PRELOOP_TRY(const core::JsonDocument document, core::JsonDocument::parse(text));
    std::string out;
    core::JsonWriter writer(out);
    if (!rules.paths.empty()) {
      write(writer, document.root(), Paths(rules.paths.begin(), rules.paths.end()));
    } else {
      writer.raw(json);
    }
    text = std::move(out);
  }
  if (!rules.patterns.empty()) {
    PRELOOP_TRY(const core::JsonDocument document, core::JsonDocument::parse(text));
    std::string out;
    core::JsonWriter writer(out);
    write_patterns(writer, document.root(), rules);
    text = std::move(out);
  }
  if (!rules.detectors.empty()) {
    PRELOOP_TRY(const core::JsonDocument document, core::JsonDocument::parse(text));
    text = redact::redact_json(document.root(), text, rules.detectors, style).text;
  }
  return text;
}

}  // namespace preloop::policy

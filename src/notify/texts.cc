#include "notify/texts.h"

#include "core/json.h"
#include "core/text.h"

#include <fmt/format.h>

#include <array>

namespace preloop::notify {
namespace {

using core::Json;

constexpr std::size_t k_short = 60;
constexpr std::size_t k_sentence = 200;

/// Names under which the thing that matters usually stands, most telling first.
constexpr std::array<std::string_view, 22> k_telling{
    "amount", "total", "command", "cmd",     "sql",     "query",  "to",   "recipient",
    "target", "host",  "branch",  "version", "service", "path",   "file", "filename",
    "url",    "name",  "id",      "title",   "subject", "message"};

std::string value_text(Json value) {
  if (const auto text = value.as_string()) {
    return core::printable(core::truncate_utf8(*text, k_short), k_short * 2);
  }
  return core::printable(value.dump(), k_short);
}

bool is_scalar(Json value) {
  return value.is_string() || value.is_any_number() || value.as_bool().has_value();
}

}  // namespace

std::string telling_argument(std::string_view arguments_json) {
  const auto document = core::JsonDocument::parse(std::string(arguments_json));
  if (!document || !document->root().is_object()) {
    return {};
  }
  const Json root = document->root();
  for (const std::string_view name : k_telling) {
    if (const Json value = root[name]; value.exists() && is_scalar(value)) {
      return fmt::format("{} {}", name, value_text(value));
    }
  }
  for (const core::JsonMember& member : root.members()) {
    if (is_scalar(member.value())) {
      return fmt::format("{} {}", core::printable(member.key, k_short), value_text(member.value()));
    }
  }
  return {};
}

std::string title_of(const Ask& ask) {
  const std::string telling = telling_argument(ask.arguments);
  const std::string tool = core::printable(ask.tool, k_short);
  return telling.empty() ? tool : fmt::format("{}: {}", tool, telling);
}

std::string body_of(const Ask& ask) {
  if (!ask.is_open) {
    return core::printable(ask.outcome, k_sentence);
  }
  std::string out = fmt::format("{} asks", core::printable(ask.agent, k_short));
  if (!ask.justification.empty()) {
    out += fmt::format(": {}", core::printable(ask.justification, k_sentence));
  }
  if (!ask.reason.empty()) {
    out += fmt::format(". {}", core::printable(ask.reason, k_sentence));
  }
  return out;
}

}  // namespace preloop::notify

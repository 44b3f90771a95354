#include "core/json_writer.h"
#include "redact/masker.h"
#include "redact/redact.h"

#include <array>
#include <set>
#include <string>
#include <utility>

namespace preloop::redact {
namespace {

using core::Json;
using core::JsonKind;
using core::JsonMember;
using core::JsonNode;

constexpr std::array<std::string_view, 4> k_detectors{"secrets", "credit_card", "email", "iban"};

/// Writes a value anew with everything masked. Recursion is bounded by the parser's depth.
class JsonMasker {
 public:
  JsonMasker(Masker& masker, std::string& out) : masker_(masker), writer_(out) {}

  void value(Json json) {
    switch (json.kind()) {
      case JsonKind::string:
        writer_.string(masked(*json.as_string()));
        return;
      case JsonKind::array:
        writer_.begin_array();
        for (const JsonNode& element : json.elements()) {
          value(Json(&element));
        }
        writer_.end_array();
        return;
      case JsonKind::object:
        object(json);
        return;
      case JsonKind::integer:
      case JsonKind::unsigned_integer:
        number(json);
        return;
      default:
        writer_.value(json);
        return;
    }
  }

 private:
  std::string_view masked(std::string_view text) {
    buffer_.clear();
    return masker_.append(buffer_, text) ? std::string_view(buffer_) : text;
  }

  void number(Json json) {
    const std::string digits = masker_.masks_card_numbers() ? json.dump() : std::string();
    writer_.raw(masked(digits) == digits ? json.dump() : '"' + buffer_ + '"');
  }

  void object(Json json) {
    // [{"name": "Authorization", "value": "…"}], as headers and environments are often written.
    std::optional<std::string_view> value_kind;
    for (const std::string_view naming : {"name", "key"}) {
      if (const auto name = json.find(naming).as_string(); name && !value_kind) {
        value_kind = sensitive_kind(*name);
      }
    }
    writer_.begin_object();
    std::set<std::string> renamed;
    for (const JsonMember& member : json.members()) {
      key(json, member.key, renamed);
      const auto kind =
          value_kind && member.key == "value" ? value_kind : sensitive_kind(member.key);
      if (kind && masker_.masks_names() && hides(member.value())) {
        const auto text = member.value().as_string();
        writer_.string(masker_.marker(*kind, text ? *text : member.value().dump()));
      } else {
        value(member.value());
      }
    }
    writer_.end_object();
  }

  /// Two names may become the same marker, and JSON with duplicate names is refused by readers.
  void key(Json json, std::string_view name, std::set<std::string>& renamed) {
    const std::string_view after = masked(name);
    if (after == name) {
      writer_.key(name);
      return;
    }
    if (renamed.empty()) {
      for (const JsonMember& member : json.members()) {
        renamed.emplace(member.key);
      }
    }
    const std::string base(after);
    std::string unique = base;
    for (; !renamed.insert(unique).second; unique = base + " " + std::to_string(++repeats_)) {
    }
    writer_.key(unique);
  }

  /// Whether there is something to hide; a flag or an empty field is more useful seen.
  static bool hides(Json value) {
    switch (value.kind()) {
      case JsonKind::null:
      case JsonKind::boolean:
        return false;
      case JsonKind::string:
        return value.node()->size > 0 && !Masker::is_marker(*value.as_string());
      case JsonKind::array:
      case JsonKind::object:
        return value.size() > 0;
      default:
        return true;
    }
  }

  Masker& masker_;
  core::JsonWriter writer_;
  std::string buffer_;
  std::size_t repeats_ = 1;
};

}  // namespace

std::string_view to_string(Detector detector) {
  return k_detectors[static_cast<std::size_t>(detector)];
}

std::optional<Detector> detector_from(std::string_view name) {
  for (std::size_t i = 0; i < k_detectors.size(); ++i) {
    if (k_detectors[i] == name) {
      return static_cast<Detector>(i);
    }
  }
  return std::nullopt;
}

Redaction redact_json(Json value, std::string_view original, Detectors detectors, Style style) {
  Redaction out;
  Masker masker(detectors, style);
  out.text.reserve(original.size());
  JsonMasker(masker, out.text).value(value);
  if (!masker.changed()) {
    out.text.assign(original);
  }
  out.masked = masker.take_masked();
  return out;
}

}  // namespace preloop::redact

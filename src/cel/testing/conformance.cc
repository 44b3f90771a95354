#include "cel/testing/conformance.h"

#include "cel/evaluate.h"
#include "cel/time.h"
#include "core/text.h"

#include <fmt/format.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <vector>

namespace preloop::cel {
namespace {

std::string_view text_of(core::Json json) {
  return json.as_string().value_or("");
}

template <class T>
T number_of(core::Json json) {
  const std::string_view text = text_of(json);
  T out{};
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

double double_of(core::Json json) {
  const std::string_view text = text_of(json);
  if (text == "NaN") {
    return std::numeric_limits<double>::quiet_NaN();
  }
  if (text.ends_with("Infinity")) {
    const double out = std::numeric_limits<double>::infinity();
    return text.starts_with('-') ? -out : out;
  }
  return number_of<double>(json);
}

Value type_value(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(Kind::optional); ++i) {
    if (to_string(static_cast<Kind>(i)) == name) {
      return Value::of_type(static_cast<Kind>(i));
    }
  }
  return Value::of_error(ErrorCode::invalid_text);
}

bool same_list(const Value& value, core::Json items) {
  if (!value.is(Kind::list) || value.size() != items.size()) {
    return false;
  }
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (!matches_tagged(value.at(i), items.at(i))) {
      return false;
    }
  }
  return true;
}

bool same_map(const Value& value, core::Json entries) {
  if (!value.is(Kind::map) || value.size() != entries.size()) {
    return false;
  }
  for (std::size_t i = 0; i < entries.size(); ++i) {
    bool found = false;
    for (std::size_t j = 0; j < value.size() && !found; ++j) {
      found = matches_tagged(value.key_at(j), entries.at(i).at(0)) &&
              matches_tagged(value.value_at(j), entries.at(i).at(1));
    }
    if (!found) {
      return false;
    }
  }
  return true;
}

}  // namespace

Value from_tagged(core::Json tagged, Arena& arena) {
  const core::JsonMember& member = tagged.members().front();
  const std::string_view tag = member.key;
  const core::Json content = member.value();
  if (tag == "null") {
    return Value::null();
  }
  if (tag == "bool") {
    return Value::of_bool(content.as_bool().value_or(false));
  }
  if (tag == "int") {
    return Value::of_int(number_of<std::int64_t>(content));
  }
  if (tag == "uint") {
    return Value::of_uint(number_of<std::uint64_t>(content));
  }
  if (tag == "double") {
    return Value::of_double(double_of(content));
  }
  if (tag == "string") {
    return Value::of_string(text_of(content));
  }
  if (tag == "bytes") {
    return Value::of_bytes(arena.copy(core::from_base64(text_of(content)).value_or("")));
  }
  if (tag == "timestamp") {
    return Value::of_timestamp(parse_timestamp(text_of(content)).value_or(Timestamp{}));
  }
  if (tag == "duration") {
    return Value::of_duration(parse_duration(text_of(content)).value_or(0));
  }
  if (tag == "type") {
    return type_value(text_of(content));
  }
  if (tag == "list") {
    auto* const items = arena.allocate_array<Value>(content.size());
    for (std::size_t i = 0; i < content.size(); ++i) {
      items[i] = from_tagged(content.at(i), arena);
    }
    return Value::of_list({items, content.size()});
  }
  auto* const entries = arena.allocate_array<MapEntry>(content.size());
  for (std::size_t i = 0; i < content.size(); ++i) {
    entries[i] = {from_tagged(content.at(i).at(0), arena), from_tagged(content.at(i).at(1), arena)};
  }
  return Value::of_map({entries, content.size()});
}

bool matches_tagged(const Value& value, core::Json tagged) {
  const core::JsonMember& member = tagged.members().front();
  if (member.key == "list") {
    return same_list(value, member.value());
  }
  if (member.key == "map") {
    return same_map(value, member.value());
  }
  Arena arena;
  const Value expected = from_tagged(tagged, arena);
  if (expected.kind() != value.kind() || expected.is_error()) {
    return false;
  }
  if (value.is(Kind::double_)) {
    return (std::isnan(value.as_double()) && std::isnan(expected.as_double())) ||
           std::bit_cast<std::uint64_t>(value.as_double()) ==
               std::bit_cast<std::uint64_t>(expected.as_double());
  }
  return to_text(value) == to_text(expected);
}

CaseResult run_case(core::Json test) {
  CaseResult out;
  out.name = fmt::format(
      "{}/{}/{}", text_of(test["file"]), text_of(test["section"]), text_of(test["name"]));
  if (test["check_only"].as_bool().value_or(false)) {
    out.outcome = CaseResult::Outcome::skipped;
    return out;
  }
  CompileOptions options{.unknown_names = UnknownNames::at_run_time,
                         .container = text_of(test["container"])};
  if (test["disable_macros"].as_bool().value_or(false)) {
    options.parse.macros = MacroExpansion::none;
  }
  const auto report = [&](bool passed, std::string got) {
    out.outcome = passed ? CaseResult::Outcome::passed : CaseResult::Outcome::failed;
    out.detail =
        fmt::format("{} | expected {} | got {}", text_of(test["expr"]), test["expect"].dump(), got);
    return out;
  };
  const bool wants_error = test["expect"]["error"].exists();
  const auto program = compile(text_of(test["expr"]), options);
  if (!program) {
    return report(wants_error, program.error().message);
  }
  Arena arena;
  std::vector<Binding> bindings;
  for (const core::JsonMember& binding : test["bindings"].members()) {
    bindings.push_back({binding.key, from_tagged(binding.value(), arena)});
  }
  const Evaluation evaluation = evaluate(*program, {bindings}, arena);
  if (!evaluation.completed() || evaluation.value.is_error()) {
    return report(wants_error && evaluation.completed(), to_error(evaluation).message);
  }
  return report(!wants_error && matches_tagged(evaluation.value, test["expect"]["value"]),
                to_text(evaluation.value));
}

}  // namespace preloop::cel

#include "cel/testing/conformance.h"

#include "cel/check.h"
#include "cel/evaluate.h"
#include "cel/names.h"
#include "cel/time.h"
#include "core/text.h"

#include <fmt/format.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <memory>
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
  const auto kind = kind_named(name);
  return kind ? Value::of_type(*kind) : Value::of_error(ErrorCode::invalid_text);
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

namespace {

/// What a case declares: `type_env`.
class Declarations {
 public:
  explicit Declarations(core::Json type_env) {
    for (const core::JsonNode& node : type_env.elements()) {
      const core::Json entry(&node);
      if (entry["type"].exists()) {
        variables_.push_back(
            {text_of(entry["name"]), parse_type(text_of(entry["type"])).value_or(dyn())});
      } else {
        add_functions(text_of(entry["name"]), entry["function"]);
      }
    }
  }
  std::span<const Variable> variables() const { return variables_; }
  std::span<const Function> functions() const { return functions_; }

 private:
  void add_functions(std::string_view name, core::Json overloads) {
    for (const core::JsonNode& node : overloads.elements()) {
      const core::Json overload(&node);
      std::string& signature = *signatures_.emplace_back(std::make_unique<std::string>("("));
      for (std::size_t i = 0; i < overload["params"].size(); ++i) {
        signature += i == 0 ? "" : ", ";
        signature += text_of(overload["params"].at(i));
      }
      signature += fmt::format(") -> {}", text_of(overload["result"]));
      const bool member = overload["receiver"].as_bool().value_or(false);
      functions_.push_back({.name = name,
                            .style = member ? CallStyle::member : CallStyle::global,
                            .signatures = signature});
    }
  }

  std::vector<Variable> variables_;
  std::vector<std::unique_ptr<std::string>> signatures_;
  std::vector<Function> functions_;
};

/// Errors of the checker in one line, and the type it found.
struct CheckOutcome {
  std::string errors;
  std::string type;
};

CheckOutcome check_case(const Program& program, core::Json test) {
  const Declarations declared(test["type_env"]);
  const Checked checked = check(program,
                                {.variables = declared.variables(),
                                 .functions = declared.functions(),
                                 .container = text_of(test["container"])});
  CheckOutcome out{.errors = {}, .type = to_string(*checked.type)};
  for (const Finding& finding : checked.findings) {
    if (finding.severity == Severity::error) {
      out.errors += fmt::format("check {}:{} {}. ", finding.line, finding.column, finding.message);
    }
  }
  return out;
}

}  // namespace

CaseResult run_case(core::Json test) {
  CaseResult out;
  out.name = fmt::format(
      "{}/{}/{}", text_of(test["file"]), text_of(test["section"]), text_of(test["name"]));
  const auto report = [&](bool passed, std::string_view got) {
    out.passed = passed;
    out.detail =
        fmt::format("{} | expected {} | got {}", text_of(test["expr"]), test["expect"].dump(), got);
    return out;
  };
  CompileOptions options{.unknown_names = UnknownNames::at_run_time,
                         .container = text_of(test["container"])};
  if (test["disable_macros"].as_bool().value_or(false)) {
    options.parse.macros = MacroExpansion::none;
  }
  const core::Json expect = test["expect"];
  const bool wants_error = expect["error"].exists();
  const auto program = compile(text_of(test["expr"]), options);
  if (!program) {
    return report(wants_error, program.error().message);
  }
  if (!test["disable_check"].as_bool().value_or(false)) {
    const CheckOutcome checked = check_case(*program, test);
    if (!checked.errors.empty()) {
      return report(wants_error, checked.errors);
    }
    if (const core::Json wanted = expect["deduced_type"];
        wanted.exists() && text_of(wanted) != checked.type) {
      return report(false, "the type " + checked.type);
    }
    if (test["check_only"].as_bool().value_or(false)) {
      return report(!wants_error, checked.type);
    }
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
  return report(!wants_error && matches_tagged(evaluation.value, expect["value"]),
                to_text(evaluation.value));
}

}  // namespace preloop::cel

#include "cel/value.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace preloop::cel {

std::string_view to_string(Kind kind) {
  static constexpr std::array<std::string_view, 16> k_names = {"null_type",
                                                               "bool",
                                                               "int",
                                                               "uint",
                                                               "double",
                                                               "string",
                                                               "bytes",
                                                               "list",
                                                               "map",
                                                               "google.protobuf.Timestamp",
                                                               "google.protobuf.Duration",
                                                               "type",
                                                               "optional_type",
                                                               "net.IP",
                                                               "net.CIDR",
                                                               "error"};
  return k_names[static_cast<std::size_t>(kind)];
}

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::no_such_overload:
      return "no_such_overload";
    case ErrorCode::no_such_key:
      return "no_such_key";
    case ErrorCode::index_out_of_range:
      return "index_out_of_range";
    case ErrorCode::unsupported_key:
      return "unsupported_key";
    case ErrorCode::duplicate_key:
      return "duplicate_key";
    case ErrorCode::overflow:
      return "overflow";
    case ErrorCode::divide_by_zero:
      return "divide_by_zero";
    case ErrorCode::modulus_by_zero:
      return "modulus_by_zero";
    case ErrorCode::out_of_range:
      return "out_of_range";
    case ErrorCode::invalid_text:
      return "invalid_text";
    case ErrorCode::invalid_utf8:
      return "invalid_utf8";
    case ErrorCode::invalid_regex:
      return "invalid_regex";
    case ErrorCode::invalid_time_zone:
      return "invalid_time_zone";
    case ErrorCode::invalid_format:
      return "invalid_format";
    case ErrorCode::invalid_argument:
      return "invalid_argument";
    case ErrorCode::not_a_bool:
      return "not_a_bool";
    case ErrorCode::no_value:
      return "no_value";
    case ErrorCode::unknown_variable:
      return "unknown_variable";
    case ErrorCode::unknown_function:
      return "unknown_function";
    case ErrorCode::unavailable:
      return "unavailable";
  }
  return "unavailable";
}

Value Value::of_list(std::span<const Value> items) {
  Value out(Kind::list);
  out.size_ = static_cast<std::uint32_t>(items.size());
  out.items_ = items.data();
  return out;
}

Value Value::of_map(std::span<const MapEntry> entries) {
  Value out(Kind::map);
  out.size_ = static_cast<std::uint32_t>(entries.size());
  out.entries_ = entries.data();
  return out;
}

namespace {

/// 5.0 is the integer 5 in JSON Schema, and so here; up to what a double holds exactly.
Value of_json_double(double number) {
  constexpr double k_exact = 9007199254740992.0;
  const bool whole = std::abs(number) <= k_exact && number == std::trunc(number);
  return (whole ? Value::of_int(static_cast<std::int64_t>(number)) : Value::of_double(number))
      .as_json_number();
}

}  // namespace

Value Value::of_json(core::Json json) {
  const core::JsonNode* const node = json.node();
  if (node == nullptr) {
    return null();
  }
  switch (node->kind) {
    case core::JsonKind::null:
      return null();
    case core::JsonKind::boolean:
      return of_bool(node->boolean);
    case core::JsonKind::integer:
      return of_int(node->integer).as_json_number();
    case core::JsonKind::unsigned_integer:
      return of_uint(node->unsigned_integer).as_json_number();
    case core::JsonKind::number:
      return of_json_double(node->number);
    case core::JsonKind::string:
      return of_string({node->text, node->size});
    case core::JsonKind::array:
    case core::JsonKind::object:
      break;
  }
  Value out(node->kind == core::JsonKind::array ? Kind::list : Kind::map);
  out.from_json_ = true;
  out.size_ = node->size;
  out.node_ = node;
  return out;
}

Value Value::at(std::size_t index) const {
  return from_json_ ? of_json(core::Json(node_->elements + index)) : items_[index];
}
Value Value::key_at(std::size_t index) const {
  return from_json_ ? of_string(node_->members[index].key) : entries_[index].key;
}
Value Value::value_at(std::size_t index) const {
  return from_json_ ? of_json(core::Json(&node_->members[index].node)) : entries_[index].value;
}

std::string Value::error_message() const {
  const std::string_view name = site_ != nullptr ? site_->name : std::string_view();
  const auto named = [&](std::string_view what) {
    return name.empty() ? std::string(what) : fmt::format("{} '{}'", what, name);
  };
  switch (error_code()) {
    case ErrorCode::no_such_overload:
      if (left_ == Kind::error) {
        return named("no matching overload of");
      }
      return right_ == Kind::error
                 ? fmt::format("no matching overload of '{}' for {}", name, to_string(left_))
                 : fmt::format("no matching overload of '{}' for ({}, {})",
                               name,
                               to_string(left_),
                               to_string(right_));
    case ErrorCode::no_such_key:
      return named("no such key");
    case ErrorCode::index_out_of_range:
      return "list index out of range";
    case ErrorCode::unsupported_key:
      return "a map key must be an int, uint, bool or string";
    case ErrorCode::duplicate_key:
      return "a map key is given twice";
    case ErrorCode::overflow:
      return fmt::format("the result of '{}' is out of range", name);
    case ErrorCode::divide_by_zero:
      return "divide by zero";
    case ErrorCode::modulus_by_zero:
      return "modulus by zero";
    case ErrorCode::out_of_range:
      return fmt::format("the value does not fit: {}()", name);
    case ErrorCode::invalid_text:
      return fmt::format("the text is not valid for {}()", name);
    case ErrorCode::invalid_utf8:
      return "the bytes are not valid UTF-8";
    case ErrorCode::invalid_regex:
      return "the pattern is not a valid RE2 expression";
    case ErrorCode::invalid_time_zone:
      return "unknown time zone";
    case ErrorCode::invalid_format:
      return "the format string does not fit its arguments";
    case ErrorCode::invalid_argument:
      return fmt::format("an argument of '{}' is outside of what it takes", name);
    case ErrorCode::not_a_bool:
      return fmt::format("an operand of '{}' is not a bool", name);
    case ErrorCode::no_value:
      return "the optional has no value";
    case ErrorCode::unknown_variable:
      return named("unknown variable");
    case ErrorCode::unknown_function:
      return named("unknown function");
    case ErrorCode::unavailable:
      return named("no answer from");
  }
  return "evaluation failed";
}

}  // namespace preloop::cel

// type, enum, const
#include "core/text.h"
#include "schema/compiler.h"
#include "schema/equality.h"
#include "schema/number.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <string>
#include <utility>

namespace preloop::schema {
namespace {

using core::Code;
using core::Json;
using core::JsonKind;
using core::Status;

constexpr std::array<std::string_view, 7> k_types{
    "null", "boolean", "integer", "number", "string", "array", "object"};
constexpr TypeSet k_integer = 1 << 2, k_number = 1 << 3;

/// The bit of the instance's type; `integer` for any whole number.
TypeSet type_bit(Json value) {
  switch (value.kind()) {
    case JsonKind::null:
      return 1 << 0;
    case JsonKind::boolean:
      return 1 << 1;
    case JsonKind::integer:
    case JsonKind::unsigned_integer:
      return k_integer;
    case JsonKind::number:
      return is_integral(value) ? k_integer : k_number;
    case JsonKind::string:
      return 1 << 4;
    case JsonKind::array:
      return 1 << 5;
    case JsonKind::object:
      return 1 << 6;
  }
  return 0;
}

class Type final : public Keyword {
 public:
  Type(const Subschema& owner, TypeSet types)
      : Keyword(owner, "type"), types_(types), accepted_(types) {
    if ((types & k_number) != 0) {
      accepted_ |= k_integer;
    }
  }
  bool check(Run& run, Json instance, Evaluated*) const override {
    if ((type_bit(instance) & accepted_) != 0) {
      return true;
    }
    return run.fail(*this, [&] {
      return fmt::format("expected {}, got {}", type_names(types_), type_name(instance));
    });
  }

 private:
  TypeSet types_, accepted_;
};

/// `enum`, and `const` as an enum of one. Allowed values are sorted by kind, so that thousands of
/// them cost one search.
class OneOfValues final : public Keyword {
 public:
  OneOfValues(const Subschema& owner, std::string_view name, std::vector<Json> values)
      : Keyword(owner, name), values_(std::move(values)) {
    for (const Json value : values_) {
      if (value.is_string()) {
        strings_.push_back(*value.as_string());
      } else if (value.is_any_number()) {
        numbers_.push_back(value);
      } else if (value.is_array() || value.is_object()) {
        keys_.push_back(key_of(value));
      } else {
        plain_ |= type_bit(value) << (value.as_bool().value_or(false) ? 1 : 0);
      }
    }
    std::ranges::sort(strings_);
    std::ranges::sort(numbers_, [](Json a, Json b) { return compare_numbers(a, b) < 0; });
    std::ranges::sort(keys_);
  }

  bool check(Run& run, Json instance, Evaluated*) const override {
    return contains(run, instance) || run.fail(*this, [&] { return describe(); });
  }

 private:
  bool contains(Run& run, Json value) const {
    if (const auto text = value.as_string()) {
      return std::ranges::binary_search(strings_, *text);
    }
    if (value.is_any_number()) {
      const auto at = std::ranges::lower_bound(
          numbers_, value, [](Json a, Json b) { return compare_numbers(a, b) < 0; });
      return at != numbers_.end() && compare_numbers(*at, value) == 0;
    }
    if (value.is_array() || value.is_object()) {
      return !keys_.empty() && run.spend(weight(value, run.steps_left() + 1)) &&
             std::ranges::binary_search(keys_, key_of(value));
    }
    return (plain_ & type_bit(value) << (value.as_bool().value_or(false) ? 1 : 0)) != 0;
  }

  std::string describe() const {
    if (values_.empty()) {
      return "no value is allowed here";
    }
    constexpr std::size_t k_shown = 10;
    std::string out = values_.size() == 1 ? "expected " : "expected one of ";
    for (std::size_t i = 0; i < values_.size() && i < k_shown; ++i) {
      const bool scalar = !values_[i].is_array() && !values_[i].is_object();
      out += i == 0 ? "" : ", ";
      out += scalar ? core::printable(values_[i].dump(), 80)
                    : fmt::format("a certain {}", type_name(values_[i]));
    }
    if (values_.size() > k_shown) {
      out += fmt::format(" … ({} in all)", values_.size());
    }
    return out;
  }

  std::vector<Json> values_;  ///< in the schema's order, for messages
  std::vector<std::string_view> strings_;
  std::vector<Json> numbers_;
  std::vector<std::string> keys_;  ///< of arrays and objects
  unsigned plain_ = 0;             ///< bits: 0 null, 1 false, 2 true
};

core::Result<TypeSet> read_types(Json type, const Subschema& owner) {
  TypeSet types = 0;
  const auto add = [&](Json name) {
    const auto known = std::ranges::find(k_types, name.as_string().value_or(""));
    if (known == k_types.end()) {
      return false;
    }
    types |= static_cast<TypeSet>(1 << (known - k_types.begin()));
    return true;
  };
  bool ok = type.is_string() ? add(type) : type.is_array() && type.size() > 0;
  for (const core::JsonNode& name : type.elements()) {
    ok = ok && add(Json(&name));
  }
  if (!ok) {
    return schema_error(Code::invalid_argument,
                        owner.location,
                        "type",
                        "must be one or more of null, boolean, integer, number, string, array and "
                        "object");
  }
  return types;
}

}  // namespace

std::string_view type_name(Json value) {
  return k_types[static_cast<std::size_t>(std::countr_zero(type_bit(value)))];
}

std::string type_names(TypeSet types) {
  std::string out;
  for (std::size_t i = 0; i < k_types.size(); ++i) {
    if ((types >> i & 1) == 0) {
      continue;
    }
    types &= static_cast<TypeSet>(~(1 << i));
    if (!out.empty()) {
      out += types == 0 ? " or " : ", ";
    }
    out += k_types[i];
  }
  return out;
}

Status add_value_keywords(Compiler&, Json json, Subschema& out) {
  if (const Json type = json.find("type"); type.exists()) {
    PRELOOP_TRY(out.types, read_types(type, out));
    out.keywords.push_back(std::make_unique<Type>(out, out.types));
  }
  if (const Json values = json.find("enum"); values.exists()) {
    if (!values.is_array()) {
      return schema_error(Code::invalid_argument, out.location, "enum", "must be an array");
    }
    std::vector<Json> allowed;
    for (const core::JsonNode& value : values.elements()) {
      allowed.emplace_back(&value);
    }
    out.keywords.push_back(std::make_unique<OneOfValues>(out, "enum", std::move(allowed)));
  }
  if (const Json value = json.find("const"); value.exists()) {
    out.keywords.push_back(std::make_unique<OneOfValues>(out, "const", std::vector{value}));
  }
  return {};
}

}  // namespace preloop::schema

#include "core/json.h"
#include "core/json_arena.h"
#include "core/json_writer.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace preloop::core {
namespace {

bool is_integer_kind(JsonKind kind) {
  return kind == JsonKind::integer || kind == JsonKind::unsigned_integer;
}

/// Both are numbers of different kinds, or both doubles.
bool number_equal(Json a, Json b) {
  if (is_integer_kind(a.kind()) && is_integer_kind(b.kind())) {
    return false;  // the kinds do not overlap
  }
  if (is_integer_kind(a.kind())) {
    std::swap(a, b);
  }
  const double real = a.node()->number;
  if (b.is(JsonKind::number)) {
    return real == b.node()->number;
  }
  if (real != std::floor(real)) {
    return false;
  }
  // Exact: only doubles strictly inside the integer's range are converted.
  if (b.is(JsonKind::integer)) {
    return real >= -9223372036854775808.0 && real < 9223372036854775808.0 &&
           static_cast<std::int64_t>(real) == b.node()->integer;
  }
  return real >= 0 && real < 18446744073709551616.0 &&
         static_cast<std::uint64_t>(real) == b.node()->unsigned_integer;
}

}  // namespace

JsonKind Json::kind() const {
  return node_->kind;
}

bool Json::is_any_number() const {
  return exists() && (is_integer_kind(node_->kind) || node_->kind == JsonKind::number);
}

std::optional<bool> Json::as_bool() const {
  return is(JsonKind::boolean) ? std::optional(node_->boolean) : std::nullopt;
}
std::optional<std::int64_t> Json::as_int() const {
  return is(JsonKind::integer) ? std::optional(node_->integer) : std::nullopt;
}
std::optional<std::uint64_t> Json::as_uint() const {
  if (is(JsonKind::unsigned_integer)) {
    return node_->unsigned_integer;
  }
  if (is(JsonKind::integer) && node_->integer >= 0) {
    return static_cast<std::uint64_t>(node_->integer);
  }
  return std::nullopt;
}
std::optional<double> Json::as_double() const {
  if (!exists()) {
    return std::nullopt;
  }
  switch (node_->kind) {
    case JsonKind::integer:
      return static_cast<double>(node_->integer);
    case JsonKind::unsigned_integer:
      return static_cast<double>(node_->unsigned_integer);
    case JsonKind::number:
      return node_->number;
    default:
      return std::nullopt;
  }
}
std::optional<std::string_view> Json::as_string() const {
  return is_string() ? std::optional(std::string_view(node_->text, node_->size)) : std::nullopt;
}

std::size_t Json::size() const {
  return is_array() || is_object() ? node_->size : 0;
}
std::span<const JsonNode> Json::elements() const {
  return is_array() ? std::span(node_->elements, node_->size) : std::span<const JsonNode>();
}
std::span<const JsonMember> Json::members() const {
  return is_object() ? std::span(node_->members, node_->size) : std::span<const JsonMember>();
}
Json Json::at(std::size_t index) const {
  return is_array() && index < node_->size ? Json(node_->elements + index) : Json();
}
Json Json::find(std::string_view key) const {
  for (const JsonMember& member : members()) {
    if (member.key == key) {
      return member.value();
    }
  }
  return Json();
}

std::string Json::dump() const {
  std::string out;
  JsonWriter(out).value(*this);
  return out;
}

bool json_equal(Json a, Json b) {
  if (a.is_any_number() && b.is_any_number()) {
    if (a.kind() == b.kind()) {
      return a.is(JsonKind::number) ? a.node()->number == b.node()->number
                                    : a.node()->integer == b.node()->integer;
    }
    return number_equal(a, b);
  }
  if (!a.exists() || !b.exists() || a.kind() != b.kind()) {
    return a.exists() == b.exists() && !a.exists();
  }
  switch (a.kind()) {
    case JsonKind::boolean:
      return a.node()->boolean == b.node()->boolean;
    case JsonKind::string:
      return a.as_string() == b.as_string();
    case JsonKind::array:
      return std::equal(
          a.elements().begin(),
          a.elements().end(),
          b.elements().begin(),
          b.elements().end(),
          [](const JsonNode& x, const JsonNode& y) { return json_equal(Json(&x), Json(&y)); });
    case JsonKind::object:
      return a.size() == b.size() &&
             std::ranges::all_of(a.members(), [&](const JsonMember& member) {
               return json_equal(member.value(), b.find(member.key));
             });
    default:
      return true;
  }
}

JsonBuilder::JsonBuilder() : impl_(std::make_unique<JsonDocument::Impl>()) {}
JsonBuilder::~JsonBuilder() = default;

JsonNode JsonBuilder::null() const {
  return JsonNode();
}
JsonNode JsonBuilder::boolean(bool value) const {
  JsonNode node;
  node.kind = JsonKind::boolean;
  node.boolean = value;
  return node;
}
JsonNode JsonBuilder::integer(std::int64_t value) const {
  JsonNode node;
  node.kind = JsonKind::integer;
  node.integer = value;
  return node;
}
JsonNode JsonBuilder::unsigned_integer(std::uint64_t value) const {
  if (std::in_range<std::int64_t>(value)) {
    return integer(static_cast<std::int64_t>(value));
  }
  JsonNode node;
  node.kind = JsonKind::unsigned_integer;
  node.unsigned_integer = value;
  return node;
}
JsonNode JsonBuilder::number(double value) const {
  JsonNode node;
  node.kind = JsonKind::number;
  node.number = value;
  return node;
}
JsonNode JsonBuilder::string(std::string_view value) {
  return impl_->arena.string(value);
}
JsonNode JsonBuilder::array(std::span<const JsonNode> elements) {
  return impl_->arena.array(elements);
}
JsonNode JsonBuilder::object(std::span<const std::pair<std::string_view, JsonNode>> members) {
  std::vector<JsonMember> copies;
  copies.reserve(members.size());
  for (const auto& [key, node] : members) {
    copies.push_back({impl_->arena.text(key), node});
  }
  return impl_->arena.object(copies);
}
JsonNode JsonBuilder::copy(Json value) {
  switch (value.kind()) {
    case JsonKind::string:
      return string(*value.as_string());
    case JsonKind::array: {
      std::vector<JsonNode> elements;
      for (const JsonNode& element : value.elements()) {
        elements.push_back(copy(Json(&element)));
      }
      return array(elements);
    }
    case JsonKind::object: {
      std::vector<std::pair<std::string_view, JsonNode>> members;
      for (const JsonMember& member : value.members()) {
        members.emplace_back(member.key, copy(member.value()));
      }
      return object(members);
    }
    default:
      return *value.node();
  }
}
JsonDocument JsonBuilder::build(const JsonNode& root) {
  impl_->root = root;
  JsonDocument document;
  document.impl_ = std::exchange(impl_, std::make_unique<JsonDocument::Impl>());
  return document;
}

}  // namespace preloop::core

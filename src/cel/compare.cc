#include "cel/compare.h"

#include <cmath>
#include <cstring>
#include <limits>

namespace preloop::cel {
namespace {

std::partial_ordering compare_int_double(std::int64_t a, double b) {
  if (std::isnan(b)) {
    return std::partial_ordering::unordered;
  }
  if (b > 9223372036854775808.0) {
    return std::partial_ordering::less;
  }
  if (b < -9223372036854775808.0) {
    return std::partial_ordering::greater;
  }
  if (b == 9223372036854775808.0) {
    return a <=> std::numeric_limits<std::int64_t>::max();
  }
  const double whole = std::trunc(b);
  const auto integer = static_cast<std::int64_t>(whole);
  return a != integer ? std::partial_ordering(a <=> integer) : whole <=> b;
}

std::partial_ordering compare_uint_double(std::uint64_t a, double b) {
  if (std::isnan(b)) {
    return std::partial_ordering::unordered;
  }
  if (b > 18446744073709551616.0) {
    return std::partial_ordering::less;
  }
  if (b < 0) {
    return std::partial_ordering::greater;
  }
  if (b == 18446744073709551616.0) {
    return a <=> std::numeric_limits<std::uint64_t>::max();
  }
  const double whole = std::trunc(b);
  const auto integer = static_cast<std::uint64_t>(whole);
  return a != integer ? std::partial_ordering(a <=> integer) : whole <=> b;
}

std::partial_ordering compare_int_uint(std::int64_t a, std::uint64_t b) {
  return a < 0 ? std::partial_ordering::less : static_cast<std::uint64_t>(a) <=> b;
}

std::partial_ordering reversed(std::partial_ordering order) {
  return 0 <=> order;
}

bool same_text(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size()) == 0;
}

bool lists_equal(Frame& frame, const Value& a, const Value& b) {
  if (a.size() != b.size()) {
    return false;
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!equals(frame, a.at(i), b.at(i))) {
      return false;
    }
  }
  return true;
}

bool maps_equal(Frame& frame, const Value& a, const Value& b) {
  if (a.size() != b.size()) {
    return false;
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    Value other;
    if (!find_key(frame, b, a.key_at(i), other) || !equals(frame, a.value_at(i), other)) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::partial_ordering compare_numbers(const Value& a, const Value& b) {
  switch (a.kind()) {
    case Kind::int_:
      switch (b.kind()) {
        case Kind::int_:
          return a.as_int() <=> b.as_int();
        case Kind::uint_:
          return compare_int_uint(a.as_int(), b.as_uint());
        default:
          return compare_int_double(a.as_int(), b.as_double());
      }
    case Kind::uint_:
      switch (b.kind()) {
        case Kind::int_:
          return reversed(compare_int_uint(b.as_int(), a.as_uint()));
        case Kind::uint_:
          return a.as_uint() <=> b.as_uint();
        default:
          return compare_uint_double(a.as_uint(), b.as_double());
      }
    default:
      switch (b.kind()) {
        case Kind::int_:
          return reversed(compare_int_double(b.as_int(), a.as_double()));
        case Kind::uint_:
          return reversed(compare_uint_double(b.as_uint(), a.as_double()));
        default:
          return a.as_double() <=> b.as_double();
      }
  }
}

bool equals(Frame& frame, const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) {
    return frame.spend(1) && compare_numbers(a, b) == std::partial_ordering::equivalent;
  }
  if (!frame.spend(1) || a.kind() != b.kind()) {
    return false;
  }
  switch (a.kind()) {
    case Kind::null_type:
      return true;
    case Kind::bool_:
      return a.as_bool() == b.as_bool();
    case Kind::string:
    case Kind::bytes:
      return frame.spend_bytes_read(a.size()) && same_text(a.as_text(), b.as_text());
    case Kind::list:
      return lists_equal(frame, a, b);
    case Kind::map:
      return maps_equal(frame, a, b);
    case Kind::timestamp:
      return a.as_timestamp() == b.as_timestamp();
    case Kind::duration:
      return a.as_duration() == b.as_duration();
    case Kind::type:
      return a.as_type() == b.as_type();
    case Kind::ip:
    case Kind::cidr:
      return a.as_network() == b.as_network();
    case Kind::optional:
      return a.has_value() == b.has_value() &&
             (!a.has_value() || equals(frame, a.optional_value(), b.optional_value()));
    default:
      return false;
  }
}

std::optional<std::partial_ordering> order(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) {
    return compare_numbers(a, b);
  }
  if (a.kind() != b.kind()) {
    return std::nullopt;
  }
  switch (a.kind()) {
    case Kind::bool_:
      return a.as_bool() <=> b.as_bool();
    case Kind::string:
    case Kind::bytes:
      return a.as_text() <=> b.as_text();  // UTF-8 bytes sort as code points do
    case Kind::timestamp:
      return a.as_timestamp() <=> b.as_timestamp();
    case Kind::duration:
      return a.as_duration() <=> b.as_duration();
    default:
      return std::nullopt;
  }
}

bool find_field(Frame& frame, const Value& map, std::string_view name, Value& out) {
  if (const core::JsonNode* const node = map.json_node()) {
    const core::JsonMember* const members = node->members;
    for (std::uint32_t i = 0; i < node->size; ++i) {
      if (same_text(members[i].key, name)) {
        out = Value::of_json(core::Json(&members[i].node));
        return frame.spend(i / 4);
      }
    }
    frame.spend(node->size / 4);
    return false;
  }
  for (std::size_t i = 0; i < map.size(); ++i) {
    const Value key = map.key_at(i);
    if (key.is(Kind::string) && same_text(key.as_text(), name)) {
      out = map.value_at(i);
      return frame.spend(i / 4);
    }
  }
  frame.spend(map.size() / 4);
  return false;
}

bool find_key(Frame& frame, const Value& map, const Value& key, Value& out) {
  if (key.is(Kind::string)) {
    return find_field(frame, map, key.as_text(), out);
  }
  if (map.json_node() != nullptr || !(key.is(Kind::bool_) || key.is_number())) {
    return false;
  }
  for (std::size_t i = 0; i < map.size(); ++i) {
    if (equals(frame, map.key_at(i), key)) {
      out = map.value_at(i);
      return true;
    }
  }
  return false;
}

}  // namespace preloop::cel

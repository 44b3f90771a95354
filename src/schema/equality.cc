#include "schema/equality.h"

#include "schema/number.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string_view>
#include <vector>

namespace preloop::schema {
namespace {

using core::Json;
using core::JsonKind;
using core::JsonMember;
using core::JsonNode;

constexpr std::size_t k_small_object = 16;

void append_raw(std::string& out, char tag, const void* data, std::size_t size) {
  out += tag;
  out.append(static_cast<const char*>(data), size);
}

void append_text(std::string& out, std::string_view text) {
  const std::uint64_t size = text.size();
  append_raw(out, 's', &size, sizeof size);
  out += text;
}

void append_number(std::string& out, Json number) {
  const JsonNode& node = *number.node();
  std::int64_t small = 0;
  std::uint64_t large = 0;
  if (node.kind == JsonKind::integer) {
    small = node.integer;
  } else if (node.kind == JsonKind::unsigned_integer) {
    large = node.unsigned_integer;
  } else if (is_integral(number) && node.number >= -9223372036854775808.0 &&
             node.number < 9223372036854775808.0) {
    small = static_cast<std::int64_t>(node.number);
  } else if (is_integral(number) && node.number > 0 && node.number < 18446744073709551616.0) {
    large = static_cast<std::uint64_t>(node.number);
  } else {
    append_raw(out, 'd', &node.number, sizeof node.number);
    return;
  }
  if (large != 0) {
    append_raw(out, 'u', &large, sizeof large);
  } else {
    append_raw(out, 'i', &small, sizeof small);
  }
}

}  // namespace

void append_key(std::string& out, Json value) {
  switch (value.kind()) {
    case JsonKind::null:
      out += 'n';
      return;
    case JsonKind::boolean:
      out += value.node()->boolean ? 't' : 'f';
      return;
    case JsonKind::integer:
    case JsonKind::unsigned_integer:
    case JsonKind::number:
      append_number(out, value);
      return;
    case JsonKind::string:
      append_text(out, *value.as_string());
      return;
    case JsonKind::array: {
      out += '[';
      for (const JsonNode& element : value.elements()) {
        append_key(out, Json(&element));
      }
      out += ']';
      return;
    }
    case JsonKind::object: {
      std::vector<const JsonMember*> members;
      members.reserve(value.size());
      for (const JsonMember& member : value.members()) {
        members.push_back(&member);
      }
      std::ranges::sort(members, {}, &JsonMember::key);
      out += '{';
      for (const JsonMember* member : members) {
        append_text(out, member->key);
        append_key(out, member->value());
      }
      out += '}';
      return;
    }
  }
}

std::string key_of(Json value) {
  std::string out;
  append_key(out, value);
  return out;
}

bool equal(Json a, Json b) {
  if (a.is_any_number() && b.is_any_number()) {
    return compare_numbers(a, b) == 0;
  }
  if (a.kind() != b.kind() || a.size() != b.size()) {
    return false;
  }
  switch (a.kind()) {
    case JsonKind::boolean:
      return a.node()->boolean == b.node()->boolean;
    case JsonKind::string:
      return a.as_string() == b.as_string();
    case JsonKind::array:
      for (std::size_t i = 0; i < a.size(); ++i) {
        if (!equal(a.at(i), b.at(i))) {
          return false;
        }
      }
      return true;
    case JsonKind::object:
      if (a.size() > k_small_object) {
        return key_of(a) == key_of(b);
      }
      return std::ranges::all_of(a.members(), [&](const JsonMember& member) {
        const Json other = b.find(member.key);
        return other.exists() && equal(member.value(), other);
      });
    default:
      return true;
  }
}

std::size_t weight(Json value, std::size_t limit) {
  std::size_t total = 1 + (value.is_string() ? value.node()->size / 64 : 0);
  for (const JsonNode& element : value.elements()) {
    if (total >= limit) {
      return total;
    }
    total += weight(Json(&element), limit - total);
  }
  for (const JsonMember& member : value.members()) {
    if (total >= limit) {
      return total;
    }
    total += 1 + member.key.size() / 64 + weight(member.value(), limit - total);
  }
  return total;
}

}  // namespace preloop::schema

#pragma once
#include "core/json.h"

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace preloop::core {

/// Appends compact JSON to a string; commas are placed by looking at what was written last. The
/// caller keeps containers balanced; strings must be valid UTF-8 (others are replaced by U+FFFD).
///
///   JsonWriter w(out);
///   w.begin_object().field("id", id.to_string()).key("tags").begin_array();
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out), start_(out.size()) {}

  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  JsonWriter& key(std::string_view name);

  JsonWriter& null() { return raw("null"); }
  JsonWriter& boolean(bool value) { return raw(value ? "true" : "false"); }
  JsonWriter& integer(std::int64_t value);
  JsonWriter& unsigned_integer(std::uint64_t value);
  JsonWriter& number(double value);
  JsonWriter& string(std::string_view value);
  JsonWriter& value(Json value);
  /// `json` must be one complete JSON value.
  JsonWriter& raw(std::string_view json);

  /// `key` and then the value by its type: bool, integers, double, Json, or text.
  template <class T>
  JsonWriter& field(std::string_view name, const T& item) {
    key(name);
    if constexpr (std::same_as<T, bool>) {
      return boolean(item);
    } else if constexpr (std::unsigned_integral<T>) {
      return unsigned_integer(item);
    } else if constexpr (std::integral<T>) {
      return integer(item);
    } else if constexpr (std::floating_point<T>) {
      return number(item);
    } else if constexpr (std::same_as<T, Json>) {
      return value(item);
    } else {
      return string(item);
    }
  }
  /// `null` when `item` is empty.
  template <class T>
  JsonWriter& optional_field(std::string_view name, const std::optional<T>& item) {
    return item ? field(name, *item) : key(name).null();
  }

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  void separate();

  std::string& out_;
  std::size_t start_;
};

/// ECMAScript's Number::toString, which RFC 8785 prescribes: 1e21 is "1e+21", 0.1 is "0.1", -0 is
/// "0". Infinity and NaN, which JSON cannot carry, become "null".
void write_number(std::string& out, double value);

/// Canonical JSON: RFC 8785 member order (UTF-16 code units) and escaping, but integer tokens keep
/// all their 64 bits, because RFC 8785 would print 9007199254740993 as ...992 and two amounts would
/// share one digest.
std::string canonical_json(Json value);

/// The bytes of member `key` of the object `object`, which must be valid JSON that JsonDocument has
/// accepted; nullopt when there is none. For relaying a part of a message unchanged.
std::optional<std::string_view> raw_member(std::string_view object, std::string_view key);

/// The bytes of each element of the array `array`, which must be valid JSON that JsonDocument has
/// accepted; empty when it is no array.
std::vector<std::string_view> raw_elements(std::string_view array);

}  // namespace preloop::core

#pragma once
#include "core/json.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace preloop::cel {

/// The runtime kinds of CEL (language definition, "Values"). A trailing underscore only avoids a
/// C++ keyword; `to_string` gives the name CEL uses.
enum class Kind : std::uint8_t {
  null_type,
  bool_,
  int_,
  uint_,
  double_,
  string,
  bytes,
  list,
  map,
  timestamp,
  duration,
  type,
  optional,
  ip,    ///< of the network library
  cidr,  ///< the same
  error,
};

/// The name `type(x)` prints: "int", "list", "google.protobuf.Timestamp", "optional_type".
std::string_view to_string(Kind kind);

/// Why an expression failed. Part of the language: `&&`, `||`, `all` and `exists` may absorb it.
enum class ErrorCode : std::uint8_t {
  no_such_overload,    ///< operand kinds the operation is not defined for
  no_such_key,         ///< a map has no such key or field
  index_out_of_range,  ///< of a list
  unsupported_key,     ///< a map key that is not int, uint, bool or string
  duplicate_key,       ///< in a map literal
  overflow,            ///< int, uint, timestamp or duration result out of range
  divide_by_zero,
  modulus_by_zero,
  out_of_range,  ///< a conversion whose value does not fit
  invalid_text,  ///< a conversion from text that does not parse
  invalid_utf8,
  invalid_regex,
  invalid_time_zone,
  invalid_format,    ///< a format string, or an argument its clause cannot print
  invalid_argument,  ///< of a right type, but nothing the function can work with
  not_a_bool,        ///< a condition or operand of && || ! ?: that is not a bool
  no_value,          ///< `.value()` of an empty optional
  unknown_variable,
  unknown_function,
  unavailable,  ///< a function of the host could not answer
};

/// For instance "no_such_key".
std::string_view to_string(ErrorCode code);

/// A place in the source: what an error is about. Positions count from 1, columns in code points.
struct Site {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::string_view name;  ///< the variable, field, function or operator; may be empty
};

/// UTC; 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z. `nanos` counts forward, 0 to
/// 999,999,999, also before 1970.
struct Timestamp {
  std::int64_t seconds = 0;  ///< since 1970-01-01T00:00:00Z
  std::uint32_t nanos = 0;
  auto operator<=>(const Timestamp&) const = default;
};

/// An IP address, or with its prefix length a network. IPv4 uses the first four bytes, the others
/// are zero.
struct NetAddress {
  std::array<std::uint8_t, 16> bytes{};
  bool is_v6 = false;
  std::uint8_t prefix_length = 0;  ///< of a network, else 0
  bool operator==(const NetAddress&) const = default;
};

struct MapEntry;

/// A CEL value in 16 bytes, trivially copyable. Strings, lists, maps and optionals are *views*:
/// they live in an Arena, a Program, a JsonDocument or memory of the caller, and the value is valid
/// as long as that is. JSON containers are wrapped as they are; their children become values when
/// they are read. Typed readers (`as_int` ...) require the kind to match.
class Value {
 public:
  Value() : kind_(Kind::null_type), integer_(0) {}

  static Value null() { return Value(); }
  static Value of_bool(bool value) {
    Value out(Kind::bool_);
    out.integer_ = value ? 1 : 0;
    return out;
  }
  static Value of_int(std::int64_t value) {
    Value out(Kind::int_);
    out.integer_ = value;
    return out;
  }
  static Value of_uint(std::uint64_t value) {
    Value out(Kind::uint_);
    out.unsigned_ = value;
    return out;
  }
  static Value of_double(double value) {
    Value out(Kind::double_);
    out.double_ = value;
    return out;
  }
  /// `text` must be valid UTF-8 and shorter than 4 GiB.
  static Value of_string(std::string_view text) { return of_text(Kind::string, text); }
  static Value of_bytes(std::string_view bytes) { return of_text(Kind::bytes, bytes); }
  static Value of_list(std::span<const Value> items);
  /// Keys must be bool, int, uint or string, and distinct (1, 1u are one key).
  static Value of_map(std::span<const MapEntry> entries);
  /// `value` must be within the range of the type.
  static Value of_timestamp(Timestamp value) {
    Value out(Kind::timestamp);
    out.size_ = value.nanos;
    out.integer_ = value.seconds;
    return out;
  }
  static Value of_duration(std::int64_t nanoseconds) {
    Value out(Kind::duration);
    out.integer_ = nanoseconds;
    return out;
  }
  static Value of_type(Kind kind) {
    Value out(Kind::type);
    out.detail_ = static_cast<std::uint8_t>(kind);
    return out;
  }
  /// `value` must outlive the optional; nullptr is `optional.none()`.
  static Value of_optional(const Value* value) {
    Value out(Kind::optional);
    out.items_ = value;
    return out;
  }
  /// `kind` is ip or cidr; `address` must outlive the value.
  static Value of_network(Kind kind, const NetAddress* address) {
    Value out(kind);
    out.address_ = address;
    return out;
  }
  static Value of_error(ErrorCode code, const Site* site = nullptr) {
    Value out(Kind::error);
    out.detail_ = static_cast<std::uint8_t>(code);
    out.site_ = site;
    return out;
  }
  /// `no_such_overload` that remembers the operand kinds for its message.
  static Value of_overload_error(Kind left, Kind right = Kind::error) {
    Value out = of_error(ErrorCode::no_such_overload);
    out.left_ = left;
    out.right_ = right;
    return out;
  }
  /// A JSON value. A number is int when it is whole (uint above int64), else double, and knows that
  /// it comes from JSON, which has one kind of number (see is_json_number). An absent value is
  /// null.
  static Value of_json(core::Json json);

  Kind kind() const { return kind_; }
  bool is(Kind kind) const { return kind_ == kind; }
  bool is_error() const { return kind_ == Kind::error; }
  bool is_true() const { return kind_ == Kind::bool_ && integer_ != 0; }
  bool is_false() const { return kind_ == Kind::bool_ && integer_ == 0; }
  bool is_number() const { return kind_ >= Kind::int_ && kind_ <= Kind::double_; }

  bool as_bool() const { return integer_ != 0; }
  std::int64_t as_int() const { return integer_; }
  std::uint64_t as_uint() const { return unsigned_; }
  double as_double() const { return double_; }
  std::string_view as_text() const { return {text_, size_}; }  ///< string or bytes
  Timestamp as_timestamp() const { return {integer_, size_}; }
  std::int64_t as_duration() const { return integer_; }  ///< nanoseconds
  Kind as_type() const { return static_cast<Kind>(detail_); }
  bool has_value() const { return items_ != nullptr; }        ///< optional
  const Value& optional_value() const { return *items_; }     ///< optional with a value
  const NetAddress& as_network() const { return *address_; }  ///< ip or cidr
  ErrorCode error_code() const { return static_cast<ErrorCode>(detail_); }
  const Site* error_site() const { return site_; }

  /// Elements or entries of a list or map.
  std::size_t size() const { return size_; }
  /// Element of a list; `index` < size().
  Value at(std::size_t index) const;
  /// Entry of a map in insertion (document) order; `index` < size().
  Value key_at(std::size_t index) const;
  Value value_at(std::size_t index) const;
  /// Not null when this list or map wraps JSON.
  const core::JsonNode* json_node() const { return from_json_ ? node_ : nullptr; }
  /// A number that arithmetic may turn into the other operand's kind when its value allows. Only of
  /// numbers.
  bool is_json_number() const { return from_json_; }
  Value as_json_number() const {
    Value out = *this;
    out.from_json_ = true;
    return out;
  }

  /// What went wrong, for operators: "no such key 'amount'". Names and kinds only, never the
  /// values that were computed, since those come from outsiders. Errors only.
  std::string error_message() const;
  /// The same error, attributed to `site` unless it has a place already.
  Value with_site(const Site* site) const {
    Value out = *this;
    if (out.site_ == nullptr) {
      out.site_ = site;
    }
    return out;
  }

 private:
  explicit Value(Kind kind) : kind_(kind) {}
  static Value of_text(Kind kind, std::string_view text) {
    Value out(kind);
    out.size_ = static_cast<std::uint32_t>(text.size());
    out.text_ = text.data();
    return out;
  }

  Kind kind_;
  std::uint8_t detail_ = 0;  ///< the error's code or the type's kind
  union {
    bool from_json_ = false;  ///< list, map and numbers
    Kind left_;               ///< error
  };
  Kind right_ = Kind::error;
  std::uint32_t size_ = 0;  ///< bytes, elements, entries, or the timestamp's nanoseconds
  union {
    std::int64_t integer_;
    std::uint64_t unsigned_;
    double double_;
    const char* text_;
    const Value* items_;
    const MapEntry* entries_;
    const core::JsonNode* node_;
    const Site* site_;
    const NetAddress* address_;
  };
};
static_assert(sizeof(Value) == 16);

struct MapEntry {
  Value key;
  Value value;
};

/// The value as a CEL expression that would make it: `[1, 2u, "a"]`, `duration("1.5s")`; an error
/// as `error(no_such_key)`. For tests, the CLI and logs of values the reader may see.
std::string to_text(const Value& value);

}  // namespace preloop::cel

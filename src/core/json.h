#pragma once
#include "core/result.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace preloop::core {

/// `integer` is any integer token within int64, `unsigned_integer` one above it within uint64; a
/// token with a fraction or an exponent is a `number` even when its value is whole.
enum class JsonKind : std::uint8_t {
  null,
  boolean,
  integer,
  unsigned_integer,
  number,
  string,
  array,
  object,
};

struct JsonNode;
struct JsonMember;

/// A read-only JSON value: a pointer into a JsonDocument, as cheap to copy as one, valid as long as
/// that document. A default-constructed one is *absent* (what `find` returns for a missing key),
/// which is not null; every typed reader answers nullopt for it.
class Json {
 public:
  Json() = default;
  explicit Json(const JsonNode* node) : node_(node) {}

  bool exists() const { return node_ != nullptr; }
  JsonKind kind() const;  ///< Only when exists().
  bool is(JsonKind kind) const { return exists() && this->kind() == kind; }
  bool is_null() const { return is(JsonKind::null); }
  bool is_object() const { return is(JsonKind::object); }
  bool is_array() const { return is(JsonKind::array); }
  bool is_string() const { return is(JsonKind::string); }
  bool is_any_number() const;

  std::optional<bool> as_bool() const;
  std::optional<std::int64_t> as_int() const;    ///< `integer` only
  std::optional<std::uint64_t> as_uint() const;  ///< either integer kind, when not negative
  std::optional<double> as_double() const;       ///< any number kind, rounded to nearest
  std::optional<std::string_view> as_string() const;

  std::size_t size() const;               ///< elements or members; 0 for anything else
  Json at(std::size_t index) const;       ///< element; absent beyond the end or when not an array
  Json find(std::string_view key) const;  ///< member; absent when missing or not an object
  Json operator[](std::string_view key) const { return find(key); }
  std::span<const JsonNode> elements() const;   ///< of an array, else empty
  std::span<const JsonMember> members() const;  ///< of an object in document order, else empty

  /// Compact JSON; numbers as `write_number` prints them, strings escaped minimally.
  std::string dump() const;
  const JsonNode* node() const { return node_; }

 private:
  const JsonNode* node_ = nullptr;
};

/// Deep equality of JSON values as JSON Schema defines it: member order does not matter, 1 and 1.0
/// are equal, and integers compare exactly.
bool json_equal(Json a, Json b);

/// Storage of one value. Built by the parser or JsonBuilder only.
struct JsonNode {
  JsonKind kind = JsonKind::null;
  std::uint32_t size = 0;  ///< bytes, elements or members
  union {
    bool boolean;
    std::int64_t integer;
    std::uint64_t unsigned_integer;
    double number;
    const char* text;
    const JsonNode* elements;
    const JsonMember* members;
  };
  JsonNode() : integer(0) {}
};
struct JsonMember {
  std::string_view key;
  JsonNode node;
  Json value() const { return Json(&node); }
};

struct JsonLimits {
  std::size_t max_depth = 64;
  std::size_t max_values = 100'000;
};

/// A parsed document that owns its text and nodes. Movable; views stay valid across moves.
///
/// Strict (RFC 8259 and RFC 7493): duplicate keys (after unescaping), trailing bytes, invalid
/// UTF-8, lone surrogates, a byte order mark, depth or value count beyond the limits, integers
/// beyond 64 bits and numbers beyond double are invalid_argument, with the byte offset in the
/// message.
class JsonDocument {
 public:
  JsonDocument();
  JsonDocument(JsonDocument&&) noexcept;
  JsonDocument& operator=(JsonDocument&&) noexcept;
  ~JsonDocument();

  static Result<JsonDocument> parse(std::string text, JsonLimits limits = {});

  Json root() const;
  /// The received bytes.
  const std::string& text() const;

 private:
  friend class JsonBuilder;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Builds a document node by node, for values that do not come from JSON text (YAML, tests).
/// Strings are copied. Finish with `build(root)`; nodes of another builder must not be used.
class JsonBuilder {
 public:
  JsonBuilder();
  ~JsonBuilder();

  JsonNode null() const;
  JsonNode boolean(bool value) const;
  JsonNode integer(std::int64_t value) const;
  JsonNode unsigned_integer(std::uint64_t value) const;
  JsonNode number(double value) const;
  JsonNode string(std::string_view value);
  JsonNode array(std::span<const JsonNode> elements);
  /// Keys must be distinct; the builder copies them.
  JsonNode object(std::span<const std::pair<std::string_view, JsonNode>> members);
  /// A deep copy of a value of any document.
  JsonNode copy(Json value);
  JsonDocument build(const JsonNode& root);

 private:
  std::unique_ptr<JsonDocument::Impl> impl_;
};

}  // namespace preloop::core

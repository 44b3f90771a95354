#pragma once
#include "core/json.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The compiled form of a schema, internal to src/schema: a graph of subschemas, each a list of
// keywords. Immutable once compiled.

namespace preloop::schema {

class Evaluated;
class Run;
struct Subschema;

/// A step of the path from the root of a schema document; the root has no `up`. Paths are rendered
/// only for messages: storing them would cost depth times the longest property name.
struct Location {
  const Location* up = nullptr;
  std::string_view key;
  std::size_t index = k_not_an_index;

  static constexpr std::size_t k_not_an_index = static_cast<std::size_t>(-1);
};

/// The JSON pointer of `location`, safe to print, at most a few hundred bytes.
std::string render(const Location* location);
/// Appends "/" and one reference token: escaped for JSON pointers, made printable, bounded.
void append_token(std::string& out, std::string_view key);

/// One assertion or applicator of a subschema (or a few that are cheaper to check together).
class Keyword {
 public:
  Keyword(const Subschema& owner, std::string_view name) : owner_(owner), name_(name) {}
  Keyword(const Keyword&) = delete;
  Keyword& operator=(const Keyword&) = delete;
  virtual ~Keyword() = default;

  /// Whether `instance` satisfies the keyword; instances of other types do. `evaluated` collects
  /// the members or elements of `instance` that were looked at, and is null when nobody asks.
  /// Reports to `run` when it fails and the run wants to know why.
  virtual bool check(Run& run, core::Json instance, Evaluated* evaluated) const = 0;

  const Subschema& owner() const { return owner_; }
  std::string_view name() const { return name_; }

 private:
  const Subschema& owner_;
  std::string_view name_;  ///< a literal, or a view into the schema document
};

/// A set of JSON types. Integers are numbers too: `integer` alone means whole numbers.
using TypeSet = std::uint8_t;

struct Subschema {
  const Location* location = nullptr;
  std::uint32_t resource = 0;    ///< index of the schema resource it is written in
  std::optional<bool> always;    ///< a boolean schema
  TypeSet types = 0;             ///< of `type`; 0 without one. For messages only
  bool has_unevaluated = false;  ///< has an unevaluatedItems or unevaluatedProperties
  std::vector<std::unique_ptr<Keyword>> keywords;  ///< cheap ones first, `late` after them
  std::vector<std::unique_ptr<Keyword>> late;      ///< the unevaluated keywords
  /// Subschemas applied to the same instance, to find those that only lead back to themselves.
  std::vector<const Subschema*> in_place;
};

}  // namespace preloop::schema

#pragma once
#include "cel/value.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::cel {

/// What the checker knows about a value before there is one (language definition, "Gradual Type
/// Checking"). Three kinds are ours: `number`, `json_number` and
/// `record`.
enum class TypeKind : std::uint8_t {
  dyn,  ///< anything; unchecked
  null_type,
  bool_,
  int_,
  uint_,
  double_,
  number,       ///< int, uint or double
  json_number,  ///< the same of a JSON document, which takes the type of what it is combined with
  string,
  bytes,
  timestamp,
  duration,
  list,      ///< of[0] is the element
  map,       ///< of[0] is the key, of[1] the value
  record,    ///< a map with known fields: a JSON object with a schema
  type,      ///< of[0] is the type it denotes
  optional,  ///< of[0], or nothing
  nullable,  ///< of[0], or null
  abstract,  ///< `name` with parameters `of`: net.IP
  parameter,
};

struct Type;
/// Never null. Types are immutable and shared.
using TypePtr = std::shared_ptr<const Type>;

struct Field {
  std::string name;
  TypePtr type;
  bool required = false;
};

struct Type {
  TypeKind kind = TypeKind::dyn;
  std::string name;               ///< of abstract and parameter
  std::size_t variable = 0;       ///< parameter: its number while checking, 0 in a signature
  std::vector<TypePtr> of;        ///< see TypeKind
  std::vector<Field> fields;      ///< record
  bool closed = false;            ///< record: it has no other fields
  std::vector<std::string> only;  ///< when not empty, the values there are, as `choice_text`
  /// Bytes of text, elements of a list, entries of a map at most; nullopt: not known.
  std::optional<std::uint64_t> max_size;

  const Field* find_field(std::string_view field) const;
};

/// A type without parts.
TypePtr simple(TypeKind kind);
inline TypePtr dyn() {
  return simple(TypeKind::dyn);
}
/// list, type, optional, nullable of one type.
TypePtr composed(TypeKind kind, TypePtr of);
TypePtr map_of(TypePtr key, TypePtr value);
TypePtr make(Type type);

bool is_number(const Type& type);
/// Without `nullable` around it.
const TypePtr& not_null(const TypePtr& type);

/// As messages and the specification write it: "list(int)", "map(string, dyn)",
/// "optional_type(A)"; a record is "object".
std::string to_string(const Type& type);

/// The inverse, for signatures and declarations; a single capital letter is a parameter,
/// `wrapper(T)` is nullable. nullopt when it is no type.
std::optional<TypePtr> parse_type(std::string_view text);

/// One spelling for equal values: numbers without their type, text in quotes. Scalars only.
std::string choice_text(const Value& value);

}  // namespace preloop::cel

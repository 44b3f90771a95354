#pragma once
#include "core/json.h"
#include "core/result.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::schema {

/// The rules a schema is read by, chosen by its `$schema`. Draft-06 differs from draft-07 only by
/// keywords it lacks and is read as draft-07.
enum class Dialect : std::uint8_t {
  draft_07,
  draft_2020_12,  ///< also when there is no `$schema`
};

/// Bounds on a schema and on the work one validation may cost. All of them are counts, never time,
/// so the same schema and arguments always get the same answer.
struct CompileLimits {
  std::size_t max_values = 50'000;  ///< JSON values in the schema document
  std::size_t max_depth = 64;       ///< nesting of the schema document
  std::size_t max_subschemas = 10'000;
  std::size_t max_patterns = 100;             ///< distinct regular expressions
  std::size_t max_pattern_bytes = 4096;       ///< of one expression
  std::size_t max_pattern_memory = 64 << 20;  ///< of all, compiled and while matching
  std::size_t max_steps = 5'000'000;          ///< of one validation; about one a keyword a value
  std::size_t max_recursion = 400;            ///< subschemas open at once in one validation
  std::size_t max_problems = 8;               ///< reported for one instance
};

/// One reason why an instance is not valid, worded for the agent that sent it. Holds nothing of the
/// instance but its member names, JSON types and sizes, so it may be logged.
struct Problem {
  std::string instance_path;  ///< JSON pointer, "" for the whole instance
  std::string schema_path;    ///< JSON pointer of the keyword, for instance "/properties/n/type"
  std::string message;        ///< for instance "expected integer, got string"
  bool operator==(const Problem&) const = default;
};

/// `undecided` is not `invalid`: the limits were reached before an answer was. Both refuse.
enum class Outcome : std::uint8_t { valid, invalid, undecided };

struct Validation {
  Outcome outcome = Outcome::undecided;
  /// Empty when valid; the first `max_problems` when invalid; one that names the limit otherwise.
  std::vector<Problem> problems;

  bool valid() const { return outcome == Outcome::valid; }
};

/// Success, invalid_argument (invalid) or resource_exhausted (undecided) with the problems as
/// details. `what` names the instance, for instance "arguments".
core::Status to_status(const Validation& validation, std::string_view what);

/// A schema document that references may lead to, by the URI it is said to come from. Nothing is
/// ever fetched; who has documents at hand passes them in.
struct KnownDocument {
  std::string_view uri;  ///< absolute, without fragment
  std::string_view text;
};

struct Compiled;

/// A compiled JSON Schema. Immutable and cheap to copy; any number of threads may validate with it
/// at once.
///
/// Sources: draft-bhutton-json-schema-01 and -validation-01 (2020-12),
/// draft-handrews-json-schema-01 and -validation-01 (draft-07). `format` and the content keywords
/// are annotations; unknown keywords are ignored. `pattern` is ECMA-262 with the `u` flag as far as
/// linear time allows (no look-around, no back-references).
class Schema {
 public:
  /// Copies what it needs of `schema`. Only what can be reached from the root is compiled. Errors:
  ///  - invalid_argument: a keyword has a value it cannot have, a `$ref` inside the document leads
  ///    nowhere or only back to itself, a pattern is not one;
  ///  - unimplemented: an unknown `$schema`, a `$ref` that leaves the document and leads to none of
  ///    `documents` (never fetched; the two meta-schemas are built in), a pattern that needs
  ///    look-around or back-references;
  ///  - resource_exhausted: a limit.
  /// The message says where (JSON pointer) and the details repeat it.
  static core::Result<Schema> compile(core::Json schema,
                                      const CompileLimits& limits = {},
                                      std::span<const KnownDocument> documents = {});

  /// Checks `instance` in one pass; does not allocate for valid instances, except for arrays of
  /// more than 16 elements under `uniqueItems`, for arrays and objects under `enum` and `const`,
  /// and for more than 256 members or elements under the `unevaluated` keywords. An invalid one is
  /// walked a second time to word the problems. The schema's own recursion is bounded whatever the
  /// instance.
  Validation validate(core::Json instance) const;

  Dialect dialect() const;

 private:
  explicit Schema(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace preloop::schema

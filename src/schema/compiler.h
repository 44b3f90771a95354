#pragma once
#include "core/json.h"
#include "core/result.h"
#include "schema/keyword.h"
#include "schema/pattern.h"
#include "schema/registry.h"
#include "schema/run.h"
#include "schema/schema.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace preloop::schema {

/// What a Schema shares: the graph, and everything it points into.
struct Compiled {
  CompileLimits limits;
  Dialect dialect = Dialect::draft_2020_12;
  const Subschema* root = nullptr;
  std::deque<Subschema> subschemas;
  std::deque<std::vector<Run::DynamicAnchor>> dynamic_anchors;
  std::vector<std::unique_ptr<const Pattern>> patterns;
  Registry::Storage storage;
};

/// Turns schema objects into subschemas, only those that can be reached. Works from a queue, so a
/// long chain of references costs no stack.
class Compiler {
 public:
  Compiler(Compiled& out, Registry& registry) : out_(out), registry_(registry) {}

  /// Compiles everything reachable from `root` into `out`.
  core::Status run(core::Json root);

  // For the keyword families.

  /// The subschema of `schema`, which is part of the one being compiled at `keyword`.
  core::Result<const Subschema*> child(const Subschema& owner,
                                       std::string_view keyword,
                                       core::Json schema);
  /// The same, for one that is applied to the same instance as `owner`.
  core::Result<const Subschema*> in_place(Subschema& owner,
                                          std::string_view keyword,
                                          core::Json schema);
  /// The subschema a reference names; `dynamic` as in Registry::resolve.
  core::Result<const Subschema*> target(const Subschema& owner,
                                        std::string_view keyword,
                                        core::Json reference,
                                        std::string& dynamic);
  /// Every resource's anchor of that name, complete when `run` returns.
  const std::vector<Run::DynamicAnchor>* dynamic_anchors(const std::string& name);
  core::Result<const Pattern*> pattern(const Subschema& owner,
                                       std::string_view keyword,
                                       std::string_view text);
  Dialect dialect(const Subschema& owner) const {
    return registry_.resources()[owner.resource].dialect;
  }

 private:
  const Subschema* enqueue(core::Json schema);
  core::Status compile(core::Json schema, Subschema& out);
  core::Status drain();
  core::Status find_loops() const;

  Compiled& out_;
  Registry& registry_;
  std::unordered_map<const core::JsonNode*, Subschema*> known_;
  std::deque<std::pair<core::Json, Subschema*>> queue_;
  std::unordered_map<std::string, std::vector<Run::DynamicAnchor>*> dynamic_;
  std::unordered_map<std::string, const Pattern*> patterns_;
  std::size_t pattern_memory_ = 0;
};

// Keyword families: each adds its keywords of `json`, an object, to `out`.

core::Status add_value_keywords(Compiler& compiler, core::Json json, Subschema& out);
core::Status add_number_keywords(Compiler& compiler, core::Json json, Subschema& out);
core::Status add_string_keywords(Compiler& compiler, core::Json json, Subschema& out);
core::Status add_object_keywords(Compiler& compiler, core::Json json, Subschema& out);
core::Status add_property_keywords(Compiler& compiler, core::Json json, Subschema& out);
core::Status add_array_keywords(Compiler& compiler, core::Json json, Subschema& out);
core::Status add_item_keywords(Compiler& compiler, core::Json json, Subschema& out);
core::Status add_logic_keywords(Compiler& compiler, core::Json json, Subschema& out);
core::Status add_reference_keywords(Compiler& compiler, core::Json json, Subschema& out);
core::Status add_unevaluated_keywords(Compiler& compiler, core::Json json, Subschema& out);

/// Reads a keyword that must be a whole number of at least 0 (3.0 is one); nullopt without it.
core::Result<std::optional<std::uint64_t>> read_count(core::Json json,
                                                      const Subschema& owner,
                                                      std::string_view keyword);
/// Reads an array of strings; views into the document.
core::Result<std::vector<std::string_view>> read_names(core::Json names,
                                                       const Subschema& owner,
                                                       std::string_view keyword);
/// "integer", "string", … for messages: what an instance is.
std::string_view type_name(core::Json value);
/// "string or null", "integer, string or null".
std::string type_names(TypeSet types);
/// `name` as a message quotes it: printable and bounded.
std::string quoted(std::string_view name);

}  // namespace preloop::schema

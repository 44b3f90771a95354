#pragma once
#include "core/json.h"
#include "core/result.h"
#include "schema/keyword.h"
#include "schema/schema.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace preloop::schema {

/// A schema that has an identity of its own: a document's root, or a subschema with `$id`.
struct Resource {
  std::string uri;  ///< without fragment; "" for a root without `$id`
  core::Json root;
  Dialect dialect = Dialect::draft_2020_12;
  bool ambiguous = false;  ///< another, different schema claims the same URI
  struct Anchor {
    core::Json schema;
    bool dynamic = false;
  };
  std::map<std::string, Anchor, std::less<>> anchors;
};

/// Where a schema object stands.
struct Site {
  std::uint32_t resource = 0;
  const Location* location = nullptr;
};

/// Knows every schema of the documents added to it by URI, anchor and JSON pointer, and resolves
/// references among them. Never fetches anything: a reference that leads outside is an error,
/// except to the two meta-schemas. Used while compiling, by one thread.
class Registry {
 public:
  /// Both must outlive it.
  Registry(const CompileLimits& limits, std::span<const KnownDocument> documents);

  /// Takes a document that was retrieved from `uri` and finds its identifiers.
  core::Status add(core::JsonDocument document, std::string_view uri);

  /// The schema that `reference` names when it is written in `resource`. `dynamic` is set to the
  /// anchor's name when it was found by a `$dynamicAnchor`.
  core::Result<core::Json> resolve(std::uint32_t resource,
                                   std::string_view reference,
                                   std::string& dynamic);

  /// Only of schemas that `add` has seen or `resolve` has returned.
  const Site& site(core::Json schema) const { return sites_.at(schema.node()); }
  bool knows(core::Json schema) const { return sites_.contains(schema.node()); }
  const std::vector<Resource>& resources() const { return resources_; }
  const Location* extend(const Location* up, std::string_view key);
  const Location* extend(const Location* up, std::size_t index);

  /// What the compiled schema points into, and which must live as long as it.
  struct Storage {
    std::deque<core::JsonDocument> documents;
    std::deque<Location> locations;
  };
  Storage take_storage() { return std::move(storage_); }

 private:
  core::Status scan(core::Json schema, std::uint32_t resource, const Location* location);
  core::Status scan_keyword(const core::JsonMember& member,
                            std::uint32_t resource,
                            const Location* location);
  core::Result<std::uint32_t> identify(core::Json schema,
                                       std::uint32_t resource,
                                       const Location* location);
  core::Status add_anchor(std::uint32_t resource,
                          core::Json name,
                          core::Json schema,
                          bool dynamic,
                          const Location* location);
  core::Result<core::Json> follow_pointer(std::uint32_t resource, std::string_view pointer);
  const core::JsonMember* find_member(core::Json object, std::string_view name);

  using Index = std::map<std::string_view, const core::JsonMember*>;

  /// The text of a document that is at hand: given, or a meta-schema.
  std::optional<std::string_view> known_text(std::string_view uri) const;

  const CompileLimits& limits_;
  std::span<const KnownDocument> documents_;
  std::unordered_map<const core::JsonNode*, Index> indexes_;  ///< of large objects
  std::vector<Resource> resources_;
  std::map<std::string, std::uint32_t, std::less<>> by_uri_;
  std::unordered_map<const core::JsonNode*, Site> sites_;
  Storage storage_;
};

/// The dialect a `$schema` names; unimplemented when it is not one of ours.
core::Result<Dialect> dialect_of(std::string_view uri);
/// The text of the built-in meta-schema of that URI, or nothing.
std::optional<std::string_view> find_meta_schema(std::string_view uri);

/// An error about a place in the schema, with the place in message and details.
std::unexpected<core::Error> schema_error(core::Code code,
                                          const Location* location,
                                          std::string_view keyword,
                                          std::string_view message);

}  // namespace preloop::schema

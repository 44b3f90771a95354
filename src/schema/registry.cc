#include "schema/registry.h"

#include "core/text.h"
#include "schema/uri.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace preloop::schema {
namespace {

using core::Code;
using core::Json;
using core::JsonMember;
using core::JsonNode;
using core::Result;
using core::Status;

/// Resolving copies the base URI for every reference.
constexpr std::size_t k_max_uri = 2048;
constexpr std::size_t k_large_object = 16;

enum class Holds { schema, schemas, schema_or_schemas, members };

/// Where subschemas are, in all dialects. Identifiers are looked for nowhere else: an `$id` inside
/// `enum` or an unknown keyword is data.
constexpr std::array<std::pair<std::string_view, Holds>, 21> k_applicators{{
    {"$defs", Holds::members},
    {"definitions", Holds::members},
    {"properties", Holds::members},
    {"patternProperties", Holds::members},
    {"dependentSchemas", Holds::members},
    {"dependencies", Holds::members},
    {"allOf", Holds::schemas},
    {"anyOf", Holds::schemas},
    {"oneOf", Holds::schemas},
    {"prefixItems", Holds::schemas},
    {"items", Holds::schema_or_schemas},
    {"additionalItems", Holds::schema},
    {"additionalProperties", Holds::schema},
    {"propertyNames", Holds::schema},
    {"contains", Holds::schema},
    {"not", Holds::schema},
    {"if", Holds::schema},
    {"then", Holds::schema},
    {"else", Holds::schema},
    {"unevaluatedItems", Holds::schema},
    {"unevaluatedProperties", Holds::schema},
}};

bool is_schema(Json value) {
  return value.is_object() || value.is(core::JsonKind::boolean);
}

std::pair<std::string_view, std::string_view> split_fragment(std::string_view uri) {
  const auto hash = uri.find('#');
  return hash == uri.npos ? std::pair(uri, std::string_view())
                          : std::pair(uri.substr(0, hash), uri.substr(hash + 1));
}

std::string unescape_token(std::string_view token) {
  std::string out;
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token[i] == '~' && i + 1 < token.size() && (token[i + 1] == '0' || token[i + 1] == '1')) {
      out += token[++i] == '0' ? '~' : '/';
    } else {
      out += token[i];
    }
  }
  return out;
}

std::string quoted(std::string_view text) {
  return '"' + core::printable(text, 200) + '"';
}

}  // namespace

std::unexpected<core::Error> schema_error(Code code,
                                          const Location* location,
                                          std::string_view keyword,
                                          std::string_view message) {
  std::string path = render(location);
  if (!keyword.empty()) {
    append_token(path, keyword);
  }
  return core::fail(
      code,
      fmt::format(
          "the schema cannot be used: {}: {}", path.empty() ? "at its root" : path, message),
      {{path, std::string(message)}});
}

Registry::Registry(const CompileLimits& limits, std::span<const KnownDocument> documents)
    : limits_(limits), documents_(documents) {}

const Location* Registry::extend(const Location* up, std::string_view key) {
  return &storage_.locations.emplace_back(Location{up, key, Location::k_not_an_index});
}
const Location* Registry::extend(const Location* up, std::size_t index) {
  return &storage_.locations.emplace_back(Location{up, {}, index});
}

Status Registry::add(core::JsonDocument owned, std::string_view uri) {
  const Json document = storage_.documents.emplace_back(std::move(owned)).root();
  const Location* const root = &storage_.locations.emplace_back();
  Resource resource{.uri = std::string(uri), .root = document};
  const Json declared = document.find("$schema");
  if (declared.exists()) {
    if (!declared.is_string()) {
      return schema_error(Code::invalid_argument, root, "$schema", "must be a string");
    }
    auto dialect = dialect_of(*declared.as_string());
    if (!dialect) {
      return schema_error(dialect.error().code, root, "$schema", dialect.error().message);
    }
    resource.dialect = *dialect;
  }
  by_uri_.try_emplace(resource.uri, resources_.size());
  resources_.push_back(std::move(resource));
  return scan(document, static_cast<std::uint32_t>(resources_.size() - 1), root);
}

/// Depth is bounded by the document's.
Status Registry::scan(Json schema, std::uint32_t resource, const Location* location) {
  if (!is_schema(schema) || sites_.contains(schema.node())) {
    return {};
  }
  if (sites_.size() >= limits_.max_subschemas) {
    return schema_error(Code::resource_exhausted,
                        location,
                        {},
                        fmt::format("more than {} subschemas", limits_.max_subschemas));
  }
  PRELOOP_TRY(resource, identify(schema, resource, location));
  sites_.emplace(schema.node(), Site{resource, location});
  for (const JsonMember& member : schema.members()) {
    PRELOOP_CHECK(scan_keyword(member, resource, location));
  }
  return {};
}

Status Registry::scan_keyword(const JsonMember& member,
                              std::uint32_t resource,
                              const Location* location) {
  const auto known =
      std::ranges::find(k_applicators, member.key, &std::pair<std::string_view, Holds>::first);
  if (known == k_applicators.end()) {
    return {};
  }
  const Json value = member.value();
  if (!value.is_object() && !value.is_array() && !is_schema(value)) {
    return {};
  }
  const Location* const here = extend(location, member.key);
  if (known->second == Holds::members) {
    for (const JsonMember& entry : value.members()) {
      PRELOOP_CHECK(scan(entry.value(), resource, extend(here, entry.key)));
    }
    return {};
  }
  if (known->second == Holds::schema || !value.is_array()) {
    return known->second == Holds::schemas ? Status() : scan(value, resource, here);
  }
  for (std::size_t i = 0; i < value.size(); ++i) {
    PRELOOP_CHECK(scan(value.at(i), resource, extend(here, i)));
  }
  return {};
}

/// The resource that `schema` belongs to: a new one when it has an `$id`.
Result<std::uint32_t> Registry::identify(Json schema,
                                         std::uint32_t resource,
                                         const Location* location) {
  const bool draft_07 = resources_[resource].dialect == Dialect::draft_07;
  if (draft_07 && schema.find("$ref").exists()) {
    return resource;  // siblings of $ref are ignored, `$id` too
  }
  const Json id = schema.find("$id");
  if (id.exists()) {
    if (!id.is_string() || id.as_string()->size() > k_max_uri) {
      return schema_error(
          Code::invalid_argument, location, "$id", "must be a string of reasonable length");
    }
    const std::string resolved = resolve_uri(resources_[resource].uri, *id.as_string());
    const auto [uri, fragment] = split_fragment(resolved);
    if (!fragment.empty() && !draft_07) {
      return schema_error(
          Code::invalid_argument, location, "$id", "must not have a fragment; use $anchor");
    }
    if (uri != resources_[resource].uri) {
      if (location->up == nullptr) {
        by_uri_.erase(resources_[resource].uri);
        resources_[resource].uri = std::string(uri);
        by_uri_.emplace(uri, resource);
      } else {
        Resource own{
            .uri = std::string(uri), .root = schema, .dialect = resources_[resource].dialect};
        if (const auto declared = schema.find("$schema").as_string()) {
          auto dialect = dialect_of(*declared);
          if (!dialect) {
            return schema_error(dialect.error().code, location, "$schema", dialect.error().message);
          }
          own.dialect = *dialect;
        }
        resource = static_cast<std::uint32_t>(resources_.size());
        const auto [claimed, fresh] = by_uri_.try_emplace(own.uri, resource);
        if (!fresh && !core::json_equal(resources_[claimed->second].root, schema)) {
          resources_[claimed->second].ambiguous = true;
        }
        resources_.push_back(std::move(own));
      }
    }
    if (!fragment.empty()) {
      resources_[resource].anchors.try_emplace(std::string(fragment),
                                               Resource::Anchor{schema, false});
    }
  }
  if (resources_[resource].dialect == Dialect::draft_2020_12) {
    PRELOOP_CHECK(add_anchor(resource, schema.find("$anchor"), schema, false, location));
    PRELOOP_CHECK(add_anchor(resource, schema.find("$dynamicAnchor"), schema, true, location));
  }
  return resource;
}

Status Registry::add_anchor(
    std::uint32_t resource, Json name, Json schema, bool dynamic, const Location* location) {
  if (!name.exists()) {
    return {};
  }
  const std::string_view keyword = dynamic ? "$dynamicAnchor" : "$anchor";
  if (!name.is_string() || name.as_string()->empty()) {
    return schema_error(Code::invalid_argument, location, keyword, "must be a name");
  }
  const auto [entry, fresh] = resources_[resource].anchors.try_emplace(
      std::string(*name.as_string()), Resource::Anchor{schema, dynamic});
  if (!fresh && entry->second.schema.node() != schema.node()) {
    return schema_error(Code::invalid_argument,
                        location,
                        keyword,
                        fmt::format("{} is already another schema's", quoted(*name.as_string())));
  }
  entry->second.dynamic |= dynamic;
  return {};
}

std::optional<std::string_view> Registry::known_text(std::string_view uri) const {
  const auto given = std::ranges::find(documents_, uri, &KnownDocument::uri);
  return given != documents_.end() ? std::optional(given->text) : find_meta_schema(uri);
}

Result<Json> Registry::resolve(std::uint32_t from,
                               std::string_view reference,
                               std::string& dynamic) {
  if (reference.size() > k_max_uri) {
    return core::fail(Code::invalid_argument, "is too long for a reference");
  }
  const std::string resolved = resolve_uri(resources_[from].uri, reference);
  const auto [uri, raw_fragment] = split_fragment(resolved);
  auto found = by_uri_.find(uri);
  if (found == by_uri_.end()) {
    const auto text = known_text(uri);
    if (!text) {
      return core::fail(Code::unimplemented,
                        fmt::format("{} leads outside the schema, and references are never fetched",
                                    quoted(reference)));
    }
    PRELOOP_TRY(auto document, core::JsonDocument::parse(std::string(*text)));
    PRELOOP_CHECK(add(std::move(document), uri));
    found = by_uri_.find(uri);
  }
  const std::uint32_t resource = found->second;
  if (resources_[resource].ambiguous) {
    return core::fail(Code::invalid_argument,
                      fmt::format("{} is the $id of two different schemas", quoted(uri)));
  }
  const std::string fragment = percent_decode(raw_fragment);
  if (fragment.empty()) {
    return resources_[resource].root;
  }
  if (fragment.starts_with('/')) {
    auto target = follow_pointer(resource, fragment);
    return target ? target
                  : core::fail(target.error().code,
                               fmt::format("{}: {}", quoted(reference), target.error().message));
  }
  const auto& anchors = resources_[resource].anchors;
  const auto anchor = anchors.find(fragment);
  if (anchor == anchors.end()) {
    return core::fail(Code::invalid_argument, fmt::format("{} does not exist", quoted(reference)));
  }
  if (anchor->second.dynamic) {
    dynamic = fragment;
  }
  return anchor->second.schema;
}

/// Thousands of references through one huge `$defs` must not be quadratic.
const JsonMember* Registry::find_member(Json object, std::string_view name) {
  if (object.size() <= k_large_object) {
    const auto member = std::ranges::find(object.members(), name, &JsonMember::key);
    return member != object.members().end() ? &*member : nullptr;
  }
  const auto [entry, fresh] = indexes_.try_emplace(object.node());
  if (fresh) {
    for (const JsonMember& member : object.members()) {
      entry->second.emplace(member.key, &member);
    }
  }
  const auto found = entry->second.find(name);
  return found != entry->second.end() ? found->second : nullptr;
}

/// RFC 6901.
Result<Json> Registry::follow_pointer(std::uint32_t resource, std::string_view pointer) {
  Json value = resources_[resource].root;
  const Location* location = site(value).location;
  while (!pointer.empty()) {
    const auto end = pointer.find('/', 1);
    const std::string token =
        unescape_token(pointer.substr(1, end == pointer.npos ? end : end - 1));
    pointer = end == pointer.npos ? std::string_view() : pointer.substr(end);
    if (value.is_array()) {
      std::size_t index = 0;
      const auto parsed = std::from_chars(token.data(), token.data() + token.size(), index);
      const bool canonical = parsed.ec == std::errc() &&
                             parsed.ptr == token.data() + token.size() &&
                             (token.size() == 1 || token[0] != '0');
      value = canonical ? value.at(index) : Json();
      location = extend(location, index);
    } else {
      const JsonMember* const member = find_member(value, token);
      value = member != nullptr ? member->value() : Json();
      location = extend(location, member != nullptr ? member->key : std::string_view());
    }
    if (!value.exists()) {
      return core::fail(Code::invalid_argument, "does not exist");
    }
    if (const auto known = sites_.find(value.node()); known != sites_.end()) {
      resource = known->second.resource;
      location = known->second.location;
    }
  }
  if (!is_schema(value)) {
    return core::fail(Code::invalid_argument, "is not a schema");
  }
  // A schema under a keyword that is not known here, for instance "#/components/schemas/…".
  PRELOOP_CHECK(scan(value, resource, location));
  return value;
}

}  // namespace preloop::schema

#include "cel/schema_type.h"

#include <algorithm>
#include <charconv>
#include <map>

namespace preloop::cel {
namespace {

using core::Json;

constexpr std::size_t k_max_depth = 32;
constexpr std::size_t k_max_schemas = 5'000;
/// Bytes of UTF-8 a code point takes at most; maxLength counts code points.
constexpr std::uint64_t k_bytes_per_character = 4;

/// `a~1b` is the member "a/b" (RFC 6901).
std::string unescape_pointer(std::string_view part) {
  std::string out;
  for (std::size_t i = 0; i < part.size(); ++i) {
    const bool escape = part[i] == '~' && i + 1 < part.size();
    out += !escape ? part[i] : part[i + 1] == '1' ? '/' : '~';
    i += escape ? 1 : 0;
  }
  return out;
}

std::optional<std::uint64_t> count(Json schema, std::string_view keyword) {
  return schema[keyword].as_uint();
}

/// What a reference to one schema may lead to is looked at once.
class Reader {
 public:
  explicit Reader(Json root) : root_(root) {}

  TypePtr read(Json schema) {
    if (!schema.is_object() || depth_ >= k_max_depth || ++schemas_ > k_max_schemas) {
      return dyn();
    }
    if (const auto known = known_.find(schema.node()); known != known_.end()) {
      // Null: it is being read further up, so it contains itself.
      return known->second != nullptr ? known->second : dyn();
    }
    known_.emplace(schema.node(), nullptr);
    ++depth_;
    TypePtr out = type_of(schema);
    --depth_;
    known_[schema.node()] = out;
    return out;
  }

  TypePtr object(Json schema) {
    Type record{.kind = TypeKind::record};
    for (const core::JsonMember& member : schema["properties"].members()) {
      record.fields.push_back({std::string(member.key), read(member.value()), false});
    }
    for (const core::JsonNode& node : schema["required"].elements()) {
      require(record, Json(&node).as_string().value_or(""));
    }
    const Json more = schema["additionalProperties"];
    const bool has_patterns = schema["patternProperties"].size() > 0;
    record.max_size = count(schema, "maxProperties");
    if (!record.fields.empty()) {
      record.closed = more.as_bool() == false && !has_patterns;
      return make(std::move(record));
    }
    const bool is_empty = more.as_bool() == false && !has_patterns;
    if (is_empty) {
      record.closed = true;
      return make(std::move(record));
    }
    Type map = *map_of(simple(TypeKind::string), has_patterns ? dyn() : read(more));
    map.max_size = record.max_size;
    return make(std::move(map));
  }

 private:
  static void require(Type& record, std::string_view name) {
    const auto found = std::ranges::find(record.fields, name, &Field::name);
    if (found != record.fields.end()) {
      found->required = true;
    } else {
      record.fields.push_back({std::string(name), dyn(), true});
    }
  }

  /// The schema a `$ref` within the document leads to; absent for any other.
  Json follow(std::string_view reference) const {
    if (!reference.starts_with('#')) {
      return {};
    }
    Json at = root_;
    std::string_view rest = reference.substr(1);
    while (rest.starts_with('/')) {
      rest.remove_prefix(1);
      const std::string_view part = rest.substr(0, rest.find('/'));
      rest.remove_prefix(part.size());
      const std::string name = unescape_pointer(part);
      std::size_t index = 0;
      const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), index);
      const bool is_index = problem == std::errc() && end == name.data() + name.size();
      at = at.is_array() && is_index ? at.at(index) : at.find(name);
    }
    // A schema with an identity of its own starts a new document for references inside of it.
    return rest.empty() ? at : Json();
  }

  TypePtr type_of(Json schema) {
    if (schema.node() != root_.node() && schema["$id"].exists()) {
      return dyn();
    }
    // In draft-07 nothing beside a reference counts, so nothing beside it may be relied on.
    if (const auto reference = schema["$ref"].as_string()) {
      return read(follow(*reference));
    }
    TypePtr out = declared(schema);
    if (out->kind == TypeKind::dyn) {
      for (const std::string_view keyword : {"anyOf", "oneOf"}) {
        if (const Json branches = schema[keyword]; branches.is_array()) {
          out = any_of(branches);
        }
      }
    }
    if (out->kind == TypeKind::dyn) {
      for (const core::JsonNode& part : schema["allOf"].elements()) {
        const TypePtr one = read(Json(&part));
        out = out->kind == TypeKind::dyn ? one : out;
      }
    }
    return out;
  }

  /// By `type`, and by `enum` and `const`.
  TypePtr declared(Json schema) {
    const Json type = schema["type"];
    TypePtr out = dyn();
    if (const auto name = type.as_string()) {
      out = named(schema, *name);
    } else if (type.is_array()) {
      out = union_of(type, [&](Json name) { return named(schema, name.as_string().value_or("")); });
    }
    const Json choices = schema["enum"];
    return choices.is_array()         ? with_choices(out, choices.elements())
           : schema["const"].exists() ? with_choices(out, {schema["const"].node(), 1})
                                      : out;
  }

  TypePtr named(Json schema, std::string_view name) {
    if (name == "object") {
      return object(schema);
    }
    if (name == "array") {
      return array(schema);
    }
    if (name == "string") {
      Type text{.kind = TypeKind::string};
      if (const auto length = count(schema, "maxLength");
          length && *length < ~std::uint64_t{0} / k_bytes_per_character) {
        text.max_size = *length * k_bytes_per_character;
      }
      return text.max_size ? make(std::move(text)) : simple(TypeKind::string);
    }
    return name == "integer"   ? simple(TypeKind::int_)
           : name == "number"  ? simple(TypeKind::json_number)
           : name == "boolean" ? simple(TypeKind::bool_)
           : name == "null"    ? simple(TypeKind::null_type)
                               : dyn();
  }

  TypePtr array(Json schema) {
    const Json items = schema["items"];
    const bool is_uniform = !schema["prefixItems"].exists() && !items.is_array();
    Type list = *composed(TypeKind::list, is_uniform ? read(items) : dyn());
    list.max_size = count(schema, "maxItems");
    return make(std::move(list));
  }

  TypePtr any_of(Json branches) {
    return union_of(branches, [this](Json branch) { return read(branch); });
  }

  /// One type for several, null apart; dyn when they differ.
  template <class TypeOf>
  TypePtr union_of(Json parts, TypeOf&& type_of_part) {
    TypePtr out;
    bool has_null = false;
    for (const core::JsonNode& node : parts.elements()) {
      TypePtr one = type_of_part(Json(&node));
      has_null = has_null || one->kind == TypeKind::null_type || one->kind == TypeKind::nullable;
      if (one->kind == TypeKind::null_type) {
        continue;
      }
      one = not_null(one);
      out = out == nullptr ? one : merge(out, one);
    }
    if (out == nullptr) {
      return has_null ? simple(TypeKind::null_type) : dyn();
    }
    return has_null && out->kind != TypeKind::dyn ? composed(TypeKind::nullable, out) : out;
  }

  static TypePtr merge(const TypePtr& a, const TypePtr& b) {
    const auto is_json_number = [](const Type& type) {
      return type.kind == TypeKind::int_ || type.kind == TypeKind::json_number;
    };
    if (a->kind != b->kind && is_json_number(*a) && is_json_number(*b)) {
      return simple(TypeKind::json_number);
    }
    if (a->kind != b->kind || !a->of.empty() || a->kind == TypeKind::record) {
      return dyn();
    }
    Type out{.kind = a->kind};
    if (!a->only.empty() && !b->only.empty()) {
      out.only = a->only;
      out.only.insert(out.only.end(), b->only.begin(), b->only.end());
    }
    if (a->max_size && b->max_size) {
      out.max_size = std::max(*a->max_size, *b->max_size);
    }
    return make(std::move(out));
  }

  /// Narrows `type` to the values of an enum; without a `type` they say it themselves.
  static TypePtr with_choices(const TypePtr& type, std::span<const core::JsonNode> values) {
    Type out;
    bool has_null = false;
    TypePtr base;
    for (const core::JsonNode& node : values) {
      const Value value = Value::of_json(Json(&node));
      if (value.is(Kind::null_type)) {
        has_null = true;
        continue;
      }
      const TypePtr one = type_of_value(value);
      if (one->kind == TypeKind::dyn) {
        return type;
      }
      base = base == nullptr || base->kind == one->kind ? one : merge(base, one);
      out.only.push_back(choice_text(value));
    }
    if (base == nullptr || base->kind == TypeKind::dyn) {
      return base == nullptr && type->kind == TypeKind::dyn && has_null
                 ? simple(TypeKind::null_type)
                 : type;
    }
    const TypePtr& declared = not_null(type);
    if (declared->kind != TypeKind::dyn && declared->kind != base->kind &&
        declared->kind != TypeKind::json_number) {
      return type;
    }
    out.kind = declared->kind == TypeKind::dyn ? base->kind : declared->kind;
    out.max_size = declared->max_size;
    const bool nullable =
        type->kind == TypeKind::nullable || (type->kind == TypeKind::dyn && has_null);
    TypePtr narrowed = make(std::move(out));
    return nullable ? composed(TypeKind::nullable, std::move(narrowed)) : narrowed;
  }

  static TypePtr type_of_value(const Value& value) {
    switch (value.kind()) {
      case Kind::string:
        return simple(TypeKind::string);
      case Kind::bool_:
        return simple(TypeKind::bool_);
      case Kind::int_:
        return simple(TypeKind::int_);
      case Kind::double_:
        return simple(TypeKind::json_number);
      default:
        return dyn();
    }
  }

  Json root_;
  std::map<const core::JsonNode*, TypePtr> known_;
  std::size_t depth_ = 0;
  std::size_t schemas_ = 0;
};

}  // namespace

TypePtr type_of_schema(Json schema) {
  return Reader(schema).read(schema);
}

TypePtr type_of_arguments(Json input_schema) {
  Reader reader(input_schema);
  const TypePtr out = reader.read(input_schema);
  return out->kind == TypeKind::record || out->kind == TypeKind::map ? out
         : input_schema["properties"].exists()                       ? reader.object(input_schema)
                                               : map_of(simple(TypeKind::string), dyn());
}

}  // namespace preloop::cel

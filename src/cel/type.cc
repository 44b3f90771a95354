#include "cel/type.h"

#include "core/json_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace preloop::cel {
namespace {

struct Name {
  std::string_view text;
  TypeKind kind;
};
constexpr std::array k_simple = {
    Name{"dyn", TypeKind::dyn},
    Name{"null_type", TypeKind::null_type},
    Name{"bool", TypeKind::bool_},
    Name{"int", TypeKind::int_},
    Name{"uint", TypeKind::uint_},
    Name{"double", TypeKind::double_},
    Name{"number", TypeKind::number},
    Name{"string", TypeKind::string},
    Name{"bytes", TypeKind::bytes},
    Name{"timestamp", TypeKind::timestamp},
    Name{"duration", TypeKind::duration},
    Name{"google.protobuf.Timestamp", TypeKind::timestamp},
    Name{"google.protobuf.Duration", TypeKind::duration},
};
constexpr std::array k_composed = {
    Name{"list", TypeKind::list},
    Name{"type", TypeKind::type},
    Name{"optional_type", TypeKind::optional},
    Name{"wrapper", TypeKind::nullable},
};

std::string_view name_of(TypeKind kind) {
  for (const Name& name : k_simple) {
    if (name.kind == kind) {
      return name.text;
    }
  }
  for (const Name& name : k_composed) {
    if (name.kind == kind) {
      return name.text;
    }
  }
  return kind == TypeKind::map ? "map" : kind == TypeKind::json_number ? "number" : "object";
}

/// Reads `name` and `name(type, ...)` from the left of a text. Depth is bounded by what is parsed:
/// our signatures, and declarations of tests.
class TypeText {
 public:
  explicit TypeText(std::string_view text) : rest_(text) {}

  std::optional<TypePtr> whole() {
    auto out = type();
    return out && rest_.empty() ? out : std::nullopt;
  }

 private:
  void skip_blanks() {
    while (rest_.starts_with(' ')) {
      rest_.remove_prefix(1);
    }
  }
  bool take(char c) {
    skip_blanks();
    const bool found = rest_.starts_with(c);
    rest_.remove_prefix(found ? 1 : 0);
    skip_blanks();
    return found;
  }

  std::optional<TypePtr> type() {
    skip_blanks();
    const std::size_t end = std::min(rest_.find_first_of("(), "), rest_.size());
    const std::string_view name = rest_.substr(0, end);
    rest_.remove_prefix(end);
    std::vector<TypePtr> of;
    if (take('(')) {
      do {
        auto part = type();
        if (!part) {
          return std::nullopt;
        }
        of.push_back(std::move(*part));
      } while (take(','));
      if (!take(')')) {
        return std::nullopt;
      }
    }
    return name.empty() ? std::nullopt : named(name, std::move(of));
  }

  static std::optional<TypePtr> named(std::string_view name, std::vector<TypePtr> of) {
    if (of.empty()) {
      if (const auto found = std::ranges::find(k_simple, name, &Name::text);
          found != k_simple.end()) {
        return simple(found->kind);
      }
      if (name.size() == 1 && name[0] >= 'A' && name[0] <= 'Z') {
        return make({.kind = TypeKind::parameter, .name = std::string(name)});
      }
    }
    if (const auto found = std::ranges::find(k_composed, name, &Name::text);
        found != k_composed.end()) {
      return of.size() > 1 ? std::nullopt
                           : std::optional(composed(found->kind, of.empty() ? dyn() : of[0]));
    }
    if (name == "map") {
      return of.empty()       ? std::optional(map_of(dyn(), dyn()))
             : of.size() == 2 ? std::optional(map_of(of[0], of[1]))
                              : std::nullopt;
    }
    return make({.kind = TypeKind::abstract, .name = std::string(name), .of = std::move(of)});
  }

  std::string_view rest_;
};

}  // namespace

const Field* Type::find_field(std::string_view field) const {
  const auto found = std::ranges::find(fields, field, &Field::name);
  return found == fields.end() ? nullptr : &*found;
}

TypePtr make(Type type) {
  return std::make_shared<const Type>(std::move(type));
}

TypePtr simple(TypeKind kind) {
  static const auto k_types = [] {
    std::array<TypePtr, static_cast<std::size_t>(TypeKind::parameter) + 1> out;
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = make({.kind = static_cast<TypeKind>(i)});
    }
    return out;
  }();
  return k_types[static_cast<std::size_t>(kind)];
}

TypePtr composed(TypeKind kind, TypePtr of) {
  return make({.kind = kind, .of = {std::move(of)}});
}

TypePtr map_of(TypePtr key, TypePtr value) {
  return make({.kind = TypeKind::map, .of = {std::move(key), std::move(value)}});
}

bool is_number(const Type& type) {
  return type.kind == TypeKind::int_ || type.kind == TypeKind::uint_ ||
         type.kind == TypeKind::double_ || type.kind == TypeKind::number ||
         type.kind == TypeKind::json_number;
}

const TypePtr& not_null(const TypePtr& type) {
  return type->kind == TypeKind::nullable ? type->of[0] : type;
}

std::string to_string(const Type& type) {
  std::string out(type.kind == TypeKind::abstract || type.kind == TypeKind::parameter
                      ? std::string_view(type.name)
                      : name_of(type.kind));
  for (std::size_t i = 0; i < type.of.size(); ++i) {
    out += (i == 0 ? "(" : ", ") + to_string(*type.of[i]);
  }
  return out + (type.of.empty() ? "" : ")");
}

std::optional<TypePtr> parse_type(std::string_view text) {
  return TypeText(text).whole();
}

std::string choice_text(const Value& value) {
  std::string out;
  if (value.is(Kind::double_)) {
    core::write_number(out, value.as_double());
    return out;
  }
  return value.is(Kind::uint_) ? fmt::to_string(value.as_uint()) : to_text(value);
}

}  // namespace preloop::cel

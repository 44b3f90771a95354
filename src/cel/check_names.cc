#include "cel/checker.h"
#include "cel/names.h"

#include <fmt/format.h>

#include <algorithm>

namespace preloop::cel {
namespace {

TypePtr type_of_kind(Kind kind) {
  switch (kind) {
    case Kind::list:
      return composed(TypeKind::list, dyn());
    case Kind::map:
      return map_of(dyn(), dyn());
    case Kind::optional:
      return composed(TypeKind::optional, dyn());
    case Kind::type:
      return composed(TypeKind::type, dyn());
    default:
      return parse_type(to_string(kind)).value_or(dyn());
  }
}

std::string did_you_mean(std::string_view written,
                         std::span<const std::string_view> names,
                         std::string_view prefix = {}) {
  const std::string_view near = nearest_name(written, names);
  return near.empty() ? std::string() : fmt::format("did you mean '{}{}'?", prefix, near);
}

/// How messages name the place a field is read from.
std::string shown(const std::optional<std::string>& path, std::string_view name) {
  return path && !path->starts_with('#') ? fmt::format("{}.{}", *path, name) : std::string(name);
}

}  // namespace

const Checker::Local* Checker::find_local(std::string_view name) const {
  const auto found = std::ranges::find(locals_.rbegin(), locals_.rend(), name, &Local::name);
  return found == locals_.rend() ? nullptr : &*found;
}

std::optional<std::string> Checker::path_of(const Node& node) const {
  if (node.kind == NodeKind::ident) {
    const Local* const local = node.is_root ? nullptr : find_local(node.name);
    return local != nullptr ? local->path : std::string(node.name);
  }
  const Value* const key = literal_key(node);
  if (node.kind != NodeKind::select && key == nullptr) {
    return std::nullopt;
  }
  auto out = path_of(key != nullptr ? *node.args[0] : *node.operand);
  if (out) {
    *out += '.';
    *out += key != nullptr ? key->as_text() : node.name;
  }
  return out;
}

std::optional<TypePtr> Checker::named(const Node& node) {
  const std::vector<std::string> parts = name_chain(node);
  const Node& root = chain_root(node);
  if (parts.empty() || (!root.is_root && find_local(root.name) != nullptr)) {
    return std::nullopt;
  }
  for (const std::string& name :
       name_candidates(join_names(parts), root.is_root ? "" : options_.container)) {
    const auto found = std::ranges::find(options_.variables, name, &Variable::name);
    if (found != options_.variables.end()) {
      return found->type;
    }
    if (const auto kind = kind_named(name)) {
      return composed(TypeKind::type, type_of_kind(*kind));
    }
  }
  return std::nullopt;
}

TypePtr Checker::ident(const Node& node) {
  if (const Local* const local = node.is_root ? nullptr : find_local(node.name)) {
    return local->type;
  }
  if (const auto type = named(node)) {
    return *type;
  }
  std::vector<std::string_view> names;
  std::ranges::transform(options_.variables, std::back_inserter(names), &Variable::name);
  error(node,
        "unknown_variable",
        fmt::format("unknown variable '{}'", node.name),
        did_you_mean(node.name, names));
  return dyn();
}

TypePtr Checker::select(const Node& node) {
  if (!node.is_test && !node.is_optional) {
    if (const auto type = named(node)) {
      return *type;
    }
  }
  visit(*node.operand);
  const TypePtr operand = use(*node.operand);
  if (operand->kind == TypeKind::optional) {
    const TypePtr inner = field(node, operand->of[0], node.name);
    return node.is_test ? simple(TypeKind::bool_) : composed(TypeKind::optional, inner);
  }
  const TypePtr type = field(node, operand, node.name);
  if (node.is_test) {
    return simple(TypeKind::bool_);
  }
  return node.is_optional ? composed(TypeKind::optional, type) : type;
}

TypePtr Checker::field(const Node& node, const TypePtr& operand, std::string_view name) {
  switch (operand->kind) {
    case TypeKind::record:
      return record_field(node, *operand, name);
    case TypeKind::map:
      if (!unifier_.comparable(operand->of[0], simple(TypeKind::string))) {
        error(
            node,
            "type",
            fmt::format("the keys are {}, so there is no '{}'", to_string(*operand->of[0]), name));
      }
      unguarded(node, name);
      return operand->of[1];
    case TypeKind::dyn:
    case TypeKind::parameter:
      return dyn();
    default:
      error(node,
            "type",
            fmt::format("'{}' is read from {}, which has no fields", name, to_string(*operand)));
      return dyn();
  }
}

TypePtr Checker::record_field(const Node& node, const Type& record, std::string_view name) {
  if (const Field* const found = record.find_field(name)) {
    if (!found->required) {
      unguarded(node, name);
    }
    return found->type;
  }
  const auto path = path_of(node.kind == NodeKind::select ? *node.operand : *node.args[0]);
  std::vector<std::string_view> names;
  std::ranges::transform(record.fields, std::back_inserter(names), &Field::name);
  const std::string prefix = path && !path->starts_with('#') ? *path + "." : "";
  std::string hint = did_you_mean(name, names, prefix);
  if (record.closed) {
    if (hint.empty() && !names.empty()) {
      hint = fmt::format("there are: {}", fmt::join(names, ", "));
    }
    error(
        node, "unknown_field", fmt::format("there is no '{}'", shown(path, name)), std::move(hint));
  } else {
    warn(
        node,
        "undeclared_field",
        fmt::format("the schema does not know '{}', so its type is not checked", shown(path, name)),
        std::move(hint));
  }
  return dyn();
}

bool Checker::is_guarded(const Node& node) const {
  const auto path = path_of(node);
  return path && guards_.is_present(*path);
}

void Checker::unguarded(const Node& node, std::string_view name) {
  const bool asks = node.kind == NodeKind::select ? node.is_test || node.is_optional
                                                  : node.op == Operator::optional_index;
  const Node& operand = node.kind == NodeKind::select ? *node.operand : *node.args[0];
  if (asks || is_guarded(node) || type_of(operand)->kind == TypeKind::optional) {
    return;
  }
  const auto path = path_of(node);
  const auto base = path_of(operand);
  if (!path || !warned_.insert("absent " + *path).second) {
    return;
  }
  const std::string read = shown(base, name);
  const std::string optional = base && !base->starts_with('#')
                                   ? fmt::format("{}.?{}.orValue(…)", *base, name)
                                   : fmt::format(".?{}.orValue(…)", name);
  warn(node,
       "unguarded_field",
       fmt::format("'{}' may be absent, and then this is an error", read),
       base && !base->starts_with('#')
           ? fmt::format("guard it: has({}) && …, or write {}", read, optional)
           : fmt::format("guard it with has(), or write {}", optional));
}

TypePtr Checker::index(const Node& node) {
  visit(*node.args[0]);
  visit(*node.args[1]);
  TypePtr operand = use(*node.args[0]);
  const TypePtr key = use(*node.args[1]);
  bool optional = node.op == Operator::optional_index;
  if (operand->kind == TypeKind::optional) {
    optional = true;
    operand = operand->of[0];
  }
  TypePtr out = dyn();
  const Value* const name = literal_key(node);
  switch (operand->kind) {
    case TypeKind::record:
      if (!unifier_.comparable(simple(TypeKind::string), key)) {
        error(node, "type", fmt::format("the keys are string, not {}", to_string(*key)));
      }
      out = name != nullptr ? record_field(node, *operand, name->as_text()) : dyn();
      break;
    case TypeKind::map:
      if (!unifier_.comparable(operand->of[0], key)) {
        error(node,
              "type",
              fmt::format("the keys are {}, not {}", to_string(*operand->of[0]), to_string(*key)));
      }
      if (name != nullptr) {
        unguarded(node, name->as_text());
      }
      out = operand->of[1];
      break;
    case TypeKind::list:
      if (!is_number(*key) && key->kind != TypeKind::dyn && key->kind != TypeKind::parameter) {
        error(node, "type", fmt::format("a list's index is an int, not {}", to_string(*key)));
      }
      out = operand->of[0];
      break;
    case TypeKind::dyn:
    case TypeKind::parameter:
      break;
    default:
      error(node, "type", fmt::format("{} has no elements", to_string(*operand)));
  }
  return optional ? composed(TypeKind::optional, out) : out;
}

}  // namespace preloop::cel

#include "cel/checker.h"
#include "cel/names.h"

#include <fmt/format.h>

#include <algorithm>

namespace preloop::cel {

TypePtr Checker::operation(const Node& node) {
  switch (node.op) {
    case Operator::conditional:
      return conditional(node);
    case Operator::logical_and:
    case Operator::logical_or:
    case Operator::logical_not:
      return logical(node);
    case Operator::equals:
    case Operator::not_equals:
      return equality(node);
    case Operator::in:
      return membership(node);
    case Operator::index:
    case Operator::optional_index:
      return index(node);
    default:
      return arithmetic(node);
  }
}

TypePtr Checker::logical(const Node& node) {
  for (const Node* const operand : node.args) {
    // An error in one operand is hidden when another decides, so each is guarded by all others.
    Guards others;
    if (node.op != Operator::logical_not) {
      for (const Node* const other : node.args) {
        if (other != operand) {
          const Guards more = guards_of(*other, node.op == Operator::logical_and);
          others.present.insert(others.present.end(), more.present.begin(), more.present.end());
          others.not_null.insert(others.not_null.end(), more.not_null.begin(), more.not_null.end());
        }
      }
    }
    const TypePtr type = guarded(others, [&] {
      visit(*operand);
      return use(*operand);
    });
    if (!unifier_.assignable(simple(TypeKind::bool_), type)) {
      error(
          *operand,
          "type",
          fmt::format(
              "an operand of {} must be a bool, this is {}", to_string(node.op), to_string(*type)));
    }
  }
  return simple(TypeKind::bool_);
}

TypePtr Checker::conditional(const Node& node) {
  const Node& condition = *node.args[0];
  visit(condition);
  if (const TypePtr type = use(condition); !unifier_.assignable(simple(TypeKind::bool_), type)) {
    error(
        condition, "type", fmt::format("a condition must be a bool, this is {}", to_string(*type)));
  }
  const TypePtr yes = guarded(guards_of(condition, true), [&] { return visit(*node.args[1]); });
  const TypePtr no = guarded(guards_of(condition, false), [&] { return visit(*node.args[2]); });
  TypePtr out = unifier_.join(yes, no);
  const TypePtr left = unifier_.resolve(yes);
  const TypePtr right = unifier_.resolve(no);
  if (out->kind == TypeKind::dyn && left->kind != TypeKind::dyn && right->kind != TypeKind::dyn &&
      left->kind != TypeKind::record) {
    if (is_number(*left) && is_number(*right)) {
      return simple(TypeKind::number);
    }
    error(node,
          "type",
          fmt::format("one branch is {}, the other {}", to_string(*left), to_string(*right)),
          "both need the same type; dyn() around one says that this is meant");
  }
  return out;
}

/// Arithmetic of a JSON number, which is int, uint or double by what was sent: it takes the type of
/// the other operand where the value lets it.
std::optional<TypePtr> Checker::number_arithmetic(const Node& node, const Type& a, const Type& b) {
  const auto is_json = [](const Type& type) { return type.kind == TypeKind::json_number; };
  const auto is_any = [&](const Type& type) {
    return type.kind == TypeKind::number || is_json(type);
  };
  if (!is_number(a) || !is_number(b) || (!is_any(a) && !is_any(b))) {
    return std::nullopt;
  }
  const bool with_double =
      (is_json(a) && b.kind == TypeKind::double_) || (is_json(b) && a.kind == TypeKind::double_);
  if (with_double && node.op != Operator::modulo) {
    return simple(TypeKind::double_);
  }
  if (is_json(a) && is_json(b) && node.op != Operator::divide && node.op != Operator::modulo) {
    return simple(TypeKind::json_number);
  }
  const auto literal = std::ranges::find_if(node.args, [](const Node* arg) {
    return arg->kind == NodeKind::literal && arg->literal.is_number() &&
           !arg->literal.is(Kind::double_);
  });
  std::string hint = "convert it: double(…) or int(…)";
  if (literal != node.args.end() && node.op != Operator::modulo && (is_json(a) || is_json(b))) {
    hint = fmt::format("write {}.0", choice_text((*literal)->literal));
  }
  error(node,
        "type",
        fmt::format("'{}' of a number that may have a fraction and {}",
                    to_string(node.op),
                    to_string(is_any(a) ? b : a)),
        std::move(hint));
  return simple(TypeKind::number);
}

TypePtr Checker::arithmetic(const Node& node) {
  std::vector<TypePtr> types;
  for (const Node* const arg : node.args) {
    visit(*arg);
    types.push_back(use(*arg));
  }
  const bool is_product = node.op == Operator::add || node.op == Operator::subtract ||
                          node.op == Operator::multiply || node.op == Operator::divide ||
                          node.op == Operator::modulo;
  if (is_product) {
    if (const auto number = number_arithmetic(node, *types[0], *types[1])) {
      return *number;
    }
  }
  if (node.op == Operator::negate && types[0]->kind == TypeKind::json_number) {
    return types[0];
  }
  return overload(node, to_string(node.op), signatures_of(node.op), node.args);
}

TypePtr Checker::equality(const Node& node) {
  const Node& left = *node.args[0];
  const Node& right = *node.args[1];
  visit(left);
  visit(right);
  const TypePtr a = type_of(left);
  const TypePtr b = type_of(right);
  if (!unifier_.comparable(a, b)) {
    const bool to_null = a->kind == TypeKind::null_type || b->kind == TypeKind::null_type;
    const auto path = path_of(a->kind == TypeKind::null_type ? right : left);
    error(node,
          "type",
          fmt::format("{} is never equal to {}", to_string(*a), to_string(*b)),
          to_null && path && !path->starts_with('#')
              ? fmt::format("to ask whether it is there, write has({})", *path)
              : std::string());
  } else {
    choices(left, right);
    choices(right, left);
  }
  return simple(TypeKind::bool_);
}

TypePtr Checker::membership(const Node& node) {
  const Node& needle = *node.args[0];
  const Node& hay = *node.args[1];
  visit(needle);
  visit(hay);
  const TypePtr in = use(hay);
  const TypePtr what = type_of(needle);
  TypePtr element = dyn();
  switch (in->kind) {
    case TypeKind::list:
    case TypeKind::map:
      element = in->of[0];
      break;
    case TypeKind::record:
      element = simple(TypeKind::string);
      break;
    case TypeKind::dyn:
    case TypeKind::parameter:
      break;
    default:
      error(node, "type", fmt::format("'in' needs a list or a map, not {}", to_string(*in)));
      return simple(TypeKind::bool_);
  }
  if (!unifier_.comparable(what, element)) {
    error(node, "type", fmt::format("{} is never in {}", to_string(*what), to_string(*in)));
    return simple(TypeKind::bool_);
  }
  if (hay.kind == NodeKind::list) {
    for (const Entry& entry : hay.entries) {
      choices(needle, *entry.value);
    }
  } else if (in->kind == TypeKind::list && needle.kind == NodeKind::literal) {
    const TypePtr item = not_null(in->of[0]);
    if (!item->only.empty() && std::ranges::count(item->only, choice_text(needle.literal)) == 0) {
      error(needle,
            "not_in_enum",
            fmt::format("the list never holds {}; the schema allows {}",
                        choice_text(needle.literal),
                        fmt::join(item->only, ", ")));
    }
  }
  return simple(TypeKind::bool_);
}

void Checker::choices(const Node& expression, const Node& literal) {
  const TypePtr type = not_null(type_of(expression));
  if (type->only.empty() || literal.kind != NodeKind::literal ||
      literal.literal.is(Kind::null_type)) {
    return;
  }
  const std::string written = choice_text(literal.literal);
  if (std::ranges::count(type->only, written) > 0) {
    return;
  }
  const std::vector<std::string_view> names(type->only.begin(), type->only.end());
  const std::string_view near = nearest_name(written, names);
  const auto path = path_of(expression);
  error(literal,
        "not_in_enum",
        fmt::format("{} is never {}; the schema allows {}",
                    path && !path->starts_with('#') ? std::string_view(*path) : "this",
                    written,
                    fmt::join(type->only, ", ")),
        near.empty() ? std::string() : fmt::format("did you mean {}?", near));
}

}  // namespace preloop::cel

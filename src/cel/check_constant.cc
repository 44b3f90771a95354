#include "cel/checker.h"
#include "cel/compare.h"

#include <fmt/format.h>

#include <algorithm>

namespace preloop::cel {
namespace {

bool same_expression(const Node& a, const Node& b) {
  const auto same_entries = [](const Entry& x, const Entry& y) {
    return x.is_optional == y.is_optional && (x.key == nullptr) == (y.key == nullptr) &&
           (x.key == nullptr || same_expression(*x.key, *y.key)) &&
           same_expression(*x.value, *y.value);
  };
  if (a.kind != b.kind || a.op != b.op || a.name != b.name || a.is_optional != b.is_optional ||
      a.is_test != b.is_test || a.kind == NodeKind::comprehension ||
      (a.operand == nullptr) != (b.operand == nullptr)) {
    return false;
  }
  if (a.kind == NodeKind::literal) {
    return a.literal.kind() == b.literal.kind() && to_text(a.literal) == to_text(b.literal);
  }
  return (a.operand == nullptr || same_expression(*a.operand, *b.operand)) &&
         std::ranges::equal(a.args,
                            b.args,
                            [](const Node* x, const Node* y) { return same_expression(*x, *y); }) &&
         std::ranges::equal(a.entries, b.entries, same_entries);
}

bool is_size(const Node& node) {
  return node.kind == NodeKind::call && node.name == "size" &&
         node.args.size() == (node.operand == nullptr ? 1 : 0);
}

bool is_zero(const Node& node) {
  return node.kind == NodeKind::literal && node.literal.is(Kind::int_) &&
         node.literal.as_int() == 0;
}

}  // namespace

void Checker::constant(const Node& node) {
  const auto always = truth(node);
  if (always && &node == &program_.ast.root()) {
    warn(node, "constant", fmt::format("this condition is always {}", *always));
    return;
  }
  if (always) {
    warn(node, "constant", fmt::format("this part is always {}", *always), "leave it out");
    return;
  }
  if (node.kind == NodeKind::operation &&
      (node.op == Operator::logical_and || node.op == Operator::logical_or ||
       node.op == Operator::logical_not)) {
    std::ranges::for_each(node.args, [this](const Node* part) { constant(*part); });
  }
}

std::optional<bool> Checker::truth(const Node& node) const {
  if (node.kind == NodeKind::literal) {
    return node.literal.is(Kind::bool_) ? std::optional(node.literal.as_bool()) : std::nullopt;
  }
  if (node.kind == NodeKind::select && node.is_test) {
    return is_always_present(node) ? std::optional(true) : std::nullopt;
  }
  if (node.kind != NodeKind::operation) {
    return std::nullopt;
  }
  switch (node.op) {
    case Operator::logical_not: {
      const auto operand = truth(*node.args[0]);
      return operand ? std::optional(!*operand) : std::nullopt;
    }
    case Operator::logical_and:
    case Operator::logical_or: {
      const bool decisive = node.op == Operator::logical_or;
      bool all_known = true;
      for (const Node* const part : node.args) {
        const auto operand = truth(*part);
        if (operand == decisive) {
          return decisive;
        }
        all_known = all_known && operand.has_value();
        // x || !x
        for (const Node* const other : node.args) {
          if (other->kind == NodeKind::operation && other->op == Operator::logical_not &&
              same_expression(*other->args[0], *part)) {
            return decisive;
          }
        }
      }
      return all_known ? std::optional(!decisive) : std::nullopt;
    }
    case Operator::conditional: {
      const auto condition = truth(*node.args[0]);
      return condition ? truth(*node.args[*condition ? 1 : 2]) : std::nullopt;
    }
    case Operator::in:
      return covers_choices(*node.args[0], *node.args[1]) ? std::optional(true) : std::nullopt;
    default:
      return truth_of_comparison(node);
  }
}

std::optional<bool> Checker::truth_of_comparison(const Node& node) const {
  const Node& left = *node.args[0];
  if (node.args.size() != 2) {
    return std::nullopt;
  }
  const Node& right = *node.args[1];
  const bool both = left.kind == NodeKind::literal && right.kind == NodeKind::literal;
  const auto order_of = [&] { return both ? order(left.literal, right.literal) : std::nullopt; };
  const bool same = same_expression(left, right);
  switch (node.op) {
    case Operator::equals:
    case Operator::not_equals: {
      const bool wanted = node.op == Operator::equals;
      if (both) {
        return (choice_text(left.literal) == choice_text(right.literal)) == wanted;
      }
      const TypePtr type = not_null(type_of(left));
      if (type->only.size() == 1 && right.kind == NodeKind::literal &&
          choice_text(right.literal) == type->only[0]) {
        return type_of(left)->kind != TypeKind::nullable ? std::optional(wanted) : std::nullopt;
      }
      return same ? std::optional(wanted) : std::nullopt;
    }
    case Operator::less:
      return is_size(left) && is_zero(right) ? std::optional(false)
             : both && order_of()            ? std::optional(*order_of() < 0)
             : same                          ? std::optional(false)
                                             : std::nullopt;
    case Operator::greater:
      return both && order_of() ? std::optional(*order_of() > 0)
             : same             ? std::optional(false)
                                : std::nullopt;
    case Operator::less_equals:
      return both && order_of() ? std::optional(*order_of() <= 0)
             : same             ? std::optional(true)
                                : std::nullopt;
    case Operator::greater_equals:
      return is_size(left) && is_zero(right) ? std::optional(true)
             : both && order_of()            ? std::optional(*order_of() >= 0)
             : same                          ? std::optional(true)
                                             : std::nullopt;
    default:
      return std::nullopt;
  }
}

/// Every value the schema allows is in the list.
bool Checker::covers_choices(const Node& expression, const Node& list) const {
  const TypePtr type = type_of(expression);
  if (list.kind != NodeKind::list || type->only.empty()) {
    return false;
  }
  return std::ranges::all_of(type->only, [&](const std::string& choice) {
    return std::ranges::any_of(list.entries, [&](const Entry& entry) {
      return entry.value->kind == NodeKind::literal && choice_text(entry.value->literal) == choice;
    });
  });
}

bool Checker::is_always_present(const Node& test) const {
  const TypePtr operand = type_of(*test.operand);
  if (operand->kind != TypeKind::record) {
    return false;
  }
  const Field* const found = operand->find_field(test.name);
  return found != nullptr && found->required;
}

}  // namespace preloop::cel

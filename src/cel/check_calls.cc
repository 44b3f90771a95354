#include "cel/checker.h"
#include "cel/names.h"
#include "cel/pattern_lint.h"

#include <fmt/format.h>

#include <algorithm>

namespace preloop::cel {
namespace {

/// The dotted name of a chain of plain names.
std::optional<std::string> dotted(const Node& node) {
  const std::vector<std::string> parts = name_chain(node);
  return parts.empty() ? std::nullopt : std::optional(join_names(parts));
}

bool has_style(const Function& function, CallStyle style) {
  return function.style == style || function.style == CallStyle::either;
}

/// A list of strings is wanted, a list of anything given, or of what may be null.
bool relies_on_unknown(const Type& wanted, const Type& given) {
  for (std::size_t i = 0; i < wanted.of.size() && i < given.of.size(); ++i) {
    const Type& part = *wanted.of[i];
    const Type& found = *given.of[i];
    const bool is_strict = part.kind != TypeKind::dyn && part.kind != TypeKind::parameter;
    if ((is_strict && part.kind != TypeKind::nullable &&
         (found.kind == TypeKind::dyn || found.kind == TypeKind::nullable)) ||
        relies_on_unknown(part, found)) {
      return true;
    }
  }
  return false;
}

template <class Visit>
void each_function(const CheckOptions& options, Visit&& visit) {
  for (const Library& library : libraries()) {
    std::ranges::for_each(library.functions, visit);
  }
  std::ranges::for_each(options.functions, visit);
}

}  // namespace

std::vector<Signature> Checker::declared(std::string_view name, CallStyle style) const {
  std::vector<Signature> out;
  each_function(options_, [&](const Function& function) {
    if (function.name == name && has_style(function, style)) {
      std::ranges::move(signatures_of(function), std::back_inserter(out));
    }
  });
  return out;
}

bool Checker::is_declared(std::string_view name, CallStyle style) const {
  bool found = false;
  each_function(options_, [&](const Function& function) {
    found = found || (function.name == name && has_style(function, style));
  });
  return found;
}

TypePtr Checker::call(const Node& node) {
  if (node.operand == nullptr) {
    for (const std::string& name :
         name_candidates(node.name, node.is_root ? "" : options_.container)) {
      if (is_declared(name, CallStyle::global)) {
        return function(node, name, CallStyle::global, node.args);
      }
    }
    return function(node, node.name, CallStyle::global, node.args);
  }
  const auto prefix = dotted(*node.operand);
  if (prefix && find_local(chain_root(*node.operand).name) == nullptr) {
    const std::string full = fmt::format("{}.{}", *prefix, node.name);
    for (const std::string& name : name_candidates(full, options_.container)) {
      if (is_declared(name, CallStyle::global)) {
        return function(node, name, CallStyle::global, node.args);
      }
    }
  }
  if ((node.name == "or" || node.name == "orValue") && node.args.size() == 1) {
    return optional_or(node);
  }
  std::vector<const Node*> args{node.operand};
  args.insert(args.end(), node.args.begin(), node.args.end());
  return function(node, node.name, CallStyle::member, args);
}

TypePtr Checker::optional_or(const Node& node) {
  visit(*node.operand);
  const TypePtr other = visit(*node.args[0]);
  const TypePtr operand = use(*node.operand);
  if (operand->kind != TypeKind::optional && operand->kind != TypeKind::dyn &&
      operand->kind != TypeKind::parameter) {
    error(node,
          "type",
          fmt::format(".{}() needs an optional, this is {}", node.name, to_string(*operand)),
          "read the field with .? first");
    return dyn();
  }
  const TypePtr inner = operand->kind == TypeKind::optional ? operand->of[0] : dyn();
  const TypePtr wanted = node.name == "or" ? composed(TypeKind::optional, inner) : inner;
  const TypePtr given = unifier_.resolve(other);
  if (is_number(*wanted) && is_number(*given) && wanted->kind != given->kind) {
    return simple(TypeKind::number);
  }
  if (!unifier_.assignable(wanted, given)) {
    error(*node.args[0],
          "type",
          fmt::format(
              "the value is {}, what stands in for it {}", to_string(*inner), to_string(*given)));
  } else if (node.name == "orValue") {
    choices(*node.operand, *node.args[0]);
  }
  const TypePtr found = unifier_.resolve(wanted);
  // null may stand in for what is never null.
  return given->kind == TypeKind::nullable && found->kind != TypeKind::nullable &&
                 found->kind != TypeKind::dyn
             ? composed(TypeKind::nullable, found)
             : found;
}

TypePtr Checker::function(const Node& node,
                          std::string_view name,
                          CallStyle style,
                          std::span<const Node* const> args) {
  for (const Node* const arg : args) {
    visit(*arg);
  }
  const std::vector<Signature> signatures = declared(name, style);
  if (signatures.empty() && std::ranges::count(program_.functions, name) > 0) {
    return dyn();  // of the embedder, which says nothing about it
  }
  if (signatures.empty()) {
    std::vector<std::string_view> names;
    each_function(options_, [&](const Function& known) { names.push_back(known.name); });
    const std::string_view near = nearest_name(name, names);
    error(node,
          "unknown_function",
          fmt::format("unknown function '{}'", name),
          near.empty() ? std::string() : fmt::format("did you mean '{}'?", near));
    return dyn();
  }
  if (name == "matches" && args.size() == 2 && args[1]->kind == NodeKind::literal) {
    pattern(*args[1]);
  }
  return overload(node, name, signatures, args);
}

TypePtr Checker::overload(const Node& node,
                          std::string_view name,
                          std::span<const Signature> signatures,
                          std::span<const Node* const> args) {
  std::vector<TypePtr> types;
  for (const Node* const arg : args) {
    types.push_back(type_of(*arg));
  }
  TypePtr out;
  const Signature* chosen = nullptr;
  const bool open = std::ranges::any_of(types, [](const TypePtr& type) {
    return type->kind == TypeKind::dyn || type->kind == TypeKind::parameter;
  });
  for (const Signature& signature : signatures) {
    const Unifier::Mark before = unifier_.mark();
    auto result = unifier_.apply(signature, types);
    if (!result) {
      continue;
    }
    if (out == nullptr) {
      out = std::move(*result);
      chosen = &signature;
    } else {
      // What is not known may be any of these; only what they agree on is.
      unifier_.release(before);
      if (to_string(*out) != to_string(**result)) {
        out = dyn();
      }
    }
    if (!open) {
      break;
    }
  }
  if (out == nullptr) {
    std::vector<std::string> shown;
    std::ranges::transform(
        types, std::back_inserter(shown), [](const TypePtr& type) { return to_string(*type); });
    const bool has_number = std::ranges::any_of(types, [](const TypePtr& type) {
      const TypeKind kind = not_null(type)->kind;
      return kind == TypeKind::number || kind == TypeKind::json_number;
    });
    error(node,
          "type",
          fmt::format("'{}' does not take ({})", name, fmt::join(shown, ", ")),
          has_number ? "convert the number: double(…) or int(…)" : std::string());
    return dyn();
  }
  for (std::size_t i = 0; i < args.size(); ++i) {
    const TypeKind param = chosen->params[std::min(i, chosen->params.size() - 1)]->kind;
    if (param != TypeKind::parameter && param != TypeKind::dyn) {
      use(*args[i]);
    }
    if (relies_on_unknown(*chosen->params[std::min(i, chosen->params.size() - 1)], *types[i])) {
      untyped(*args[i]);
    }
  }
  return out;
}

void Checker::pattern(const Node& node) {
  if (!node.literal.is(Kind::string)) {
    return;
  }
  const std::string problem = lint_pattern(node.literal.as_text());
  if (!problem.empty()) {
    warn(node,
         "unanchored_regex",
         problem,
         fmt::format("for the whole text write '^(?:{})$'", strip_anchors(node.literal.as_text())));
  }
}

}  // namespace preloop::cel

#include "cel/checker.h"

#include "cel/lexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace preloop::cel {

std::string to_string(const Finding& finding) {
  return finding.suggestion.empty() ? finding.message
                                    : fmt::format("{}; {}", finding.message, finding.suggestion);
}

bool Checked::ok() const {
  return std::ranges::count(findings, Severity::error, &Finding::severity) == 0;
}

Checked check(const Program& program, const CheckOptions& options) {
  return Checker(*program.impl_, options).run();
}

Checked Checker::run() {
  const Node& root = program_.ast.root();
  const TypePtr type = visit(root);
  if (options_.purpose == CheckOptions::Purpose::condition) {
    condition_result();
    if (out_.ok()) {
      constant(root);
    }
  }
  out_.type = unifier_.resolve(type, Unifier::Unknown::dyn);
  out_.cost = estimate_cost(root, [&](const Node& node) { return type_of(node); });
  if (out_.cost.max > options_.max_cost) {
    error(root,
          "cost",
          fmt::format("this may take {} steps, more than {}", out_.cost.max, options_.max_cost),
          "loop less within loops, or give the lists maxItems and the texts maxLength in the "
          "schema");
  }
  std::ranges::sort(
      out_.findings, {}, [](const Finding& f) { return std::tuple(f.line, f.column, f.code); });
  return std::move(out_);
}

void Checker::condition_result() {
  const TypePtr found = use(program_.ast.root());
  if (found->kind != TypeKind::bool_ && found->kind != TypeKind::dyn &&
      found->kind != TypeKind::parameter && out_.ok()) {
    error(program_.ast.root(),
          "type",
          fmt::format("a condition must be a bool, this is {}", to_string(*found)),
          found->kind == TypeKind::optional ? "end it with .orValue(false)" : "compare it");
  }
}

TypePtr Checker::visit(const Node& node) {
  TypePtr type = type_node(node);
  types_[&node] = type;
  return type;
}

TypePtr Checker::type_of(const Node& node) const {
  const auto found = types_.find(&node);
  return found == types_.end() ? dyn() : unifier_.resolve(found->second);
}

TypePtr Checker::type_node(const Node& node) {
  switch (node.kind) {
    case NodeKind::literal:
      return literal(node);
    case NodeKind::ident:
      return ident(node);
    case NodeKind::select:
      return select(node);
    case NodeKind::call:
      return call(node);
    case NodeKind::operation:
      return operation(node);
    case NodeKind::list:
      return list(node);
    case NodeKind::map:
      return map(node);
    case NodeKind::comprehension:
      return comprehension(node);
  }
  return dyn();
}

TypePtr Checker::literal(const Node& node) {
  switch (node.literal.kind()) {
    case Kind::bool_:
      return simple(TypeKind::bool_);
    case Kind::int_:
      return simple(TypeKind::int_);
    case Kind::uint_:
      return simple(TypeKind::uint_);
    case Kind::double_:
      return simple(TypeKind::double_);
    case Kind::string:
      return simple(TypeKind::string);
    case Kind::bytes:
      return simple(TypeKind::bytes);
    default:
      return simple(TypeKind::null_type);
  }
}

TypePtr Checker::optional_entry(const Node& value) {
  const TypePtr type = unifier_.resolve(visit(value));
  if (type->kind == TypeKind::optional) {
    return type->of[0];
  }
  if (type->kind != TypeKind::dyn && type->kind != TypeKind::parameter) {
    error(value,
          "type",
          fmt::format("an entry with ? needs an optional, this is {}", to_string(*type)),
          "leave the ? out");
  }
  return dyn();
}

TypePtr Checker::list(const Node& node) {
  TypePtr element;
  for (const Entry& entry : node.entries) {
    const TypePtr type = entry.is_optional ? optional_entry(*entry.value) : visit(*entry.value);
    element = element == nullptr ? type : unifier_.join(element, type);
  }
  return composed(TypeKind::list, element == nullptr ? unifier_.fresh() : element);
}

TypePtr Checker::map(const Node& node) {
  TypePtr key;
  TypePtr value;
  for (const Entry& entry : node.entries) {
    const TypePtr key_type = unifier_.resolve(visit(*entry.key));
    switch (key_type->kind) {
      case TypeKind::bool_:
      case TypeKind::int_:
      case TypeKind::uint_:
      case TypeKind::string:
      case TypeKind::dyn:
      case TypeKind::parameter:
        break;
      default:
        error(
            *entry.key,
            "type",
            fmt::format("a map key is an int, uint, bool or string, not {}", to_string(*key_type)));
    }
    const TypePtr type = entry.is_optional ? optional_entry(*entry.value) : visit(*entry.value);
    key = key == nullptr ? key_type : unifier_.join(key, key_type);
    value = value == nullptr ? type : unifier_.join(value, type);
  }
  return map_of(key == nullptr ? unifier_.fresh() : key,
                value == nullptr ? unifier_.fresh() : value);
}

TypePtr Checker::use(const Node& node) {
  TypePtr type = type_of(node);
  if (type->kind == TypeKind::dyn) {
    untyped(node);
    return type;
  }
  if (type->kind != TypeKind::nullable) {
    return type;
  }
  const auto path = path_of(node);
  if ((!path || !guards_.is_not_null(*path)) &&
      warned_.insert("null " + path.value_or("")).second) {
    const std::string_view name = path && path->front() != '#' ? std::string_view(*path) : "this";
    warn(node,
         "may_be_null",
         fmt::format("{} may be null, and then this is an error", name),
         fmt::format("guard it: {} != null && …", name));
  }
  return type->of[0];
}

/// Said once, of the first place that relies on a type which nobody knows; not of variables that
/// the embedder itself leaves open.
void Checker::untyped(const Node& node) {
  const auto path = path_of(node);
  const bool is_host = path && !path->starts_with('#') && !path->starts_with("args");
  // Behind an error nothing is known, and it has been said why.
  if (is_host || !out_.ok() || !warned_.insert("untyped").second) {
    return;
  }
  warn(node,
       "untyped",
       path && !path->starts_with('#')
           ? fmt::format("the schema does not say what {} is, so its type is not checked", *path)
           : std::string("what this is is not known, so its type is not checked"));
}

void Checker::error(const Node& node,
                    std::string_view code,
                    std::string message,
                    std::string hint) {
  const Place place = place_of(program_.source, node.offset);
  out_.findings.push_back(
      {Severity::error, code, place.line, place.column, std::move(message), std::move(hint)});
}

void Checker::warn(const Node& node, std::string_view code, std::string message, std::string hint) {
  const Place place = place_of(program_.source, node.offset);
  out_.findings.push_back(
      {Severity::warning, code, place.line, place.column, std::move(message), std::move(hint)});
}

Guards Checker::guards_of(const Node& condition, bool truth) const {
  Guards out;
  add_guards(condition, truth, [this](const Node& node) { return path_of(node); }, out);
  return out;
}

}  // namespace preloop::cel

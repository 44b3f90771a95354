#include "cel/names.h"
#include "cel/planner.h"
#include "cel/program_impl.h"

#include <fmt/format.h>

#include <algorithm>

namespace preloop::cel {

std::vector<std::string> Planner::candidates(std::string_view name, NameScope scope) const {
  return name_candidates(name, scope == NameScope::root ? "" : options_.container);
}

const Planner::Scope* Planner::find_local(std::string_view name) const {
  const auto found = std::ranges::find(scopes_.rbegin(), scopes_.rend(), name, &Scope::name);
  return found == scopes_.rend() ? nullptr : &*found;
}

const Value* Planner::type_named(std::string_view name) const {
  const auto kind = kind_named(name);
  return kind ? impl_.arena.create(Value::of_type(*kind)) : nullptr;
}

const Step* Planner::name(const Node& node) {
  const std::vector<std::string> parts = name_chain(node);
  if (parts.empty()) {
    return nullptr;
  }
  const Node& root = chain_root(node);
  const NameScope scope = root.is_root ? NameScope::root : NameScope::container;
  if (const Scope* const local = scope == NameScope::root ? nullptr : find_local(root.name)) {
    if (node.kind == NodeKind::select) {
      return nullptr;
    }
    auto* const out = make<LocalStep>(node, node.name, eval_local);
    out->slot = local->slot;
    return out;
  }
  return options_.unknown_names == UnknownNames::reject ? declared_name(node, parts, scope)
                                                        : run_time_name(node, parts, scope);
}

const Step* Planner::declared_name(const Node& node,
                                   std::span<const std::string> parts,
                                   NameScope scope) {
  for (std::size_t length = parts.size(); length > 0; --length) {
    for (const std::string& candidate : candidates(join_names(parts.first(length)), scope)) {
      const auto found = std::ranges::find(options_.variables, candidate);
      if (found != options_.variables.end()) {
        auto* const out =
            make<VariableStep>(chain_root(node), impl_.arena.copy(candidate), eval_variable);
        out->hint = static_cast<std::uint32_t>(found - options_.variables.begin());
        return fields_of(node, out, parts.size() - length);
      }
      if (const Value* const type = type_named(candidate)) {
        return fields_of(node, literal(node, *type), parts.size() - length);
      }
    }
  }
  const std::string_view near = nearest_name(parts[0], options_.variables);
  problem(chain_root(node),
          near.empty() ? fmt::format("unknown variable '{}'", parts[0])
                       : fmt::format("unknown variable '{}'; did you mean '{}'?", parts[0], near));
  return broken(node);
}

const Step* Planner::run_time_name(const Node& node,
                                   std::span<const std::string> parts,
                                   NameScope scope) {
  std::vector<NameReading> readings;
  std::vector<std::string_view> fields;
  for (const std::string& part : parts) {
    fields.push_back(impl_.arena.copy(part));
  }
  const auto kept = impl_.arena.copy(std::span<const std::string_view>(fields));
  for (std::size_t length = parts.size(); length > 0; --length) {
    for (const std::string& candidate : candidates(join_names(parts.first(length)), scope)) {
      readings.push_back(
          {impl_.arena.copy(candidate), kept.subspan(length), type_named(candidate)});
    }
  }
  auto* const out = make<NameStep>(node, kept[0], eval_name);
  out->readings = impl_.arena.copy(std::span<const NameReading>(readings));
  return out;
}

const Step* Planner::fields_of(const Node& node, const Step* base, std::size_t count) {
  if (count == 0) {
    return base;
  }
  auto* const out = make<SelectStep>(node, node.name, eval_select);
  out->operand = fields_of(*node.operand, base, count - 1);
  return out;
}

std::optional<Reference> Planner::reference_of(const Node& node) const {
  if (node.kind == NodeKind::ident) {
    if (!node.is_root && find_local(node.name) != nullptr) {
      return std::nullopt;
    }
    return Reference{.root = std::string(node.name)};
  }
  const Value* const key = literal_key(node);
  const Node* const operand = node.kind == NodeKind::select ? node.operand
                              : key != nullptr              ? node.args[0]
                                                            : nullptr;
  if (operand == nullptr) {
    return std::nullopt;
  }
  auto out = reference_of(*operand);
  if (out) {
    out->path.emplace_back(key != nullptr ? key->as_text() : node.name);
  }
  return out;
}

void Planner::note_reference(const Node& node) {
  // The longest chain is met first; what it covers is not noted again.
  if (std::ranges::count(covered_, &node) > 0) {
    return;
  }
  auto found = reference_of(node);
  if (!found || type_named(found->to_string()) != nullptr) {
    return;
  }
  const Node* at = &node;
  while (at->kind != NodeKind::ident) {
    at = at->kind == NodeKind::select ? at->operand : at->args[0];
    covered_.push_back(at);
  }
  const bool known = std::ranges::any_of(impl_.references, [&](const Reference& other) {
    return other.root == found->root && other.path == found->path;
  });
  if (!known) {
    const Site place = site(*at, {});
    found->line = place.line;
    found->column = place.column;
    impl_.references.push_back(std::move(*found));
  }
}

void Planner::report_unknown_function(const Node& node, std::string_view name) {
  std::vector<std::string_view> names;
  for (const Library& library : libraries()) {
    std::ranges::transform(library.functions, std::back_inserter(names), &Function::name);
  }
  std::ranges::transform(options_.functions, std::back_inserter(names), &Function::name);
  if (std::ranges::count(names, name) > 0) {
    problem(node, fmt::format("'{}' cannot be called with these arguments", name));
    return;
  }
  const std::string_view near = nearest_name(name, names);
  problem(node,
          near.empty() ? fmt::format("unknown function '{}'", name)
                       : fmt::format("unknown function '{}'; did you mean '{}'?", name, near));
}

}  // namespace preloop::cel

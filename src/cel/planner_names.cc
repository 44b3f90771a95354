#include "cel/planner.h"
#include "cel/program_impl.h"
#include "core/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

namespace preloop::cel {
namespace {

/// The names of `a.b.c` from the left; empty when the chain holds anything but plain fields.
std::vector<std::string> chain_of(const Node& node) {
  std::vector<std::string> parts;
  const Node* at = &node;
  for (; at->kind == NodeKind::select; at = at->operand) {
    if (at->is_optional || at->is_test || at->is_quoted) {
      return {};
    }
    parts.emplace_back(at->name);
  }
  if (at->kind != NodeKind::ident) {
    return {};
  }
  parts.emplace_back(at->name);
  std::ranges::reverse(parts);
  return parts;
}

const Node& root_of(const Node& node) {
  return node.kind == NodeKind::select ? root_of(*node.operand) : node;
}

std::string join(std::span<const std::string> parts) {
  std::string out;
  for (const std::string& part : parts) {
    out += out.empty() ? "" : ".";
    out += part;
  }
  return out;
}

/// A call or index by a literal name: the key, else nullptr.
const Value* literal_key(const Node& node) {
  const bool is_index = node.kind == NodeKind::operation &&
                        (node.op == Operator::index || node.op == Operator::optional_index);
  return is_index && node.args[1]->kind == NodeKind::literal &&
                 node.args[1]->literal.is(Kind::string)
             ? &node.args[1]->literal
             : nullptr;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row.back();
}

}  // namespace

std::string_view nearest_name(std::string_view written, std::span<const std::string_view> names) {
  std::string_view best;
  std::size_t best_distance = 1 + written.size() / 3;
  for (const std::string_view name : names) {
    if (name.size() > 64 || written.size() > 64) {
      continue;
    }
    const std::size_t distance = edit_distance(core::ascii_lower(written), core::ascii_lower(name));
    if (distance <= best_distance && (best.empty() || distance < best_distance)) {
      best = name;
      best_distance = distance;
    }
  }
  return best;
}

std::vector<std::string> Planner::candidates(std::string_view name, NameScope scope) const {
  std::vector<std::string> out;
  std::string_view container = scope == NameScope::root ? "" : options_.container;
  while (!container.empty()) {
    out.push_back(fmt::format("{}.{}", container, name));
    const std::size_t dot = container.rfind('.');
    container = dot == std::string_view::npos ? "" : container.substr(0, dot);
  }
  out.emplace_back(name);
  return out;
}

const Planner::Scope* Planner::find_local(std::string_view name) const {
  const auto found = std::ranges::find(scopes_.rbegin(), scopes_.rend(), name, &Scope::name);
  return found == scopes_.rend() ? nullptr : &*found;
}

const Value* Planner::type_named(std::string_view name) const {
  static constexpr std::array k_types = {
      Kind::null_type,
      Kind::bool_,
      Kind::int_,
      Kind::uint_,
      Kind::double_,
      Kind::string,
      Kind::bytes,
      Kind::list,
      Kind::map,
      Kind::timestamp,
      Kind::duration,
      Kind::type,
      Kind::optional,
  };
  const auto found = std::ranges::find(k_types, name, [](Kind kind) { return to_string(kind); });
  return found == k_types.end() ? nullptr : impl_.arena.create(Value::of_type(*found));
}

const Step* Planner::name(const Node& node) {
  const std::vector<std::string> parts = chain_of(node);
  if (parts.empty()) {
    return nullptr;
  }
  const Node& root = root_of(node);
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
    for (const std::string& candidate : candidates(join(parts.first(length)), scope)) {
      const auto found = std::ranges::find(options_.variables, candidate);
      if (found != options_.variables.end()) {
        auto* const out =
            make<VariableStep>(root_of(node), impl_.arena.copy(candidate), eval_variable);
        out->hint = static_cast<std::uint32_t>(found - options_.variables.begin());
        return fields_of(node, out, parts.size() - length);
      }
      if (const Value* const type = type_named(candidate)) {
        return fields_of(node, literal(node, *type), parts.size() - length);
      }
    }
  }
  const std::string_view near = nearest_name(parts[0], options_.variables);
  problem(root_of(node),
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
    for (const std::string& candidate : candidates(join(parts.first(length)), scope)) {
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
  for (const std::span<const Function> functions : library()) {
    std::ranges::transform(functions, std::back_inserter(names), &Function::name);
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

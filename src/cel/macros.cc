#include "cel/macros.h"

#include <fmt/format.h>

#include <array>

namespace preloop::cel {
namespace {

struct Comprehension {
  std::string_view name;
  Macro macro;
  std::uint8_t variables;
  std::uint8_t arguments;  ///< variables included
  bool has_filter;         ///< the argument after the variables is a predicate
  bool has_result;         ///< the last argument is a transform
};

constexpr std::array k_comprehensions = {
    Comprehension{"sortBy", Macro::sort_by, 1, 2, false, true},
    Comprehension{"all", Macro::all, 1, 2, true, false},
    Comprehension{"all", Macro::all, 2, 3, true, false},
    Comprehension{"exists", Macro::exists, 1, 2, true, false},
    Comprehension{"exists", Macro::exists, 2, 3, true, false},
    Comprehension{"exists_one", Macro::exists_one, 1, 2, true, false},
    Comprehension{"existsOne", Macro::exists_one, 1, 2, true, false},
    Comprehension{"existsOne", Macro::exists_one, 2, 3, true, false},
    Comprehension{"map", Macro::map, 1, 2, false, true},
    Comprehension{"map", Macro::map, 1, 3, true, true},
    Comprehension{"filter", Macro::filter, 1, 2, true, false},
    Comprehension{"transformList", Macro::transform_list, 2, 3, false, true},
    Comprehension{"transformList", Macro::transform_list, 2, 4, true, true},
    Comprehension{"transformMap", Macro::transform_map, 2, 3, false, true},
    Comprehension{"transformMap", Macro::transform_map, 2, 4, true, true},
    Comprehension{"transformMapEntry", Macro::transform_map_entry, 2, 3, false, true},
    Comprehension{"transformMapEntry", Macro::transform_map_entry, 2, 4, true, true},
    Comprehension{"optMap", Macro::opt_map, 1, 2, false, true},
    Comprehension{"optFlatMap", Macro::opt_flat_map, 1, 2, false, true},
};

std::unexpected<MacroError> problem(std::uint32_t offset, std::string text) {
  return std::unexpected(MacroError{offset, std::move(text)});
}

bool is_variable_name(const Node& node) {
  return node.kind == NodeKind::ident && !node.is_root;
}

std::expected<std::optional<Node>, MacroError> expand_has(const MacroCall& call) {
  const Node& field = *call.args[0];
  if (field.kind != NodeKind::select || field.is_optional || field.is_test) {
    return problem(field.offset, "has() needs a field of something, for instance has(args.amount)");
  }
  Node out = field;
  out.is_test = true;
  return out;
}

std::expected<std::optional<Node>, MacroError> expand_bind(const MacroCall& call) {
  if (!is_variable_name(*call.args[0])) {
    return problem(call.args[0]->offset, "cel.bind() needs a plain name as its first argument");
  }
  Node out;
  out.kind = NodeKind::comprehension;
  out.macro = Macro::bind;
  out.offset = call.offset;
  out.name = call.args[0]->name;
  out.operand = call.args[1];
  out.result = call.args[2];
  return out;
}

std::expected<std::optional<Node>, MacroError> expand_comprehension(const MacroCall& call,
                                                                    const Comprehension& form) {
  for (std::size_t i = 0; i < form.variables; ++i) {
    if (!is_variable_name(*call.args[i])) {
      return problem(call.args[i]->offset,
                     fmt::format("{}() needs a plain name for its variable", call.name));
    }
  }
  Node out;
  out.kind = NodeKind::comprehension;
  out.macro = form.macro;
  out.offset = call.offset;
  out.operand = call.target;
  out.name = call.args[0]->name;
  if (form.variables == 2) {
    out.second_name = call.args[1]->name;
    if (out.name == out.second_name) {
      return problem(call.args[1]->offset,
                     fmt::format("the two variables of {}() need different names", call.name));
    }
  }
  if (form.has_filter) {
    out.filter = call.args[form.variables];
  }
  if (form.has_result) {
    out.result = call.args.back();
  }
  return out;
}

}  // namespace

std::expected<std::optional<Node>, MacroError> expand_macro(const MacroCall& call) {
  if (call.target == nullptr) {
    return call.name == "has" && call.args.size() == 1
               ? expand_has(call)
               : std::expected<std::optional<Node>, MacroError>(std::nullopt);
  }
  if (call.name == "bind" && call.args.size() == 3 && call.target->kind == NodeKind::ident &&
      call.target->name == "cel") {
    return expand_bind(call);
  }
  for (const Comprehension& form : k_comprehensions) {
    if (form.name == call.name && form.arguments == call.args.size()) {
      return expand_comprehension(call, form);
    }
  }
  return std::nullopt;
}

}  // namespace preloop::cel

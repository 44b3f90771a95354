#include "cel/checker.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace preloop::cel {

void Checker::loop_variables(const Node& node, const TypePtr& range) {
  const std::string path = fmt::format("#{}", ++scopes_);
  TypePtr first = dyn();
  TypePtr second = dyn();
  const bool two = !node.second_name.empty();
  switch (range->kind) {
    case TypeKind::list:
      first = two ? simple(TypeKind::int_) : range->of[0];
      second = range->of[0];
      break;
    case TypeKind::map:
      first = range->of[0];
      second = range->of[1];
      break;
    case TypeKind::record:
      first = simple(TypeKind::string);
      break;
    case TypeKind::dyn:
    case TypeKind::parameter:
      break;
    default:
      error(
          node,
          "type",
          fmt::format(
              "{}() needs a list or a map, this is {}", to_string(node.macro), to_string(*range)));
  }
  locals_.push_back({node.name, first, path});
  if (two) {
    locals_.push_back({node.second_name, second, path + "v"});
  }
}

TypePtr Checker::comprehension(const Node& node) {
  visit(*node.operand);
  const bool binds = node.macro == Macro::bind;
  const TypePtr range = binds ? type_of(*node.operand) : use(*node.operand);
  const std::size_t outer = locals_.size();
  const bool on_optional = node.macro == Macro::opt_map || node.macro == Macro::opt_flat_map;
  if (binds) {
    locals_.push_back({node.name, range, fmt::format("#{}", ++scopes_)});
  } else if (on_optional) {
    if (range->kind != TypeKind::optional && range->kind != TypeKind::dyn) {
      error(node,
            "type",
            fmt::format(
                "{}() needs an optional, this is {}", to_string(node.macro), to_string(*range)));
    }
    locals_.push_back({node.name,
                       range->kind == TypeKind::optional ? range->of[0] : dyn(),
                       fmt::format("#{}", ++scopes_)});
  } else {
    loop_variables(node, range);
  }
  if (node.filter != nullptr) {
    visit(*node.filter);
    if (const TypePtr type = use(*node.filter);
        !unifier_.assignable(simple(TypeKind::bool_), type)) {
      error(*node.filter,
            "type",
            fmt::format(
                "{}() needs a bool here, this is {}", to_string(node.macro), to_string(*type)));
    }
  }
  TypePtr result = dyn();
  if (node.result != nullptr) {
    const Guards known = node.filter != nullptr ? guards_of(*node.filter, true) : Guards();
    result = guarded(known, [&] { return visit(*node.result); });
  }
  const TypePtr key = locals_.size() > outer ? locals_[outer].type : dyn();
  locals_.resize(outer, Local{});
  switch (node.macro) {
    case Macro::all:
    case Macro::exists:
    case Macro::exists_one:
      return simple(TypeKind::bool_);
    case Macro::map:
    case Macro::transform_list:
      return composed(TypeKind::list, result);
    case Macro::filter:
      return composed(TypeKind::list, key);
    case Macro::transform_map:
      return map_of(key, result);
    case Macro::transform_map_entry:
    case Macro::opt_flat_map:
    case Macro::bind:
      return result;
    case Macro::opt_map:
      return composed(TypeKind::optional, result);
    case Macro::sort_by: {
      const TypePtr by = unifier_.resolve(result);
      const std::array<TypePtr, 1> keys{composed(TypeKind::list, by)};
      const auto orders = declared("sort", CallStyle::member);
      if (std::ranges::none_of(
              orders, [&](const Signature& s) { return unifier_.apply(s, keys).has_value(); })) {
        error(*node.result,
              "type",
              fmt::format("{} cannot be ordered", to_string(*by)),
              is_number(*by) ? "convert it: double(…)" : "");
      }
      return range->kind == TypeKind::list ? range : composed(TypeKind::list, dyn());
    }
  }
  return dyn();
}

}  // namespace preloop::cel

#include "cel/ast.h"

namespace preloop::cel {

std::string_view to_string(Operator op) {
  switch (op) {
    case Operator::conditional:
      return "?:";
    case Operator::logical_and:
      return "&&";
    case Operator::logical_or:
      return "||";
    case Operator::logical_not:
      return "!";
    case Operator::negate:
    case Operator::subtract:
      return "-";
    case Operator::add:
      return "+";
    case Operator::multiply:
      return "*";
    case Operator::divide:
      return "/";
    case Operator::modulo:
      return "%";
    case Operator::equals:
      return "==";
    case Operator::not_equals:
      return "!=";
    case Operator::less:
      return "<";
    case Operator::less_equals:
      return "<=";
    case Operator::greater:
      return ">";
    case Operator::greater_equals:
      return ">=";
    case Operator::in:
      return "in";
    case Operator::index:
      return "[]";
    case Operator::optional_index:
      return "[?]";
  }
  return "?";
}

std::string_view to_string(Macro macro) {
  switch (macro) {
    case Macro::all:
      return "all";
    case Macro::exists:
      return "exists";
    case Macro::exists_one:
      return "exists_one";
    case Macro::map:
      return "map";
    case Macro::filter:
      return "filter";
    case Macro::transform_list:
      return "transformList";
    case Macro::transform_map:
      return "transformMap";
    case Macro::transform_map_entry:
      return "transformMapEntry";
    case Macro::sort_by:
      return "sortBy";
    case Macro::bind:
      return "cel.bind";
    case Macro::opt_map:
      return "optMap";
    case Macro::opt_flat_map:
      return "optFlatMap";
  }
  return "macro";
}

}  // namespace preloop::cel

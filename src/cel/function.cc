#include "cel/function.h"

#include <array>

namespace preloop::cel {
namespace {

const Function* find_in(std::span<const Function> functions,
                        std::string_view name,
                        CallStyle style,
                        std::size_t args) {
  for (const Function& function : functions) {
    if (function.name == name && (function.style == style || function.style == CallStyle::either) &&
        args >= function.min_args &&
        (args <= function.max_args || function.max_args == k_any_count)) {
      return &function;
    }
  }
  return nullptr;
}

}  // namespace

std::span<const Library> libraries() {
  static const std::array k_libraries = {
      Library{"conversions and types", conversion_functions()},
      Library{"strings", string_functions()},
      Library{"strings: positions", string_search_functions()},
      Library{"strings: changed copies", string_edit_functions()},
      Library{"strings: lists of strings", string_list_functions()},
      Library{"strings: format", format_functions()},
      Library{"regex", regex_functions()},
      Library{"time", time_functions()},
      Library{"math", math_functions()},
      Library{"math: rounding", rounding_functions()},
      Library{"math: bits", bit_functions()},
      Library{"lists", list_functions()},
      Library{"lists: order", sort_functions()},
      Library{"sets", set_functions()},
      Library{"network", network_functions()},
      Library{"encoders", encoder_functions()},
      Library{"optionals", optional_functions()},
  };
  return k_libraries;
}

const Function* find_function(std::string_view name,
                              CallStyle style,
                              std::size_t args,
                              std::span<const Function> more) {
  for (const Library& library : libraries()) {
    if (const Function* const found = find_in(library.functions, name, style, args)) {
      return found;
    }
  }
  return find_in(more, name, style, args);
}

}  // namespace preloop::cel

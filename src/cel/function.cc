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
        args >= function.min_args && args <= function.max_args) {
      return &function;
    }
  }
  return nullptr;
}

}  // namespace

std::span<const std::span<const Function>> library() {
  static const std::array k_library = {
      conversion_functions(),
      string_functions(),
      time_functions(),
      optional_functions(),
      encoder_functions(),
  };
  return k_library;
}

const Function* find_function(std::string_view name,
                              CallStyle style,
                              std::size_t args,
                              std::span<const Function> more) {
  for (const std::span<const Function> functions : library()) {
    if (const Function* const found = find_in(functions, name, style, args)) {
      return found;
    }
  }
  return find_in(more, name, style, args);
}

}  // namespace preloop::cel

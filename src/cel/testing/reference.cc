#include "cel/testing/reference.h"

#include "cel/function.h"
#include "core/text.h"

#include <fmt/format.h>

namespace preloop::cel {
namespace {

/// "(string, int) -> int" of a member "f" as "string.f(int) -> int".
std::string call_of(const Function& function, std::string_view signature) {
  const std::size_t arrow = signature.rfind("->");
  std::string_view params = core::trim(signature.substr(0, arrow));
  params = params.substr(1, params.size() - 2);
  const std::string_view result = core::trim(signature.substr(arrow + 2));
  if (function.style == CallStyle::global) {
    return fmt::format("{}({}) → {}", function.name, params, result);
  }
  // The first parameter ends at the first comma outside of parentheses.
  std::size_t end = 0;
  for (int depth = 0; end < params.size() && (depth > 0 || params[end] != ','); ++end) {
    depth += params[end] == '(' ? 1 : params[end] == ')' ? -1 : 0;
  }
  const std::string_view rest =
      end < params.size() ? core::trim(params.substr(end + 1)) : std::string_view();
  return fmt::format("{}.{}({}) → {}", params.substr(0, end), function.name, rest, result);
}

void write_function(std::string& out, const Function& function) {
  std::string calls;
  for (const std::string_view signature : core::split(function.signatures, ';')) {
    calls += fmt::format("{}`{}`", calls.empty() ? "" : "<br>", call_of(function, signature));
  }
  out += fmt::format("| {} | {} |\n", calls, function.summary);
}

}  // namespace

std::string reference(std::string_view head) {
  std::string out(head);
  for (const Library& library : libraries()) {
    out += fmt::format("\n### {}\n\n| call | what it is |\n|---|---|\n", library.name);
    for (const Function& function : library.functions) {
      write_function(out, function);
    }
  }
  return out;
}

}  // namespace preloop::cel

#include "policy/problems.h"

#include <fmt/format.h>

namespace preloop::policy {

core::Error error_of(std::vector<core::ErrorDetail> problems) {
  const core::ErrorDetail& first = problems.front();
  std::string message =
      problems.size() == 1
          ? fmt::format("{}: {}", first.path, first.message)
          : fmt::format("{}: {} (and {} more)", first.path, first.message, problems.size() - 1);
  return {core::Code::invalid_argument, std::move(message), std::move(problems)};
}

}  // namespace preloop::policy

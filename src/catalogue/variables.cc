#include "catalogue/variables.h"

#include "core/text.h"

#include <fmt/format.h>

#include <cstdlib>

namespace preloop::catalogue {
namespace {

constexpr std::string_view k_prefix = "PRELOOP_VAR_";

bool is_name(std::string_view text) {
  return !text.empty() && text.find_first_not_of(
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrst"
                              "uvwxyz0123456789_") == std::string_view::npos;
}

struct Reference {
  std::size_t at = 0, size = 0;
  std::string_view name;
};

/// The first `${NAME}` from `from` on.
std::optional<Reference> next_reference(std::string_view text, std::size_t from) {
  for (std::size_t at = text.find("${", from); at != std::string_view::npos;
       at = text.find("${", at + 2)) {
    const std::size_t end = text.find('}', at);
    if (end == std::string_view::npos) {
      return std::nullopt;
    }
    const std::string_view name = text.substr(at + 2, end - at - 2);
    if (is_name(name)) {
      return Reference{at, end + 1 - at, name};
    }
  }
  return std::nullopt;
}

}  // namespace

bool is_variable(std::string_view text) {
  const auto reference = next_reference(text, 0);
  return reference && reference->size == text.size() && reference->name.starts_with(k_prefix);
}

core::Status check_variables(std::string_view text) {
  for (auto found = next_reference(text, 0); found;
       found = next_reference(text, found->at + found->size)) {
    if (!found->name.starts_with(k_prefix)) {
      return core::fail(core::Code::invalid_argument,
                        fmt::format("'${{{}}}': only variables whose names start with {} are read",
                                    core::printable(found->name, 64),
                                    k_prefix));
    }
  }
  return {};
}

core::Result<std::string> expand_variables(std::string_view text, const FindVariable& find) {
  PRELOOP_CHECK(check_variables(text));
  std::string out;
  std::size_t done = 0;
  for (auto found = next_reference(text, 0); found; found = next_reference(text, done)) {
    const auto value = find(std::string(found->name));
    if (!value) {
      return core::fail(
          core::Code::failed_precondition,
          fmt::format("the variable {} is not set where the server runs", found->name));
    }
    out += text.substr(done, found->at - done);
    out += *value;
    done = found->at + found->size;
  }
  out += text.substr(done);
  return out;
}

std::optional<std::string> environment_variable(const std::string& name) {
  const char* const value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe)
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

}  // namespace preloop::catalogue

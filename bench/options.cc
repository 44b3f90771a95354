#include "options.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace preloop::bench {
namespace {

template <class T>
T parse(const std::string& name, const std::string& text) {
  T value{};
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc{} || parsed.ptr != end) {
    die(fmt::format("--{} must be a number, not '{}'", name, text));
  }
  return value;
}

}  // namespace

Options::Options(std::span<char*> arguments, std::map<std::string, std::string> defaults)
    : values_(std::move(defaults)) {
  for (std::size_t i = 1; i < arguments.size(); i += 2) {
    const std::string_view name = arguments[i];
    const auto known =
        name.starts_with("--") ? values_.find(std::string(name.substr(2))) : values_.end();
    if (known == values_.end() || i + 1 == arguments.size()) {
      std::string all;
      for (const auto& [option, value] : values_) {
        all += fmt::format(" --{} {}", option, value.empty() ? "…" : value);
      }
      die(fmt::format("cannot use '{}'; options and their defaults:{}", name, all));
    }
    known->second = arguments[i + 1];
  }
}

std::uint64_t Options::count(const std::string& name) const {
  return parse<std::uint64_t>(name, text(name));
}

double Options::number(const std::string& name) const {
  return parse<double>(name, text(name));
}

void die(std::string_view message) {
  fmt::print(stderr, "bench: {}\n", message);
  std::exit(2);
}

}  // namespace preloop::bench

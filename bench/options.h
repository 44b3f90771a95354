#pragma once
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace preloop::bench {

/// `--name value` arguments with defaults. A mistake prints one line and ends the program with 2:
/// these are tools of a script.
class Options {
 public:
  /// `defaults` names every option there is.
  Options(std::span<char*> arguments, std::map<std::string, std::string> defaults);

  const std::string& text(const std::string& name) const { return values_.at(name); }
  std::uint64_t count(const std::string& name) const;
  double number(const std::string& name) const;

 private:
  std::map<std::string, std::string> values_;
};

[[noreturn]] void die(std::string_view message);

}  // namespace preloop::bench

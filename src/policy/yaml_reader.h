#pragma once
#include "core/error.h"
#include "core/yaml.h"
#include "policy/types.h"

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace preloop::policy {

/// Reads nodes of a policy document and collects every problem instead of stopping at the first.
/// Each reader answers something usable after a problem, so that reading goes on.
class YamlReader {
 public:
  std::vector<core::ErrorDetail> problems;  ///< at most 50
  std::vector<core::ErrorDetail> remarks;   ///< stored but not enforced, differences: not errors

  void problem(const core::YamlNode& at, std::string message);
  void remark(const core::YamlNode& at, std::string message);

  using Names = std::initializer_list<std::string_view>;
  /// Checks that `node` is a mapping with known keys. `unenforced` are words of the language that
  /// this version could only ignore.
  bool mapping(const core::YamlNode& node,
               std::string_view what,
               Names known,
               Names unenforced = {});

  std::string text(const core::YamlNode& node, std::string_view what);
  std::string optional_text(const core::YamlNode& parent, std::string_view key);
  std::string required_text(const core::YamlNode& parent,
                            std::string_view key,
                            std::string_view what);
  int integer(
      const core::YamlNode& parent, std::string_view key, int fallback, int least, int most);
  bool boolean(const core::YamlNode& parent, std::string_view key, bool fallback);
  /// One of `names`; their index.
  std::optional<std::size_t> choice(const core::YamlNode& node, std::string_view what, Names names);
  /// allow, deny or require_approval; nullopt with a problem otherwise.
  std::optional<Action> action(const core::YamlNode& node);

  /// The elements of a sequence; nothing (and a problem) for any other node.
  const std::vector<core::YamlNode>& sequence(const core::YamlNode& node, std::string_view what);
  std::vector<std::string> texts(const core::YamlNode& parent, std::string_view key);
  /// A mapping of names to text, in document order.
  std::vector<std::pair<std::string, std::string>> pairs(const core::YamlNode& parent,
                                                         std::string_view key);
};

/// "; did you mean 'x'?", or nothing when no name is near.
std::string did_you_mean(std::string_view name, const std::vector<std::string_view>& names);

}  // namespace preloop::policy

#pragma once
#include "core/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace preloop::core {

struct YamlMember;

/// A node of a YAML 1.2 document (JSON is a subset) with its place in the source. A value type:
/// documents are small configuration, not traffic.
struct YamlNode {
  enum class Kind : std::uint8_t { scalar, mapping, sequence } kind = Kind::scalar;
  int line = 1;        ///< from 1
  int column = 1;      ///< from 1
  std::string text;    ///< of a scalar
  bool plain = false;  ///< a scalar without quotes: only those are null, booleans or numbers
  std::vector<YamlMember> members;  ///< of a mapping, in document order
  std::vector<YamlNode> elements;   ///< of a sequence

  bool is_null() const;
  /// By the core schema: plain true/false, plain integers, plain numbers.
  std::optional<bool> as_bool() const;
  std::optional<std::int64_t> as_int() const;
  std::optional<double> as_number() const;
  const YamlNode* find(std::string_view key) const;
  /// "file:line:column" with an empty file name left out.
  std::string place(std::string_view file) const;
};
struct YamlMember {
  YamlNode key;
  YamlNode value;
};

/// Every document of the text, separated by `---`. invalid_argument with the place of the first
/// problem: bad syntax, a repeated key, a key that is not a scalar, aliases, tags, nesting deeper
/// than 32, invalid UTF-8, or more than 1 MiB.
Result<std::vector<YamlNode>> parse_yaml(std::string_view text, std::string_view file = {});

/// The node as JSON; scalars become what YAML takes them for.
std::string to_json(const YamlNode& node);

/// A YAML scalar for `text` that reads back as the same string: quoted when it must be.
std::string yaml_scalar(std::string_view text);

/// The nearest of `candidates` for "did you mean …?", or empty when none is near.
std::string_view nearest_name(std::string_view name,
                              const std::vector<std::string_view>& candidates);

}  // namespace preloop::core

#include "policy/yaml_reader.h"

#include "core/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace preloop::policy {
namespace {

using core::YamlNode;
using Kind = YamlNode::Kind;

constexpr std::size_t k_max_problems = 50;
constexpr std::size_t k_max_items = 10'000;

std::string one_of(const std::vector<std::string_view>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    out += i == 0 ? "" : i + 1 == names.size() ? " or " : ", ";
    out += names[i];
  }
  return out;
}

}  // namespace

std::string did_you_mean(std::string_view name, const std::vector<std::string_view>& names) {
  const std::string_view near = core::nearest_name(name, names);
  return near.empty() ? std::string() : fmt::format("; did you mean '{}'?", near);
}

void YamlReader::problem(const YamlNode& at, std::string message) {
  if (problems.size() < k_max_problems) {
    problems.push_back({at.place({}), std::move(message)});
  }
}

void YamlReader::remark(const YamlNode& at, std::string message) {
  if (remarks.size() < k_max_problems) {
    remarks.push_back({at.place({}), std::move(message)});
  }
}

bool YamlReader::mapping(const YamlNode& node,
                         std::string_view what,
                         Names known,
                         Names unenforced) {
  if (node.kind != Kind::mapping) {
    problem(node, fmt::format("{} must be a mapping", what));
    return false;
  }
  for (const auto& [key, value] : node.members) {
    if (std::ranges::find(known, key.text) != known.end()) {
      continue;
    }
    if (std::ranges::find(unenforced, key.text) != unenforced.end()) {
      problem(key,
              fmt::format("'{}' is not enforced by this version, so it is refused rather "
                          "than ignored; remove it",
                          key.text));
      continue;
    }
    problem(key,
            fmt::format("unknown key '{}' in {}{}",
                        core::printable(key.text, 64),
                        what,
                        did_you_mean(key.text, std::vector(known))));
  }
  return true;
}

std::string YamlReader::text(const YamlNode& node, std::string_view what) {
  if (node.kind != Kind::scalar || node.is_null()) {
    problem(node, fmt::format("{} must be text", what));
    return {};
  }
  return node.text;
}

std::string YamlReader::optional_text(const YamlNode& parent, std::string_view key) {
  const YamlNode* const node = parent.find(key);
  return node == nullptr ? std::string() : text(*node, key);
}

std::string YamlReader::required_text(const YamlNode& parent,
                                      std::string_view key,
                                      std::string_view what) {
  const YamlNode* const node = parent.find(key);
  if (node == nullptr) {
    problem(parent, fmt::format("{} needs '{}'", what, key));
    return {};
  }
  std::string value = text(*node, key);
  if (value.empty()) {
    problem(*node, fmt::format("'{}' must not be empty", key));
  }
  return value;
}

int YamlReader::integer(
    const YamlNode& parent, std::string_view key, int fallback, int least, int most) {
  const YamlNode* const node = parent.find(key);
  if (node == nullptr) {
    return fallback;
  }
  const auto value = node->as_int();
  if (!value || *value < least || *value > most) {
    problem(*node, fmt::format("'{}' must be a whole number from {} to {}", key, least, most));
    return fallback;
  }
  return static_cast<int>(*value);
}

bool YamlReader::boolean(const YamlNode& parent, std::string_view key, bool fallback) {
  const YamlNode* const node = parent.find(key);
  if (node == nullptr) {
    return fallback;
  }
  const auto value = node->as_bool();
  if (!value) {
    problem(*node, fmt::format("'{}' must be true or false", key));
  }
  return value.value_or(fallback);
}

std::optional<std::size_t> YamlReader::choice(const YamlNode& node,
                                              std::string_view what,
                                              Names names) {
  const auto found = std::ranges::find(names, node.text);
  if (node.kind == Kind::scalar && found != names.end()) {
    return static_cast<std::size_t>(found - names.begin());
  }
  const std::vector<std::string_view> known(names);
  problem(node,
          fmt::format("{} must be {}{}", what, one_of(known), did_you_mean(node.text, known)));
  return std::nullopt;
}

std::optional<Action> YamlReader::action(const YamlNode& node) {
  constexpr Action k_actions[] = {Action::allow, Action::deny, Action::require_approval};
  const auto index = choice(node, "this", {"allow", "deny", "require_approval"});
  return index ? std::optional(k_actions[*index]) : std::nullopt;
}

const std::vector<YamlNode>& YamlReader::sequence(const YamlNode& node, std::string_view what) {
  static const std::vector<YamlNode> k_none;
  if (node.is_null()) {
    return k_none;
  }
  if (node.kind != Kind::sequence) {
    problem(node, fmt::format("{} must be a list", what));
    return k_none;
  }
  if (node.elements.size() > k_max_items) {
    problem(node, fmt::format("{} has more than {} entries", what, k_max_items));
    return k_none;
  }
  return node.elements;
}

std::vector<std::string> YamlReader::texts(const YamlNode& parent, std::string_view key) {
  std::vector<std::string> out;
  if (const YamlNode* const node = parent.find(key)) {
    for (const YamlNode& element : sequence(*node, key)) {
      out.push_back(text(element, key));
    }
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> YamlReader::pairs(const YamlNode& parent,
                                                                   std::string_view key) {
  std::vector<std::pair<std::string, std::string>> out;
  const YamlNode* const node = parent.find(key);
  if (node == nullptr || node->is_null()) {
    return out;
  }
  if (node->kind != Kind::mapping) {
    problem(*node, fmt::format("'{}' must be a mapping of names to text", key));
    return out;
  }
  for (const auto& [name, value] : node->members) {
    out.emplace_back(name.text, text(value, name.text));
  }
  return out;
}

}  // namespace preloop::policy

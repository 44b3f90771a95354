#include "api/router.h"

#include <algorithm>

namespace preloop::api {
namespace {

/// The first segment of "/a/b" and what follows it.
std::pair<std::string_view, std::string_view> take_segment(std::string_view path) {
  const auto end = path.find('/', 1);
  return end == std::string_view::npos ? std::pair(path.substr(1), std::string_view())
                                       : std::pair(path.substr(1, end - 1), path.substr(end));
}

}  // namespace

core::Status Router::add(std::string_view method, std::string_view path, std::size_t operation) {
  if (!path.starts_with('/')) {
    return core::fail(core::Code::invalid_argument, "a route begins with a slash");
  }
  Node* node = &root_;
  std::vector<std::string> names;
  for (std::string_view rest = path; !rest.empty();) {
    const auto [segment, after] = take_segment(rest);
    rest = after;
    if (segment.starts_with('{') && segment.ends_with('}')) {
      names.emplace_back(segment.substr(1, segment.size() - 2));
      if (node->parameter.empty()) {
        node->parameter.emplace_back();
      }
      node = &node->parameter.front();
    } else {
      node = &node->children[std::string(segment)];
    }
  }
  node->names = std::move(names);
  if (std::ranges::any_of(node->methods,
                          [&](const auto& known) { return known.first == method; })) {
    return core::fail(core::Code::already_exists, "a route is there twice");
  }
  node->methods.emplace_back(method, operation);
  return {};
}

const Router::Node* Router::descend(const Node& node,
                                    std::string_view rest,
                                    std::vector<std::string>& values) {
  if (rest.empty()) {
    return node.methods.empty() ? nullptr : &node;
  }
  const auto [segment, after] = take_segment(rest);
  if (const auto child = node.children.find(segment); child != node.children.end()) {
    if (const Node* const found = descend(child->second, after, values)) {
      return found;
    }
  }
  if (node.parameter.empty() || segment.empty()) {
    return nullptr;
  }
  values.emplace_back(segment);
  if (const Node* const found = descend(node.parameter.front(), after, values)) {
    return found;
  }
  values.pop_back();
  return nullptr;
}

Router::Answer Router::find(std::string_view method, std::string_view path) const {
  std::vector<std::string> values;
  const Node* const node = path.starts_with('/') ? descend(root_, path, values) : nullptr;
  if (node == nullptr) {
    return {};
  }
  const auto wants = [&](std::string_view name) {
    return std::ranges::find_if(node->methods, [&](const auto& m) { return m.first == name; });
  };
  auto found = wants(method);
  if (found == node->methods.end() && method == "HEAD") {
    found = wants("GET");
  }
  if (found == node->methods.end()) {
    Answer answer;
    for (const auto& [name, operation] : node->methods) {
      answer.allow += answer.allow.empty() ? "" : ", ";
      answer.allow += name == "GET" ? "GET, HEAD" : name;
    }
    return answer;
  }
  Match match{.operation = found->second, .parameters = {}};
  for (std::size_t i = 0; i < values.size() && i < node->names.size(); ++i) {
    match.parameters.emplace_back(node->names[i], std::move(values[i]));
  }
  return {std::move(match), {}};
}

}  // namespace preloop::api

#pragma once
#include "core/result.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace preloop::api {

/// Which operation a request means. Pure; built once.
///
/// Templates have segments that are text or `{name}`; at each step text wins over a name, so
/// "/policies/versions" is never "/policies/{id}". A parameter is one segment, not empty, and holds
/// what the path's percent-decoding gave.
class Router {
 public:
  /// already_exists when the same method and template come twice, invalid_argument for a template
  /// without a leading slash.
  core::Status add(std::string_view method, std::string_view path, std::size_t operation);

  struct Match {
    std::size_t operation = 0;
    std::vector<std::pair<std::string, std::string>> parameters;  ///< by name, in order
  };
  struct Answer {
    std::optional<Match> match;
    std::string allow;  ///< for 405: "GET, HEAD, PUT"; empty means 404
  };
  /// HEAD means GET where there is no HEAD.
  Answer find(std::string_view method, std::string_view path) const;

 private:
  struct Node {
    std::map<std::string, Node, std::less<>> children;
    std::vector<Node> parameter;  ///< none or one
    std::vector<std::pair<std::string, std::size_t>> methods;
    std::vector<std::string> names;  ///< of the parameters on the way here
  };
  static const Node* descend(const Node& node,
                             std::string_view rest,
                             std::vector<std::string>& values);
  Node root_;
};

}  // namespace preloop::api

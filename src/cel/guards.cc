#include "cel/guards.h"

#include <algorithm>

namespace preloop::cel {
namespace {

class Collector {
 public:
  Collector(const PathOf& path_of, Guards& out) : path_of_(path_of), out_(out) {}

  void add(const Node& node, bool truth) {
    if (node.kind == NodeKind::select && node.is_test && truth) {
      present(path_of_(node));
    } else if (node.kind == NodeKind::call) {
      call(node, truth);
    } else if (node.kind == NodeKind::operation) {
      operation(node, truth);
    }
  }

 private:
  void present(const std::optional<std::string>& path) {
    if (path) {
      out_.present.push_back(*path);
    }
  }

  void call(const Node& node, bool truth) {
    if (truth && node.operand != nullptr && node.name == "hasValue" && node.args.empty()) {
      present(path_of_(*node.operand));
    }
  }

  void operation(const Node& node, bool truth) {
    switch (node.op) {
      case Operator::logical_not:
        add(*node.args[0], !truth);
        return;
      case Operator::logical_and:
      case Operator::logical_or:
        if (truth == (node.op == Operator::logical_and)) {
          std::ranges::for_each(node.args, [&](const Node* part) { add(*part, truth); });
        }
        return;
      case Operator::in:
        if (truth && node.args[0]->kind == NodeKind::literal &&
            node.args[0]->literal.is(Kind::string)) {
          if (auto path = path_of_(*node.args[1])) {
            out_.present.push_back(*path + "." + std::string(node.args[0]->literal.as_text()));
          }
        }
        return;
      case Operator::equals:
      case Operator::not_equals:
        if (truth == (node.op == Operator::not_equals)) {
          not_null(*node.args[0], *node.args[1]);
          not_null(*node.args[1], *node.args[0]);
        }
        return;
      default:
        return;
    }
  }

  void not_null(const Node& node, const Node& other) {
    if (other.kind == NodeKind::literal && other.literal.is(Kind::null_type)) {
      if (auto path = path_of_(node)) {
        out_.not_null.push_back(std::move(*path));
      }
    }
  }

  const PathOf& path_of_;
  Guards& out_;
};

}  // namespace

bool Guards::is_present(std::string_view path) const {
  return std::ranges::count(present, path) > 0;
}
bool Guards::is_not_null(std::string_view path) const {
  return std::ranges::count(not_null, path) > 0;
}

void add_guards(const Node& condition, bool truth, const PathOf& path_of, Guards& out) {
  Collector(path_of, out).add(condition, truth);
}

}  // namespace preloop::cel

#include "cel/cost.h"

#include <algorithm>
#include <limits>

namespace preloop::cel {
namespace {

constexpr std::uint64_t k_limit = std::numeric_limits<std::uint64_t>::max();

std::uint64_t plus(std::uint64_t a, std::uint64_t b) {
  std::uint64_t out = 0;
  return __builtin_add_overflow(a, b, &out) ? k_limit : out;
}
std::uint64_t times(std::uint64_t a, std::uint64_t b) {
  std::uint64_t out = 0;
  return __builtin_mul_overflow(a, b, &out) ? k_limit : out;
}

Cost operator+(Cost a, Cost b) {
  return {plus(a.min, b.min), plus(a.max, b.max)};
}

class Estimator {
 public:
  explicit Estimator(const std::function<TypePtr(const Node&)>& type_of) : type_of_(type_of) {}

  Cost of(const Node& node) const {
    switch (node.kind) {
      case NodeKind::literal:
      case NodeKind::ident:
        return {1, 1};
      case NodeKind::select:
        return Cost{1, 1} + of(*node.operand);
      case NodeKind::call:
        return call(node);
      case NodeKind::operation:
        return operation(node);
      case NodeKind::list:
      case NodeKind::map:
        return collection(node);
      case NodeKind::comprehension:
        return comprehension(node);
    }
    return {1, 1};
  }

 private:
  /// Steps of looking at all of a value.
  std::uint64_t looking_at(const Node& node) const {
    const TypePtr given = type_of_(node);
    const Type& type = *not_null(given);
    switch (type.kind) {
      case TypeKind::string:
      case TypeKind::bytes:
        return 1 + size_of(node, type, k_assumed_bytes) / 16;
      case TypeKind::list:
      case TypeKind::map:
      case TypeKind::record:
        return plus(1, size_of(node, type, k_assumed_items));
      case TypeKind::dyn:
      case TypeKind::parameter:
        return 1 + k_assumed_bytes / 16;
      default:
        return 1;
    }
  }

  static std::uint64_t size_of(const Node& node, const Type& type, std::uint64_t assumed) {
    if (node.kind == NodeKind::literal) {
      return node.literal.size();
    }
    if (node.kind == NodeKind::list || node.kind == NodeKind::map) {
      return node.entries.size();
    }
    return type.max_size.value_or(type.kind == TypeKind::record ? type.fields.size() : assumed);
  }

  Cost call(const Node& node) const {
    Cost out{1, 1};
    std::uint64_t product = 1;
    const auto add = [&](const Node& arg) {
      out = out + of(arg);
      product = times(product, looking_at(arg));
    };
    if (node.operand != nullptr) {
      add(*node.operand);
    }
    for (const Node* const arg : node.args) {
      add(*arg);
    }
    // A search costs the product of what it looks for and in; most calls cost less.
    out.max = plus(out.max, product);
    return out;
  }

  Cost operation(const Node& node) const {
    Cost out{1, 1};
    std::uint64_t least = k_limit;
    for (const Node* const arg : node.args) {
      out = out + of(*arg);
      least = std::min(least, looking_at(*arg));
    }
    switch (node.op) {
      case Operator::conditional: {
        const Cost yes = of(*node.args[1]);
        const Cost no = of(*node.args[2]);
        return Cost{1, 1} + of(*node.args[0]) +
               Cost{std::min(yes.min, no.min), std::max(yes.max, no.max)};
      }
      case Operator::logical_and:
      case Operator::logical_or:
        return {plus(1, of(*node.args[0]).min), out.max};
      case Operator::in:
        out.max = plus(out.max, times(looking_at(*node.args[0]), looking_at(*node.args[1])));
        return out;
      case Operator::add:
        for (const Node* const arg : node.args) {
          out.max = plus(out.max, looking_at(*arg));
        }
        return out;
      default:
        // Comparing ends with the shorter one.
        out.max = plus(out.max, least);
        return out;
    }
  }

  Cost collection(const Node& node) const {
    Cost out{1, 1};
    for (const Entry& entry : node.entries) {
      out = out + of(*entry.value);
      if (entry.key != nullptr) {
        out = out + of(*entry.key);
      }
    }
    return out;
  }

  Cost comprehension(const Node& node) const {
    Cost body{1, 1};
    for (const Node* const part : {node.filter, node.result}) {
      if (part != nullptr) {
        body = body + of(*part);
      }
    }
    const Cost range = of(*node.operand);
    if (node.macro == Macro::bind || node.macro == Macro::opt_map ||
        node.macro == Macro::opt_flat_map) {
      return range + body;
    }
    const TypePtr type = type_of_(*node.operand);
    const std::uint64_t rounds = size_of(*node.operand, *type, k_assumed_items);
    return {plus(1, range.min), plus(range.max, times(rounds, body.max))};
  }

  const std::function<TypePtr(const Node&)>& type_of_;
};

}  // namespace

Cost estimate_cost(const Node& root, const std::function<TypePtr(const Node&)>& type_of) {
  return Estimator(type_of).of(root);
}

}  // namespace preloop::cel

#include "cel/parser_impl.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

namespace preloop::cel {
namespace {

struct BinaryOperator {
  std::string_view text;
  Operator op;
  int level;
};
/// All left-associative; a higher level binds tighter.
constexpr std::array k_binary = {
    BinaryOperator{"||", Operator::logical_or, 1},
    BinaryOperator{"&&", Operator::logical_and, 2},
    BinaryOperator{"<", Operator::less, 3},
    BinaryOperator{"<=", Operator::less_equals, 3},
    BinaryOperator{">", Operator::greater, 3},
    BinaryOperator{">=", Operator::greater_equals, 3},
    BinaryOperator{"==", Operator::equals, 3},
    BinaryOperator{"!=", Operator::not_equals, 3},
    BinaryOperator{"in", Operator::in, 3},
    BinaryOperator{"+", Operator::add, 4},
    BinaryOperator{"-", Operator::subtract, 4},
    BinaryOperator{"*", Operator::multiply, 5},
    BinaryOperator{"/", Operator::divide, 5},
    BinaryOperator{"%", Operator::modulo, 5},
};

/// The operator the token is, or nullptr.
const BinaryOperator* find_operator(const Token& token) {
  if (token.kind != TokenKind::symbol && !token.is_word("in")) {
    return nullptr;
  }
  const auto found = std::ranges::find(k_binary, token.text, &BinaryOperator::text);
  return found == k_binary.end() ? nullptr : &*found;
}

}  // namespace

Parser::NodeResult Parser::expression() {
  if (++depth_ > options_.max_depth) {
    return error(current_.offset,
                 fmt::format("nested too deeply: the limit is {} levels", options_.max_depth));
  }
  // The chain of `a ? b : c ? d : e` is collected first, so that it needs no recursion here.
  struct Branch {
    std::uint32_t offset;
    NodePtr condition;
    NodePtr chosen;
  };
  std::vector<Branch> branches;
  PRELOOP_TRY(NodePtr out, binary(1));
  while (current_.is_symbol("?")) {
    const std::uint32_t offset = current_.offset;
    PRELOOP_CHECK(advance());
    PRELOOP_TRY(const NodePtr chosen, binary(1));
    PRELOOP_CHECK(expect(":"));
    branches.push_back({offset, out, chosen});
    PRELOOP_TRY(out, binary(1));
  }
  for (auto branch = branches.rbegin(); branch != branches.rend(); ++branch) {
    PRELOOP_TRY(out,
                operation(Operator::conditional,
                          branch->offset,
                          std::array{branch->condition, branch->chosen, out}));
  }
  --depth_;
  return out;
}

Parser::NodeResult Parser::binary(int level) {
  if (level > 5) {
    return unary();
  }
  PRELOOP_TRY(NodePtr left, binary(level + 1));
  while (true) {
    const BinaryOperator* const found = find_operator(current_);
    if (found == nullptr || found->level != level) {
      return left;
    }
    if (level <= 2) {
      PRELOOP_TRY(left, logical_chain(found->op, level, left));
      continue;
    }
    const std::uint32_t offset = current_.offset;
    PRELOOP_CHECK(advance());
    PRELOOP_TRY(const NodePtr right, binary(level + 1));
    PRELOOP_TRY(left, operation(found->op, offset, std::array{left, right}));
  }
}

Parser::NodeResult Parser::logical_chain(Operator op, int level, NodePtr first) {
  const std::uint32_t offset = current_.offset;
  const std::string_view text = to_string(op);
  std::vector<NodePtr> operands{first};
  while (current_.is_symbol(text)) {
    PRELOOP_CHECK(advance());
    PRELOOP_TRY(const NodePtr operand, binary(level + 1));
    operands.push_back(operand);
  }
  return operation(op, offset, operands);
}

Parser::NodeResult Parser::unary() {
  std::vector<std::uint32_t> signs;
  const bool minus = current_.is_symbol("-");
  if (!minus && !current_.is_symbol("!")) {
    return member(std::nullopt);
  }
  const std::string_view sign = current_.text;
  while (current_.is_symbol(sign)) {
    signs.push_back(current_.offset);
    PRELOOP_CHECK(advance());
  }
  std::optional<std::uint32_t> literal_sign;
  if (minus &&
      (current_.kind == TokenKind::int_literal || current_.kind == TokenKind::double_literal)) {
    literal_sign = signs.back();
    signs.pop_back();
  }
  PRELOOP_TRY(NodePtr out, member(literal_sign));
  for (auto offset = signs.rbegin(); offset != signs.rend(); ++offset) {
    PRELOOP_TRY(
        out, operation(minus ? Operator::negate : Operator::logical_not, *offset, std::array{out}));
  }
  return out;
}

}  // namespace preloop::cel

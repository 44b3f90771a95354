#pragma once
#include "cel/ast.h"
#include "cel/lexer.h"
#include "cel/parser.h"
#include "core/result.h"

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace preloop::cel {

/// Recursive descent with one token of lookahead, used once. Recursion is bounded by
/// ParseOptions::max_depth. Internal to `parse`.
class Parser {
 public:
  Parser(std::string_view source, const ParseOptions& options)
      : source_(source), options_(options), lexer_(source, ast_.arena()) {}

  core::Result<Ast> run();

 private:
  using NodePtr = const Node*;
  using NodeResult = core::Result<NodePtr>;
  enum class RootOnly : std::uint8_t { no, yes };

  // parser.cc
  std::unexpected<core::Error> error(std::uint32_t offset, std::string problem) const;
  std::unexpected<core::Error> unexpected_token(std::string_view wanted) const;
  core::Status advance();
  /// Consumes the symbol when it is next.
  core::Result<bool> accept(std::string_view symbol);
  core::Status expect(std::string_view symbol);
  /// Puts the node into the tree, with its height.
  NodeResult add(Node node);
  NodeResult operation(Operator op, std::uint32_t offset, std::span<const NodePtr> operands);

  // parser_operators.cc
  /// Expr = ConditionalOr ["?" ConditionalOr ":" Expr]
  NodeResult expression();
  NodeResult binary(int level);
  /// a && b && c as one node: the operator is associative, and rules chain it at length.
  NodeResult logical_chain(Operator op, int level, NodePtr first);
  /// Unary = Member | "!" {"!"} Member | "-" {"-"} Member; a minus before a number belongs to it.
  NodeResult unary();

  // parser_primary.cc
  /// Member = Primary {"." name ["(" args ")"] | ".?" name | "[" ["?"] Expr "]"}; `sign` is where
  /// the minus of a number stands.
  NodeResult member(std::optional<std::uint32_t> sign);
  NodeResult selector(NodePtr operand);
  /// `head` holds the name and place; the opening parenthesis is next.
  NodeResult call(NodePtr target, const Node& head);
  NodeResult primary(std::optional<std::uint32_t> sign);
  NodeResult bracket();
  NodeResult identifier(RootOnly root);
  NodeResult literal(std::optional<std::uint32_t> sign);
  /// A list or a map; a comma may follow the last entry.
  NodeResult collection(NodeKind kind, std::string_view closing);

  std::string_view source_;
  ParseOptions options_;
  Ast ast_;
  Lexer lexer_;
  Token current_;
  std::size_t depth_ = 0;
  std::size_t nodes_ = 0;
};

}  // namespace preloop::cel

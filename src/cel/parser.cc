#include "cel/parser.h"

#include "cel/parser_impl.h"
#include "core/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace preloop::cel {

core::Result<Ast> Parser::run() {
  PRELOOP_CHECK(advance());
  PRELOOP_TRY(ast_.root_, expression());
  if (current_.kind != TokenKind::end) {
    return unexpected_token("an operator or the end of the expression");
  }
  return std::move(ast_);
}

std::unexpected<core::Error> Parser::error(std::uint32_t offset, std::string problem) const {
  return std::unexpected(source_error(source_, offset, std::move(problem)));
}

std::unexpected<core::Error> Parser::unexpected_token(std::string_view wanted) const {
  std::string found = "the end of the expression";
  if (current_.kind == TokenKind::string_literal || current_.kind == TokenKind::bytes_literal) {
    found = "a text literal";
  } else if (current_.kind != TokenKind::end) {
    found = fmt::format("'{}'", core::printable(current_.text, 40));
  }
  return error(current_.offset, fmt::format("unexpected {}; expected {}", found, wanted));
}

core::Status Parser::advance() {
  PRELOOP_TRY(current_, lexer_.next());
  return {};
}

core::Result<bool> Parser::accept(std::string_view symbol) {
  if (!current_.is_symbol(symbol)) {
    return false;
  }
  PRELOOP_CHECK(advance());
  return true;
}

core::Status Parser::expect(std::string_view symbol) {
  PRELOOP_TRY(const bool found, accept(symbol));
  if (!found) {
    return unexpected_token(fmt::format("'{}'", symbol));
  }
  return {};
}

Parser::NodeResult Parser::add(Node node) {
  std::uint32_t below = node.operand != nullptr ? node.operand->height : 0;
  const auto see = [&](NodePtr child) {
    below = std::max(below, child != nullptr ? child->height : 0);
  };
  std::ranges::for_each(node.args, see);
  for (const Entry& entry : node.entries) {
    see(entry.key);
    see(entry.value);
  }
  see(node.filter);
  see(node.result);
  node.height = below + 1;
  if (node.height > options_.max_depth) {
    return error(node.offset,
                 fmt::format("nested too deeply: the limit is {} levels", options_.max_depth));
  }
  if (++nodes_ > options_.max_nodes) {
    return error(node.offset,
                 fmt::format("too long: the limit is {} operations", options_.max_nodes));
  }
  return ast_.arena().create(node);
}

Parser::NodeResult Parser::operation(Operator op,
                                     std::uint32_t offset,
                                     std::span<const NodePtr> operands) {
  Node node;
  node.kind = NodeKind::operation;
  node.op = op;
  node.offset = offset;
  node.args = ast_.arena().copy(operands);
  return add(node);
}

core::Result<Ast> parse(std::string_view source, const ParseOptions& options) {
  if (source.size() > options.max_source_bytes) {
    return core::fail(core::Code::invalid_argument,
                      fmt::format("the expression is {} bytes long; the limit is {}",
                                  source.size(),
                                  options.max_source_bytes));
  }
  if (!core::is_valid_utf8(source)) {
    return core::fail(core::Code::invalid_argument, "the expression is not valid UTF-8");
  }
  return Parser(source, options).run();
}

}  // namespace preloop::cel

#include "cel/literal.h"
#include "cel/macros.h"
#include "cel/parser_impl.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

namespace preloop::cel {
namespace {

/// May name a field or a method, but neither a variable nor a function.
constexpr std::array<std::string_view, 17> k_reserved = {
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
};
/// Literals and the operator: never a name.
constexpr std::array<std::string_view, 4> k_keywords = {"true", "false", "null", "in"};

bool contains(auto& list, std::string_view word) {
  return std::ranges::count(list, word) > 0;
}

}  // namespace

Parser::NodeResult Parser::member(std::optional<std::uint32_t> sign) {
  PRELOOP_TRY(NodePtr out, primary(sign));
  while (true) {
    if (current_.is_symbol(".")) {
      PRELOOP_TRY(out, selector(out));
    } else if (current_.is_symbol("[")) {
      const std::uint32_t offset = current_.offset;
      PRELOOP_CHECK(advance());
      PRELOOP_TRY(const bool is_optional, accept("?"));
      PRELOOP_TRY(const NodePtr key, expression());
      PRELOOP_CHECK(expect("]"));
      PRELOOP_TRY(out,
                  operation(is_optional ? Operator::optional_index : Operator::index,
                            offset,
                            std::array{out, key}));
    } else if (current_.is_symbol("{")) {
      return error(current_.offset,
                   "message values are not supported; write a map: {'key': value}");
    } else {
      return out;
    }
  }
}

Parser::NodeResult Parser::selector(NodePtr operand) {
  PRELOOP_CHECK(advance());
  Node node;
  node.kind = NodeKind::select;
  node.operand = operand;
  PRELOOP_TRY(node.is_optional, accept("?"));
  node.is_quoted = current_.kind == TokenKind::quoted_identifier;
  if (!node.is_quoted &&
      (current_.kind != TokenKind::identifier || contains(k_keywords, current_.text))) {
    return unexpected_token("a field name");
  }
  node.name = current_.text;
  node.offset = current_.offset;
  PRELOOP_CHECK(advance());
  if (node.is_quoted || node.is_optional || !current_.is_symbol("(")) {
    return add(node);
  }
  return call(operand, node);
}

Parser::NodeResult Parser::call(NodePtr target, const Node& head) {
  PRELOOP_CHECK(advance());
  std::vector<NodePtr> args;
  while (!current_.is_symbol(")")) {
    PRELOOP_TRY(const NodePtr arg, expression());
    args.push_back(arg);
    if (!current_.is_symbol(",")) {
      break;
    }
    PRELOOP_CHECK(advance());
    if (current_.is_symbol(")")) {
      return unexpected_token("another argument");
    }
  }
  PRELOOP_CHECK(expect(")"));
  if (options_.macros == MacroExpansion::expand && !head.is_root) {
    const auto expanded = expand_macro({target, head.name, args, head.offset});
    if (!expanded) {
      return error(expanded.error().offset, expanded.error().problem);
    }
    if (expanded->has_value()) {
      return add(**expanded);
    }
  }
  Node node;
  node.kind = NodeKind::call;
  node.offset = head.offset;
  node.name = head.name;
  node.is_root = head.is_root;
  node.operand = target;
  node.args = ast_.arena().copy(std::span<const NodePtr>(args));
  return add(node);
}

Parser::NodeResult Parser::primary(std::optional<std::uint32_t> sign) {
  switch (current_.kind) {
    case TokenKind::identifier:
      return identifier(RootOnly::no);
    case TokenKind::symbol:
      return bracket();
    case TokenKind::end:
    case TokenKind::quoted_identifier:
      return unexpected_token("a value");
    default:
      return literal(sign);
  }
}

Parser::NodeResult Parser::bracket() {
  if (current_.is_symbol("(")) {
    PRELOOP_CHECK(advance());
    PRELOOP_TRY(const NodePtr out, expression());
    PRELOOP_CHECK(expect(")"));
    return out;
  }
  if (current_.is_symbol("[")) {
    return collection(NodeKind::list, "]");
  }
  if (current_.is_symbol("{")) {
    return collection(NodeKind::map, "}");
  }
  if (current_.is_symbol(".")) {
    PRELOOP_CHECK(advance());
    if (current_.kind != TokenKind::identifier) {
      return unexpected_token("a name");
    }
    return identifier(RootOnly::yes);
  }
  return unexpected_token("a value");
}

Parser::NodeResult Parser::identifier(RootOnly root) {
  Node node;
  node.offset = current_.offset;
  node.name = current_.text;
  node.is_root = root == RootOnly::yes;
  if (contains(k_keywords, node.name)) {
    if (node.name == "in" || node.is_root) {
      return unexpected_token("a value");
    }
    node.kind = NodeKind::literal;
    node.literal = node.name == "null" ? Value::null() : Value::of_bool(node.name == "true");
    PRELOOP_CHECK(advance());
    return add(node);
  }
  if (contains(k_reserved, node.name)) {
    return error(node.offset,
                 fmt::format("'{}' is a reserved word and cannot be a name here", node.name));
  }
  PRELOOP_CHECK(advance());
  if (current_.is_symbol("(")) {
    return call(nullptr, node);
  }
  node.kind = NodeKind::ident;
  return add(node);
}

Parser::NodeResult Parser::literal(std::optional<std::uint32_t> sign) {
  Node node;
  node.kind = NodeKind::literal;
  node.offset = sign.value_or(current_.offset);
  const std::string digits = fmt::format("{}{}", sign ? "-" : "", current_.text);
  switch (current_.kind) {
    case TokenKind::int_literal: {
      const auto value = parse_int_literal(digits);
      if (!value) {
        return error(node.offset, "this int is beyond 64 bits; write 1u for uint, 1.0 for double");
      }
      node.literal = Value::of_int(*value);
      break;
    }
    case TokenKind::uint_literal: {
      const auto value = parse_uint_literal(current_.text);
      if (!value) {
        return error(node.offset, "this uint is beyond 64 bits");
      }
      node.literal = Value::of_uint(*value);
      break;
    }
    case TokenKind::double_literal: {
      const auto value = parse_double_literal(digits);
      if (!value) {
        return error(node.offset, "this number is beyond what a double can hold");
      }
      node.literal = Value::of_double(*value);
      break;
    }
    case TokenKind::bytes_literal:
      node.literal = Value::of_bytes(current_.text);
      break;
    default:
      node.literal = Value::of_string(current_.text);
      break;
  }
  PRELOOP_CHECK(advance());
  return add(node);
}

Parser::NodeResult Parser::collection(NodeKind kind, std::string_view closing) {
  Node node;
  node.kind = kind;
  node.offset = current_.offset;
  PRELOOP_CHECK(advance());
  std::vector<Entry> entries;
  while (!current_.is_symbol(closing)) {
    Entry entry;
    PRELOOP_TRY(entry.is_optional, accept("?"));
    PRELOOP_TRY(entry.value, expression());
    if (kind == NodeKind::map) {
      entry.key = entry.value;
      PRELOOP_CHECK(expect(":"));
      PRELOOP_TRY(entry.value, expression());
    }
    entries.push_back(entry);
    PRELOOP_TRY(const bool more, accept(","));
    if (!more) {
      break;
    }
  }
  if (!current_.is_symbol(closing)) {
    return unexpected_token(fmt::format("',' or '{}'", closing));
  }
  PRELOOP_CHECK(advance());
  node.entries = ast_.arena().copy(std::span<const Entry>(entries));
  return add(node);
}

}  // namespace preloop::cel

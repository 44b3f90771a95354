#include "cel/parser.h"

#include "cel/lexer.h"
#include "cel/literal.h"
#include "cel/macros.h"
#include "core/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
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

bool contains(auto& list, std::string_view word) {
  return std::ranges::count(list, word) > 0;
}

}  // namespace

/// Recursive descent; recursion is bounded by ParseOptions::max_depth.
class Parser {
 public:
  Parser(std::string_view source, const ParseOptions& options)
      : source_(source), options_(options), lexer_(source, ast_.arena()) {}

  core::Result<Ast> run() {
    PRELOOP_CHECK(advance());
    PRELOOP_TRY(ast_.root_, expression());
    if (current_.kind != TokenKind::end) {
      return unexpected_token("an operator or the end of the expression");
    }
    return std::move(ast_);
  }

 private:
  using NodePtr = const Node*;
  using NodeResult = core::Result<NodePtr>;

  std::unexpected<core::Error> error(std::uint32_t offset, std::string problem) const {
    return std::unexpected(source_error(source_, offset, std::move(problem)));
  }

  std::unexpected<core::Error> unexpected_token(std::string_view wanted) const {
    std::string found = "the end of the expression";
    if (current_.kind == TokenKind::string_literal || current_.kind == TokenKind::bytes_literal) {
      found = "a text literal";
    } else if (current_.kind != TokenKind::end) {
      found = fmt::format("'{}'", core::printable(current_.text, 40));
    }
    return error(current_.offset, fmt::format("unexpected {}; expected {}", found, wanted));
  }

  core::Status advance() {
    PRELOOP_TRY(current_, lexer_.next());
    return {};
  }
  /// Consumes the symbol when it is next.
  core::Result<bool> accept(std::string_view symbol) {
    if (!current_.is_symbol(symbol)) {
      return false;
    }
    PRELOOP_CHECK(advance());
    return true;
  }
  core::Status expect(std::string_view symbol) {
    PRELOOP_TRY(const bool found, accept(symbol));
    if (!found) {
      return unexpected_token(fmt::format("'{}'", symbol));
    }
    return {};
  }

  /// Puts the node into the tree, with its height.
  NodeResult add(Node node) {
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
  NodeResult operation(Operator op, std::uint32_t offset, std::span<const NodePtr> operands) {
    Node node;
    node.kind = NodeKind::operation;
    node.op = op;
    node.offset = offset;
    node.args = ast_.arena().copy(operands);
    return add(node);
  }

  /// Expr = ConditionalOr ["?" ConditionalOr ":" Expr]
  NodeResult expression() {
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

  const BinaryOperator* current_operator() const {
    if (current_.kind != TokenKind::symbol && !current_.is_word("in")) {
      return nullptr;
    }
    const auto found = std::ranges::find(k_binary, current_.text, &BinaryOperator::text);
    return found == k_binary.end() ? nullptr : &*found;
  }

  NodeResult binary(int level) {
    if (level > 5) {
      return unary();
    }
    PRELOOP_TRY(NodePtr left, binary(level + 1));
    while (true) {
      const BinaryOperator* const found = current_operator();
      if (found == nullptr || found->level != level) {
        return left;
      }
      if (level <= 2) {
        PRELOOP_TRY(left, logical_chain(*found, left));
        continue;
      }
      const std::uint32_t offset = current_.offset;
      PRELOOP_CHECK(advance());
      PRELOOP_TRY(const NodePtr right, binary(level + 1));
      PRELOOP_TRY(left, operation(found->op, offset, std::array{left, right}));
    }
  }

  /// a && b && c as one node: the operator is associative, and rules chain it at length.
  NodeResult logical_chain(const BinaryOperator& form, NodePtr first) {
    const std::uint32_t offset = current_.offset;
    std::vector<NodePtr> operands{first};
    while (current_.is_symbol(form.text)) {
      PRELOOP_CHECK(advance());
      PRELOOP_TRY(const NodePtr operand, binary(form.level + 1));
      operands.push_back(operand);
    }
    return operation(form.op, offset, operands);
  }

  /// Unary = Member | "!" {"!"} Member | "-" {"-"} Member; a minus before a number belongs to it.
  NodeResult unary() {
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
          out,
          operation(minus ? Operator::negate : Operator::logical_not, *offset, std::array{out}));
    }
    return out;
  }

  /// Member = Primary {"." name ["(" args ")"] | ".?" name | "[" ["?"] Expr "]"}
  NodeResult member(std::optional<std::uint32_t> sign) {
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

  NodeResult selector(NodePtr operand) {
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

  /// `head` holds the name and place; the opening parenthesis is next.
  NodeResult call(NodePtr target, const Node& head) {
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

  NodeResult primary(std::optional<std::uint32_t> sign) {
    switch (current_.kind) {
      case TokenKind::identifier:
        return identifier();
      case TokenKind::symbol:
        return bracket();
      case TokenKind::end:
      case TokenKind::quoted_identifier:
        return unexpected_token("a value");
      default:
        return literal(sign);
    }
  }

  NodeResult bracket() {
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

  enum class RootOnly : std::uint8_t { no, yes };

  NodeResult identifier(RootOnly root = RootOnly::no) {
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

  NodeResult literal(std::optional<std::uint32_t> sign) {
    Node node;
    node.kind = NodeKind::literal;
    node.offset = sign.value_or(current_.offset);
    const std::string digits = fmt::format("{}{}", sign ? "-" : "", current_.text);
    switch (current_.kind) {
      case TokenKind::int_literal: {
        const auto value = parse_int_literal(digits);
        if (!value) {
          return error(node.offset,
                       "this int is beyond 64 bits; write 1u for uint, 1.0 for double");
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

  /// A list or a map; a comma may follow the last entry.
  NodeResult collection(NodeKind kind, std::string_view closing) {
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

  std::string_view source_;
  ParseOptions options_;
  Ast ast_;
  Lexer lexer_;
  Token current_;
  std::size_t depth_ = 0;
  std::size_t nodes_ = 0;
};

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

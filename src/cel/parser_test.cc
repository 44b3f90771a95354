#include "cel/parser.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

namespace preloop::cel {
namespace {

std::string show(const Node& node);

std::string show_all(std::span<const Node* const> nodes) {
  std::string out;
  for (const Node* const node : nodes) {
    out += ' ';
    out += show(*node);
  }
  return out;
}

/// The tree as an s-expression.
std::string show(const Node& node) {
  switch (node.kind) {
    case NodeKind::literal:
      return to_text(node.literal);
    case NodeKind::ident:
      return fmt::format("{}{}", node.is_root ? "." : "", node.name);
    case NodeKind::select:
      return fmt::format("({}{} {})",
                         node.is_test       ? "has "
                         : node.is_optional ? ".?"
                                            : ".",
                         node.name,
                         show(*node.operand));
    case NodeKind::call:
      return node.operand == nullptr
                 ? fmt::format("({}{})", node.name, show_all(node.args))
                 : fmt::format("({} {}{})", node.name, show(*node.operand), show_all(node.args));
    case NodeKind::operation:
      return fmt::format("({}{})", to_string(node.op), show_all(node.args));
    case NodeKind::list:
    case NodeKind::map: {
      std::string out = node.kind == NodeKind::list ? "(list" : "(map";
      for (const Entry& entry : node.entries) {
        out += entry.is_optional ? " ?" : " ";
        out += entry.key != nullptr ? show(*entry.key) + ":" : "";
        out += show(*entry.value);
      }
      return out + ")";
    }
    case NodeKind::comprehension:
      break;
  }
  return fmt::format("({} {} {}{}{}{})",
                     to_string(node.macro),
                     show(*node.operand),
                     node.name,
                     node.second_name.empty() ? "" : fmt::format(",{}", node.second_name),
                     node.filter != nullptr ? " if " + show(*node.filter) : "",
                     node.result != nullptr ? " give " + show(*node.result) : "");
}

std::string tree(std::string_view source, const ParseOptions& options = {}) {
  const auto ast = parse(source, options);
  return ast ? show(ast->root()) : ast.error().message;
}

std::string repeat(std::string_view text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) {
    out += text;
  }
  return out;
}

TEST_CASE("operators bind as the grammar says") {
  CHECK(tree("a + b * c - d") == "(- (+ a (* b c)) d)");
  CHECK(tree("a || b && c || d") == "(|| a (&& b c) d)");
  CHECK(tree("a && b && c") == "(&& a b c)");
  CHECK(tree("a && (b && c)") == "(&& a (&& b c))");
  CHECK(tree("a < b == c") == "(== (< a b) c)");
  CHECK(tree("a in b && !c") == "(&& (in a b) (! c))");
  CHECK(tree("a ? b : c ? d : e") == "(?: a b (?: c d e))");
  CHECK(tree("-a.b[c]") == "(- ([] (.b a) c))");
}

TEST_CASE("a minus before a number belongs to it") {
  CHECK(tree("-1") == "-1");
  CHECK(tree("--1") == "(- -1)");
  CHECK(tree("a-1") == "(- a 1)");
  CHECK(tree("a - -1") == "(- a -1)");
  CHECK(tree("-1u") == "(- 1u)");
}

TEST_CASE("members, calls and the optional forms") {
  CHECK(tree("a.b.c") == "(.c (.b a))");
  CHECK(tree(".a.b") == "(.b .a)");
  CHECK(tree("a.?b[?c]") == "([?] (.?b a) c)");
  CHECK(tree("f(1, x.g())") == "(f 1 (g x))");
  CHECK(tree("[?a, b]") == "(list ?a b)");
  CHECK(tree("{?a: b, c: d}") == "(map ?a:b c:d)");
  CHECK(tree("a.`b-c`") == "(.b-c a)");
}

TEST_CASE("macros become nodes of their own") {
  CHECK(tree("has(a.b.c)") == "(has c (.b a))");
  CHECK(tree("l.all(x, x > 0)") == "(all l x if (> x 0))");
  CHECK(tree("l.map(x, x > 0, x)") == "(map l x if (> x 0) give x)");
  CHECK(tree("l.exists(i, v, v)") == "(exists l i,v if v)");
  CHECK(tree("cel.bind(x, 1, x)") == "(cel.bind 1 x give x)");
  CHECK(tree("o.optMap(x, x)") == "(optMap o x give x)");
  // Other argument counts are ordinary calls, and so is everything when macros are off.
  CHECK(tree("l.all(x)") == "(all l x)");
  CHECK(tree("has(a.b)", {.macros = MacroExpansion::none}) == "(has (.b a))");
}

TEST_CASE("sizes the specification asks for are accepted") {
  CHECK(parse("true" + repeat(" || true", 31)));
  CHECK(parse("1" + repeat(" + 1", 24)));
  CHECK(parse(repeat("true ? 1 : ", 24) + "2"));
  CHECK(parse(repeat("(", 32) + "7" + repeat(")", 32)));
  CHECK(parse("f(" + repeat("1, ", 31) + "1)"));
  CHECK(parse("a" + repeat(".a", 31)));
  CHECK(parse(repeat("!", 32) + "true"));
  // A chain of || is one level, so that long lists of alternatives are fine.
  CHECK(parse("a" + repeat(" || a", 500)));
}

TEST_CASE("limits stop size and depth") {
  CHECK(tree(repeat("(", 65) + "7" + repeat(")", 65)).contains("nested too deeply"));
  CHECK(tree(repeat("[", 20'000)).contains("the limit is 8192"));
  CHECK(tree(repeat("[", 8'000)).contains("nested too deeply"));
  CHECK(tree(repeat("!", 8'000) + "a").contains("nested too deeply"));
  CHECK(tree("a" + repeat(".a", 100)).contains("nested too deeply"));
  CHECK(tree("1" + repeat("+1", 100)).contains("nested too deeply"));
  CHECK(tree("[" + repeat("1,", 2'000) + "]").contains("the limit is 2000 operations"));
  CHECK(tree("a ? b : " + repeat("a ? b : ", 500) + "c").contains("nested too deeply"));
}

TEST_CASE("an error names line and column, in code points") {
  const auto error = parse("'äö' +\n  é").error();
  CHECK(error.code == core::Code::invalid_argument);
  CHECK(error.message == "2:3: unexpected character 'é'");
  REQUIRE(error.details.size() == 1);
  CHECK(error.details[0].path == "2:3");
  CHECK(error.details[0].message == "unexpected character 'é'");
  CHECK(parse("'\xff'").error().message == "the expression is not valid UTF-8");
}

TEST_CASE("what an outsider wrote is printed harmlessly") {
  CHECK(parse("a \u202e").error().message == "1:3: unexpected character '\\u202e'");
  CHECK(parse("a \x01").error().message == "1:3: unexpected character '\\u0001'");
}

}  // namespace
}  // namespace preloop::cel

#include "policy/simple_condition.h"

#include "core/text.h"

#include <fmt/format.h>
#include <re2/re2.h>

namespace preloop::policy {
namespace {

constexpr std::string_view k_of_another_type =
    "an argument of another type is an error, hence a match in deny and require_approval rules; "
    "it was no match";

std::string without_args(std::string_view path) {
  return std::string(path.starts_with("args.") ? path.substr(5) : path);
}

/// `has(args.a) && has(args.a.b)` for "a.b".
std::string present(std::string_view path) {
  std::string out;
  for (std::size_t at = path.find('.'); at != std::string_view::npos; at = path.find('.', at + 1)) {
    out += fmt::format("has(args.{}) && ", path.substr(0, at));
  }
  return out + fmt::format("has(args.{})", path);
}

/// The literal as CEL spells it; Python's True, False and None included.
std::string literal(std::string_view text) {
  if (text == "True") {
    return "true";
  }
  if (text == "False") {
    return "false";
  }
  return text == "None" ? "null" : std::string(text);
}

TranslatedCondition comparison(const std::string& path,
                               const std::string& op,
                               const std::string& value) {
  TranslatedCondition out;
  const std::string guard = present(path);
  const std::string test = fmt::format("args.{} {} {}", path, op, value);
  // A missing argument equals null and nothing else.
  const bool matches_missing = (op == "==") == (value == "null") && (op == "==" || op == "!=");
  out.when = matches_missing ? fmt::format("!({}) || {}", guard, test)
                             : fmt::format("{} && {}", guard, test);
  if (op != "==" && op != "!=") {
    out.differences.emplace_back(k_of_another_type);
    out.differences.emplace_back(
        "numbers written as strings were converted; here they are refused by the tool's schema");
  }
  return out;
}

}  // namespace

bool looks_like_cel(std::string_view expression) {
  static const re2::RE2 k_method(
      R"(\.(startsWith|endsWith|exists|all|filter|map)\s*\(|\b(size|type|has)\s*\(|\sin\s)");
  std::string bare;  // without string literals
  char quote = 0;
  for (const char c : expression) {
    if (quote != 0) {
      quote = c == quote ? char{0} : quote;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else {
      bare += c;
    }
  }
  const std::size_t negated = bare.find('!');
  return bare.find("&&") != std::string::npos || bare.find("||") != std::string::npos ||
         bare.find_first_of("?[{") != std::string::npos ||
         (negated != std::string::npos && bare.compare(negated, 2, "!=") != 0) ||
         re2::RE2::PartialMatch(bare, k_method);
}

core::Result<TranslatedCondition> translate_simple_condition(std::string_view expression) {
  static const re2::RE2 k_comparison(
      R"(((?:args\.)?[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*(==|!=|>=|<=|>|<)\s*)"
      R"(("[^"\\]*"|'[^'\\]*'|-?\d+(?:\.\d+)?|true|false|null|True|False|None))");
  static const re2::RE2 k_call(
      R"(((?:args\.)?[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*?)\.(contains|matches)\(\s*)"
      R"(("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*\))");
  const std::string_view text = core::trim(expression);
  TranslatedCondition out;
  if (looks_like_cel(text)) {
    out.when = text;
    return out;
  }
  if (text == "true" || text == "True") {
    return out;
  }
  if (text == "false" || text == "False") {
    out.never = true;
    return out;
  }
  std::string path, op, value;
  if (re2::RE2::FullMatch(text, k_comparison, &path, &op, &value)) {
    return comparison(without_args(path), op, literal(value));
  }
  if (re2::RE2::FullMatch(text, k_call, &path, &op, &value)) {
    path = without_args(path);
    if (op == "contains") {
      out.when =
          fmt::format("{0} && (type(args.{1}) == list ? {2} in args.{1} : args.{1}.contains({2}))",
                      present(path),
                      path,
                      value);
    } else {
      // A raw literal: the pattern is not unescaped twice.
      out.when = fmt::format("{} && args.{}.matches(r{})", present(path), path, value);
      out.differences.emplace_back(
          "patterns are RE2 here: no back references and no look-around; a pattern that needs them "
          "is refused");
    }
    out.differences.emplace_back(k_of_another_type);
    return out;
  }
  return core::fail(core::Code::invalid_argument,
                    "not a condition of one comparison, contains('…') or matches('…')");
}

}  // namespace preloop::policy

#include "cel/signature.h"

#include "core/text.h"

#include <array>
#include <unordered_map>

namespace preloop::cel {
namespace {

/// Splits at commas outside of parentheses.
std::vector<std::string_view> split_params(std::string_view text) {
  std::vector<std::string_view> out;
  int depth = 0;
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
    if (text[i] == ',' && depth == 0) {
      out.push_back(core::trim(text.substr(start, i - start)));
      start = i + 1;
    }
  }
  if (!core::trim(text).empty()) {
    out.push_back(core::trim(text.substr(start)));
  }
  return out;
}

Signature parse_signature(std::string_view text) {
  Signature out;
  const std::size_t arrow = text.rfind("->");
  std::string_view params = core::trim(text.substr(0, arrow));
  params.remove_prefix(1);
  params.remove_suffix(1);
  for (std::string_view param : split_params(params)) {
    if (param.ends_with("...")) {
      out.repeats = true;
      param.remove_suffix(3);
    }
    out.params.push_back(parse_type(param).value_or(dyn()));
  }
  out.result = parse_type(core::trim(text.substr(arrow + 2))).value_or(dyn());
  return out;
}

constexpr std::string_view k_order =
    "(number, number) -> bool; (string, string) -> bool; (bytes, bytes) -> bool; "
    "(bool, bool) -> bool; (timestamp, timestamp) -> bool; (duration, duration) -> bool";
constexpr std::string_view k_product =
    "(int, int) -> int; (uint, uint) -> uint; (double, double) -> double";

std::string_view operator_text(Operator op) {
  switch (op) {
    case Operator::add:
      return "(int, int) -> int; (uint, uint) -> uint; (double, double) -> double; "
             "(string, string) -> string; (bytes, bytes) -> bytes; "
             "(list(A), list(A)) -> list(A); (timestamp, duration) -> timestamp; "
             "(duration, timestamp) -> timestamp; (duration, duration) -> duration";
    case Operator::subtract:
      return "(int, int) -> int; (uint, uint) -> uint; (double, double) -> double; "
             "(timestamp, timestamp) -> duration; (timestamp, duration) -> timestamp; "
             "(duration, duration) -> duration";
    case Operator::multiply:
    case Operator::divide:
      return k_product;
    case Operator::modulo:
      return "(int, int) -> int; (uint, uint) -> uint";
    case Operator::negate:
      return "(int) -> int; (double) -> double";
    case Operator::less:
    case Operator::less_equals:
    case Operator::greater:
    case Operator::greater_equals:
      return k_order;
    default:
      return {};
  }
}

}  // namespace

std::vector<Signature> parse_signatures(std::string_view text) {
  std::vector<Signature> out;
  for (const std::string_view one : core::split(text, ';')) {
    const std::string_view trimmed = core::trim(one);
    if (trimmed.starts_with('(') && trimmed.find(") ->") != std::string_view::npos) {
      out.push_back(parse_signature(trimmed));
    }
  }
  return out;
}

std::vector<Signature> signatures_of(const Function& function) {
  static const auto k_library = [] {
    std::unordered_map<std::string_view, std::vector<Signature>> out;
    for (const Library& library : libraries()) {
      for (const Function& known : library.functions) {
        out.try_emplace(known.signatures, parse_signatures(known.signatures));
      }
    }
    return out;
  }();
  const auto found = k_library.find(function.signatures);
  return found != k_library.end() ? found->second : parse_signatures(function.signatures);
}

std::span<const Signature> signatures_of(Operator op) {
  static const auto k_operators = [] {
    std::array<std::vector<Signature>, static_cast<std::size_t>(Operator::optional_index) + 1> out;
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = parse_signatures(operator_text(static_cast<Operator>(i)));
    }
    return out;
  }();
  return k_operators[static_cast<std::size_t>(op)];
}

}  // namespace preloop::cel

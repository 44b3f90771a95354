#include "cel/planner.h"

#include "cel/lexer.h"
#include "cel/program_impl.h"

#include <fmt/format.h>

#include <algorithm>

namespace preloop::cel {
namespace {

constexpr std::size_t k_max_problems = 20;

/// Deterministic functions of text that rules mostly call with literals.
bool is_folded(std::string_view name) {
  return name == "timestamp" || name == "duration";
}

}  // namespace

core::Result<Program> Planner::plan(std::string_view source, const CompileOptions& options) {
  auto impl = std::make_shared<Program::Impl>();
  impl->source = source;
  PRELOOP_TRY(impl->ast, parse(impl->source, options.parse));
  Planner planner(*impl, options);
  impl->root = planner.step(impl->ast.root());
  if (!planner.problems_.empty()) {
    const core::ErrorDetail& first = planner.problems_.front();
    return core::fail(core::Code::invalid_argument,
                      fmt::format("{}: {}", first.path, first.message),
                      std::move(planner.problems_));
  }
  return Program(std::move(impl));
}

Site Planner::site(const Node& node, std::string_view name) const {
  const Place place = place_of(impl_.source, node.offset);
  return {.line = place.line, .column = place.column, .name = name};
}

void Planner::problem(const Node& node, std::string text) {
  if (problems_.size() < k_max_problems) {
    problems_.push_back(source_error(impl_.source, node.offset, std::move(text)).details.front());
  }
}

const Step* Planner::broken(const Node& node) {
  return literal(node, Value::null());
}

const Step* Planner::literal(const Node& node, Value value) {
  auto* const out = make<ConstantStep>(node, {}, eval_constant);
  out->value = value;
  return out;
}

std::span<const Step* const> Planner::steps(std::span<const Node* const> nodes) {
  auto* const out = impl_.arena.allocate_array<const Step*>(nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    out[i] = step(*nodes[i]);
  }
  return {out, nodes.size()};
}

const Step* Planner::step(const Node& node) {
  switch (node.kind) {
    case NodeKind::literal:
      return literal(node, node.literal);
    case NodeKind::ident:
    case NodeKind::select:
      return select(node);
    case NodeKind::call:
      return call(node);
    case NodeKind::operation:
      return operation(node);
    case NodeKind::list:
    case NodeKind::map:
      return collection(node);
    case NodeKind::comprehension:
      return comprehension_step(node);
  }
  return broken(node);
}

const Step* Planner::select(const Node& node) {
  note_reference(node);
  if (const Step* const found = name(node)) {
    return found;
  }
  auto* const out = make<SelectStep>(node,
                                     node.name,
                                     node.is_test       ? eval_has
                                     : node.is_optional ? eval_optional_select
                                                        : eval_select);
  out->operand = step(*node.operand);
  return out;
}

const Step* Planner::operation(const Node& node) {
  const std::string_view text = to_string(node.op);
  const auto binary = [&](StepFunction eval) -> const Step* {
    auto* const out = make<BinaryStep>(node, text, eval);
    out->left = step(*node.args[0]);
    out->right = step(*node.args[1]);
    return out;
  };
  const auto unary = [&](StepFunction eval) -> const Step* {
    auto* const out = make<UnaryStep>(node, text, eval);
    out->operand = step(*node.args[0]);
    return out;
  };
  const auto many = [&](StepFunction eval) -> const Step* {
    auto* const out = make<ManyStep>(node, text, eval);
    out->operands = steps(node.args);
    return out;
  };
  switch (node.op) {
    case Operator::conditional:
      return many(eval_conditional);
    case Operator::logical_and:
      return many(eval_and);
    case Operator::logical_or:
      return many(eval_or);
    case Operator::logical_not:
      return unary(eval_not);
    case Operator::negate:
      return unary(eval_negate);
    case Operator::in:
      return binary(eval_in);
    case Operator::index:
      note_reference(node);
      return binary(eval_index);
    case Operator::optional_index:
      note_reference(node);
      return binary(eval_optional_index);
    case Operator::add:
    case Operator::subtract:
    case Operator::multiply:
    case Operator::divide:
    case Operator::modulo:
      return binary(arithmetic(node.op));
    default:
      return binary(comparison(node.op));
  }
}

const Step* Planner::call(const Node& node) {
  if (node.operand == nullptr) {
    for (const std::string& candidate :
         candidates(node.name, node.is_root ? NameScope::root : NameScope::container)) {
      if (find_function(candidate, CallStyle::global, node.args.size(), options_.functions)) {
        return function_call(node, candidate, CallStyle::global, node.args);
      }
    }
    return function_call(node, node.name, CallStyle::global, node.args);
  }
  if (const auto reference = reference_of(*node.operand)) {
    // `math.greatest(...)` looks like a member call; a function of that full name comes first.
    const std::string full = fmt::format("{}.{}", reference->to_string(), node.name);
    for (const std::string& candidate : candidates(full, NameScope::container)) {
      if (find_function(candidate, CallStyle::global, node.args.size(), options_.functions)) {
        return function_call(node, candidate, CallStyle::global, node.args);
      }
    }
  }
  if ((node.name == "or" || node.name == "orValue") && node.args.size() == 1) {
    auto* const out = make<BinaryStep>(
        node, node.name, node.name == "or" ? eval_optional_or : eval_optional_or_value);
    out->left = step(*node.operand);
    out->right = step(*node.args[0]);
    return out;
  }
  std::vector<const Node*> args{node.operand};
  args.insert(args.end(), node.args.begin(), node.args.end());
  return function_call(node, node.name, CallStyle::member, args);
}

const Step* Planner::function_call(const Node& node,
                                   std::string_view name,
                                   CallStyle style,
                                   std::span<const Node* const> args) {
  const Function* const found = find_function(name, style, args.size(), options_.functions);
  if (found == nullptr) {
    if (options_.unknown_names == UnknownNames::reject) {
      report_unknown_function(node, name);
      return broken(node);
    }
    return make<CallStep>(node, node.name, eval_unknown_function);
  }
  const std::string_view stored = impl_.arena.copy(name);
  if (std::ranges::count(impl_.functions, stored) == 0) {
    impl_.functions.emplace_back(stored);
  }
  const auto planned = steps(args);
  if (found->pattern_body != nullptr && is_constant(*planned[1])) {
    return pattern_call(node, *found, planned);
  }
  auto* const out = make<CallStep>(node, stored, eval_call);
  out->body = found->body;
  out->args = planned;
  return is_folded(found->name) && is_constant(*planned[0]) ? fold(node, *out) : out;
}

/// A call whose argument is a literal: its value, or its mistake while the rule is being written.
const Step* Planner::fold(const Node& node, const CallStep& call) {
  const Activation nothing;
  Frame frame(nothing, impl_.arena, {}, nullptr);
  const Value value = frame.run(call);
  if (value.is_error() && value.error_code() != ErrorCode::no_such_overload) {
    problem(node, value.error_message());
  }
  return value.is_error() ? static_cast<const Step*>(&call) : literal(node, value);
}

/// A call whose pattern is written down: compiled now, refused now when it does not work.
const Step* Planner::pattern_call(const Node& node,
                                  const Function& function,
                                  std::span<const Step* const> args) {
  const Value pattern = static_cast<const ConstantStep*>(args[1])->value;
  if (!pattern.is(Kind::string)) {
    auto* const out = make<CallStep>(node, function.name, eval_call);
    out->body = function.body;
    out->args = args;
    return out;
  }
  auto regex = Regex::compile(pattern.as_text(), Regex::Origin::literal);
  if (!regex) {
    problem(node, fmt::format("this pattern does not work: {}", regex.error()));
    return broken(node);
  }
  impl_.regexes.push_back(std::move(*regex));
  if (function.name == "matches") {
    auto* const out = make<MatchesStep>(node, function.name, eval_matches);
    out->text = args[0];
    out->regex = impl_.regexes.back().get();
    return out;
  }
  auto* const out = make<PatternStep>(node, function.name, eval_pattern_call);
  out->args = args;
  out->pattern_body = function.pattern_body;
  out->regex = impl_.regexes.back().get();
  return out;
}

const Step* Planner::collection(const Node& node) {
  const bool is_list = node.kind == NodeKind::list;
  auto* const entries = impl_.arena.allocate_array<EntryStep>(node.entries.size());
  bool constant = is_list;
  for (std::size_t i = 0; i < node.entries.size(); ++i) {
    const Entry& entry = node.entries[i];
    entries[i] = {
        entry.key != nullptr ? step(*entry.key) : nullptr, step(*entry.value), entry.is_optional};
    constant = constant && !entry.is_optional && is_constant(*entries[i].value);
  }
  if (constant) {
    auto* const items = impl_.arena.allocate_array<Value>(node.entries.size());
    for (std::size_t i = 0; i < node.entries.size(); ++i) {
      items[i] = static_cast<const ConstantStep*>(entries[i].value)->value;
    }
    return literal(node, Value::of_list({items, node.entries.size()}));
  }
  auto* const out = make<LiteralStep>(node, is_list ? "[]" : "{}", is_list ? eval_list : eval_map);
  out->entries = {entries, node.entries.size()};
  return out;
}

const Step* Planner::comprehension_step(const Node& node) {
  auto* const out = make<ComprehensionStep>(node, to_string(node.macro), comprehension(node.macro));
  out->macro = node.macro;
  out->range = step(*node.operand);
  if (scopes_.size() + 2 > k_max_locals) {
    problem(node, fmt::format("more than {} variables are visible here", k_max_locals));
    return broken(node);
  }
  out->slot = static_cast<std::uint32_t>(scopes_.size());
  scopes_.push_back({node.name, out->slot});
  if (!node.second_name.empty()) {
    out->has_second = true;
    out->second_slot = static_cast<std::uint32_t>(scopes_.size());
    scopes_.push_back({node.second_name, out->second_slot});
  }
  out->filter = node.filter != nullptr ? step(*node.filter) : nullptr;
  out->result = node.result != nullptr ? step(*node.result) : nullptr;
  scopes_.resize(out->slot, Scope{});
  return out;
}

}  // namespace preloop::cel

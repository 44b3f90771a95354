#pragma once
#include "catalogue/catalogue.h"
#include "cel/check.h"
#include "core/error.h"
#include "core/result.h"
#include "policy/document.h"
#include "policy/rule_list.h"

#include <string>
#include <string_view>
#include <vector>

namespace preloop::policy {

/// What conditions can read besides `args`, with its type. For completion.
const std::vector<cel::Variable>& condition_variables();

/// Checks a condition against what a tool takes: the types of `args` come from its input schema,
/// those of the other variables are fixed. Pure.
cel::Checked check_condition(const cel::Program& condition, const catalogue::Tool& tool);

/// Why a rule's condition cannot be relied on for the tool, "1:6: there is no 'args.amout'; did you
/// mean …"; empty when it can. Asked before each evaluation, so the answers of a thread are kept,
/// by condition and by the tool's definition: a tool that changes is checked anew.
const std::string& condition_problem(const cel::Program& condition, const catalogue::Tool& tool);

/// A finding about a condition somebody is writing, with the exposed names of the tools it is about
/// (none: whatever the tool).
struct ConditionFinding {
  cel::Finding finding;
  std::vector<std::string> tools;
};

/// Checks a condition as it is written in a rule for `tool` (a pattern, or empty for none): its
/// syntax, its names, and its types for every tool the pattern names. Findings that are the same
/// for several tools are one. invalid_argument when the pattern is none. Pure.
core::Result<std::vector<ConditionFinding>> check_text(std::string_view when,
                                                       std::string_view tool,
                                                       const catalogue::Catalogue& catalogue);

/// Findings about the conditions of a document, each with the place of its rule.
struct RuleFindings {
  std::vector<core::ErrorDetail> errors;
  std::vector<core::ErrorDetail> warnings;
};

/// Checks every enabled rule against every tool it names. A finding that is the same for several
/// tools is reported once. Two kinds of errors are warnings: those a rule in force has already (its
/// tool has changed under it, and the rest must still be possible to apply), and those a rule with
/// `*` has for some of its tools only.
RuleFindings check_rules(const Document& document,
                         const Document& in_force,
                         const catalogue::Catalogue& catalogue);

}  // namespace preloop::policy

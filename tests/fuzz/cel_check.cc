#include "cel/check.h"
#include "cel/evaluate.h"
#include "cel/schema_type.h"
#include "core/json.h"
#include "targets.h"

#include <array>
#include <string>

namespace preloop::fuzz {
namespace {

constexpr std::array<std::string_view, 1> k_variables = {"args"};

}  // namespace

/// A schema on the first line, a condition on the others. Whatever they are: the check ends, says
/// the same twice, and points into the source.
void cel_check(std::string_view bytes) {
  const std::size_t end = bytes.find('\n');
  if (end == std::string_view::npos) {
    return;
  }
  const auto schema = core::JsonDocument::parse(std::string(bytes.substr(0, end)));
  const std::string source(bytes.substr(end + 1));
  const auto program = cel::compile(source, {.variables = k_variables});
  if (!program) {
    return;
  }
  const cel::TypePtr type =
      schema ? cel::type_of_arguments(schema->root()) : cel::map_of(cel::dyn(), cel::dyn());
  const std::array variables = {cel::Variable{"args", type}};
  const cel::CheckOptions options{.variables = variables,
                                  .purpose = cel::CheckOptions::Purpose::condition};
  const cel::Checked first = cel::check(*program, options);
  const cel::Checked second = cel::check(*program, options);
  check(first.type != nullptr && to_string(*first.type) == to_string(*second.type), "one type");
  check(first.findings.size() == second.findings.size(), "the same findings twice");
  check(first.cost.min <= first.cost.max, "a cost has two ends");
  for (const cel::Finding& finding : first.findings) {
    check(!finding.message.empty() && !finding.code.empty(), "a finding says what");
    check(finding.line >= 1 && finding.column >= 1 && finding.column <= source.size() + 1,
          "a finding is in the source");
  }
}

}  // namespace preloop::fuzz

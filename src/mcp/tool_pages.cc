#include "mcp/tool_pages.h"

#include "catalogue/definition.h"
#include "core/json.h"
#include "core/json_writer.h"
#include "mcp/client_core.h"

#include <fmt/format.h>

namespace preloop::mcp {
namespace {

using core::Code;
using core::fail;

constexpr std::size_t k_max_cursor = 8 * 1024;
constexpr std::size_t k_max_problems = 10;

}  // namespace

std::string ToolPages::params() const {
  return cursor_.empty() ? "{}" : fmt::format(R"({{"cursor":{}}})", cursor_);
}

core::Result<bool> ToolPages::add(const firewall::UpstreamAnswer& answer) {
  if (!answer.error.empty()) {
    return fail(Code::failed_precondition,
                "the server did not list its tools: " + describe_error(answer.error));
  }
  bytes_ += answer.result.size();
  if (++pages_ > limits_.max_pages || bytes_ > limits_.max_bytes) {
    return fail(Code::resource_exhausted,
                fmt::format("the list of tools is longer than {} pages or {} bytes",
                            limits_.max_pages,
                            limits_.max_bytes));
  }
  PRELOOP_TRY(const core::JsonDocument document, core::JsonDocument::parse(answer.result));
  const core::Json root = document.root();
  if (!root["tools"].is_array()) {
    return fail(Code::failed_precondition, "the server's list of tools has no 'tools'");
  }
  const auto texts = core::raw_elements(core::raw_member(document.text(), "tools").value_or("[]"));
  if (tools_.size() + texts.size() > limits_.max_tools) {
    return fail(Code::resource_exhausted,
                fmt::format("the server lists more than {} tools", limits_.max_tools));
  }
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (auto tool = catalogue::read_definition(root["tools"].at(i), texts[i])) {
      tools_.push_back(std::move(*tool));
    } else {
      note(tool.error().message);
    }
  }
  const core::Json next = root["nextCursor"];
  if (!next.exists() || next.is_null()) {
    return false;
  }
  cursor_ = core::raw_member(document.text(), "nextCursor").value_or("");
  if (!next.is_string() || cursor_.size() > k_max_cursor) {
    return fail(Code::failed_precondition, "the server's list of tools has an unusable cursor");
  }
  if (!seen_cursors_.insert(cursor_).second) {
    return fail(Code::resource_exhausted, "the server's list of tools repeats itself without end");
  }
  return true;
}

std::vector<catalogue::Tool> ToolPages::take() {
  for (std::string& problem : catalogue::drop_ambiguous(tools_)) {
    note(std::move(problem));
  }
  return std::move(tools_);
}

void ToolPages::note(std::string problem) {
  if (problems_.size() < k_max_problems) {
    problems_.push_back(std::move(problem));
  }
}

}  // namespace preloop::mcp

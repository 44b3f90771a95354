#include "mcp/tool_pages.h"

#include "catalogue/definition.h"
#include "core/json.h"

namespace preloop::mcp {
namespace {

constexpr std::size_t k_max_problems = 10;

}  // namespace

core::Result<bool> ToolPages::add(const firewall::UpstreamAnswer& answer) {
  return pages_.add(answer, [this](core::Json item, std::string_view text) {
    if (auto tool = catalogue::read_definition(item, text)) {
      tools_.push_back(std::move(*tool));
    } else {
      note(tool.error().message);
    }
  });
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

#pragma once
#include "catalogue/types.h"
#include "core/result.h"
#include "firewall/upstream.h"
#include "mcp/list_pages.h"

#include <string>
#include <vector>

namespace preloop::mcp {

/// Reads tools/list page by page, without I/O: ListPages, and what a tool must be.
class ToolPages {
 public:
  explicit ToolPages(ListLimits limits = {}) : pages_("tools", limits) {}

  /// Of the next request.
  std::string params() const { return pages_.params(); }
  /// As ListPages::add.
  core::Result<bool> add(const firewall::UpstreamAnswer& answer);
  /// What was listed, ambiguous names dropped; once, after the last page.
  std::vector<catalogue::Tool> take();
  /// Why tools were left out, one printable line each; the first few.
  const std::vector<std::string>& problems() const { return problems_; }

 private:
  void note(std::string problem);

  ListPages pages_;
  std::vector<catalogue::Tool> tools_;
  std::vector<std::string> problems_;
};

}  // namespace preloop::mcp

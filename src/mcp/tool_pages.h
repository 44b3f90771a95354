#pragma once
#include "catalogue/types.h"
#include "core/result.h"
#include "firewall/upstream.h"

#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace preloop::mcp {

struct ListLimits {
  std::size_t max_pages = 100;
  std::size_t max_tools = 2'000;
  std::size_t max_bytes = 16 * 1024 * 1024;
};

/// Reads tools/list page by page, without I/O. A list without end, whether by repeated cursors or
/// by ever new ones, is an error and not a part of a list.
class ToolPages {
 public:
  explicit ToolPages(ListLimits limits = {}) : limits_(limits) {}

  /// Of the next request.
  std::string params() const;
  /// True: there is another page. `failed_precondition` when the server answers with an error or
  /// something that is no list, `resource_exhausted` beyond a limit.
  core::Result<bool> add(const firewall::UpstreamAnswer& answer);
  /// What was listed, ambiguous names dropped; once, after the last page.
  std::vector<catalogue::Tool> take();
  /// Why tools were left out, one printable line each; the first few.
  const std::vector<std::string>& problems() const { return problems_; }

 private:
  void note(std::string problem);

  ListLimits limits_;
  std::string cursor_;  ///< JSON text
  std::set<std::string> seen_cursors_;
  std::size_t pages_ = 0;
  std::size_t bytes_ = 0;
  std::vector<catalogue::Tool> tools_;
  std::vector<std::string> problems_;
};

}  // namespace preloop::mcp

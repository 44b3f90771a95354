#pragma once
#include "core/json.h"
#include "core/result.h"
#include "firewall/upstream.h"

#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <string_view>

namespace preloop::mcp {

struct ListLimits {
  std::size_t max_pages = 100;
  std::size_t max_items = 2'000;
  std::size_t max_bytes = 16 * 1024 * 1024;
};

/// Reads what a server lists page by page, without I/O. A list without end, whether by repeated
/// cursors or by ever new ones, is an error and not a part of a list.
class ListPages {
 public:
  /// `member`: where a page has its items, "tools".
  explicit ListPages(std::string_view member, ListLimits limits = {})
      : member_(member), limits_(limits) {}

  /// Of the next request.
  std::string params() const;
  /// `visit`s each item and its bytes. True: there is another page. `failed_precondition` when the
  /// server answers with an error or something that is no list, `resource_exhausted` beyond a
  /// limit.
  core::Result<bool> add(const firewall::UpstreamAnswer& answer,
                         const std::function<void(core::Json, std::string_view)>& visit);

 private:
  std::string member_;
  ListLimits limits_;
  std::string cursor_;  ///< JSON text
  std::set<std::string> seen_cursors_;
  std::size_t pages_ = 0;
  std::size_t bytes_ = 0;
  std::size_t items_ = 0;
};

}  // namespace preloop::mcp

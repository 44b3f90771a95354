#pragma once
#include "catalogue/types.h"
#include "core/snapshot.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace preloop::catalogue {

/// Every server and tool of one moment: immutable, built when something changes, read by each call
/// without a lock.
class Catalogue {
 public:
  Catalogue() = default;
  Catalogue(std::vector<std::shared_ptr<const Server>> servers, std::vector<ToolPtr> tools);

  /// Null when there is none. Vanished and ambiguous tools are not in the catalogue; disabled ones
  /// are, so that a call can be told the difference.
  const ToolPtr* find_exposed(std::string_view exposed_name) const;
  const ToolPtr* find(core::ServerId server, std::string_view name) const;
  /// What stands for a request to a server that is decided like a call (requests.h); null when
  /// there is no such server.
  ToolPtr find_request(core::ServerId server, Method method) const;
  /// What `tool`, perhaps of an earlier moment, is now; null when it is no more.
  ToolPtr find_again(const Tool& tool) const;
  const Server* find_server(core::ServerId id) const;
  const Server* find_server(std::string_view name) const;

  const std::vector<std::shared_ptr<const Server>>& servers() const { return servers_; }
  /// In the order of servers, then as listed: stable, so clients' prompt caches hold.
  const std::vector<ToolPtr>& tools() const { return tools_; }

 private:
  std::vector<std::shared_ptr<const Server>> servers_;
  std::vector<ToolPtr> tools_;
  std::vector<ToolPtr> requests_;  ///< of every server, each method
  std::unordered_map<std::string_view, const ToolPtr*> by_exposed_;
};

using CatalogueSnapshot = core::Snapshot<Catalogue>;

}  // namespace preloop::catalogue

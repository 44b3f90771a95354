#include "catalogue/catalogue.h"

#include <algorithm>

namespace preloop::catalogue {

Catalogue::Catalogue(std::vector<std::shared_ptr<const Server>> servers, std::vector<ToolPtr> tools)
    : servers_(std::move(servers)), tools_(std::move(tools)) {
  by_exposed_.reserve(tools_.size());
  for (const ToolPtr& tool : tools_) {
    by_exposed_.emplace(tool->exposed_name, &tool);
  }
}

const ToolPtr* Catalogue::find_exposed(std::string_view exposed_name) const {
  const auto found = by_exposed_.find(exposed_name);
  return found == by_exposed_.end() ? nullptr : found->second;
}

const ToolPtr* Catalogue::find(core::ServerId server, std::string_view name) const {
  const auto found = std::ranges::find_if(
      tools_, [&](const ToolPtr& tool) { return tool->server == server && tool->name == name; });
  return found == tools_.end() ? nullptr : &*found;
}

const Server* Catalogue::find_server(core::ServerId id) const {
  const auto found =
      std::ranges::find_if(servers_, [&](const auto& server) { return server->id == id; });
  return found == servers_.end() ? nullptr : found->get();
}

const Server* Catalogue::find_server(std::string_view name) const {
  const auto found = std::ranges::find_if(
      servers_, [&](const auto& server) { return server->config.name == name; });
  return found == servers_.end() ? nullptr : found->get();
}

}  // namespace preloop::catalogue

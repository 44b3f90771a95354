#include "catalogue/catalogue.h"

#include "catalogue/requests.h"

#include <algorithm>

namespace preloop::catalogue {

Catalogue::Catalogue(std::vector<std::shared_ptr<const Server>> servers, std::vector<ToolPtr> tools)
    : servers_(std::move(servers)), tools_(std::move(tools)) {
  by_exposed_.reserve(tools_.size());
  for (const ToolPtr& tool : tools_) {
    by_exposed_.emplace(tool->exposed_name, &tool);
  }
  requests_.reserve(servers_.size() * k_request_methods.size());
  for (const auto& server : servers_) {
    for (const Method method : k_request_methods) {
      requests_.push_back(make_request_tool(*server, method));
    }
  }
}

ToolPtr Catalogue::find_request(core::ServerId server, Method method) const {
  const auto found = std::ranges::find_if(requests_, [&](const ToolPtr& tool) {
    return tool->server == server && tool->method == method;
  });
  return found == requests_.end() ? nullptr : *found;
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

ToolPtr Catalogue::find_again(const Tool& tool) const {
  if (tool.method != Method::tools_call) {
    return find_request(tool.server, tool.method);
  }
  const ToolPtr* const found = find(tool.server, tool.name);
  return found == nullptr ? nullptr : *found;
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

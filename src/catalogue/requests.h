#pragma once
#include "catalogue/types.h"

#include <array>
#include <optional>
#include <string_view>

namespace preloop::catalogue {

// Reading a resource, getting a prompt, completing and subscribing reach a server as calls of its
// tools do, so they are decided, recorded and held in the same way: each server has for each of
// them a tool that is never listed. Rules name them like tools ("resources:read",
// "files/prompts:get",
// "*"), and conditions see the request's params as `args`.

constexpr std::array k_request_methods{Method::resources_read,
                                       Method::resources_subscribe,
                                       Method::prompts_get,
                                       Method::completion_complete};

/// What rules call the method, "resources:read". No model API accepts a tool of such a name.
std::string_view request_name(Method method);
/// nullopt when it is no such name.
std::optional<Method> parse_request_name(std::string_view name);

/// What stands for a request of the method to the server. Never pinned, never disabled, read only.
ToolPtr make_request_tool(const Server& server, Method method);

}  // namespace preloop::catalogue

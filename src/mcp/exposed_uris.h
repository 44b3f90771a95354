#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace preloop::mcp {

// URIs on /mcp/v1, where several servers may use the same: "server+URI". A scheme may hold a plus
// sign and a server's name may not, so what is before the first one is the server, and the result
// is a URI still. Clients look for interfaces by their scheme, so "ui://x" becomes "ui://server+x".

std::string exposed_uri(std::string_view server, std::string_view uri);

struct OwnUri {
  std::string_view server;
  std::string uri;
};
/// nullopt when it is none of ours.
std::optional<OwnUri> own_uri(std::string_view exposed);

/// A result as clients of /mcp/v1 get it: the URIs of the resources in it, of a tool's `content`, a
/// resource's `contents` and a prompt's `messages`, exposed; every other byte as it was.
std::string expose_result_uris(std::string result, std::string_view server);

/// A tool's definition with the URI of its interface (`_meta.ui.resourceUri`) exposed.
std::string expose_interface_uri(std::string_view definition, std::string_view server);

}  // namespace preloop::mcp

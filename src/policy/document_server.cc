#include "catalogue/variables.h"
#include "policy/document_parts.h"

#include <fmt/format.h>

namespace preloop::policy {

using core::YamlNode;

catalogue::ServerConfig read_server(YamlReader& reader, const YamlNode& node) {
  catalogue::ServerConfig server;
  if (!reader.mapping(node,
                      "a server",
                      {"name",
                       "transport",
                       "command",
                       "args",
                       "env",
                       "url",
                       "headers",
                       "auth",
                       "call_timeout"})) {
    return server;
  }
  server.name = reader.required_text(node, "name", "a server");
  const std::string transport = reader.required_text(node, "transport", "a server");
  const auto parsed = catalogue::parse_transport(transport);
  if (!parsed && !transport.empty()) {
    reader.choice(*node.find("transport"), "'transport'", {"stdio", "streamable_http"});
  }
  server.transport = parsed.value_or(catalogue::Transport::stdio);
  server.call_timeout = core::seconds(reader.integer(node, "call_timeout", 600, 1, 24 * 3600));
  const bool stdio = server.transport == catalogue::Transport::stdio;
  for (const std::string_view key : {"url", "headers", "auth"}) {
    if (stdio && node.find(key) != nullptr) {
      reader.problem(*node.find(key), fmt::format("'{}' does not apply to a stdio server", key));
    }
  }
  for (const std::string_view key : {"command", "args", "env"}) {
    if (!stdio && node.find(key) != nullptr) {
      reader.problem(*node.find(key), fmt::format("'{}' applies to stdio servers only", key));
    }
  }
  if (stdio) {
    server.command = reader.required_text(node, "command", "a stdio server");
    server.args = reader.texts(node, "args");
    server.env = reader.pairs(node, "env");
  } else {
    server.url = reader.required_text(node, "url", "a streamable_http server");
    server.headers = reader.pairs(node, "headers");
    if (const YamlNode* const auth = node.find("auth");
        auth != nullptr &&
        reader.mapping(*auth, "auth", {"type", "token"}, {"client_id", "scopes"})) {
      const std::string type = reader.required_text(*auth, "type", "auth");
      if (type == "bearer") {
        server.bearer_token = reader.required_text(*auth, "token", "bearer auth");
      } else if (type != "none" && !type.empty()) {
        reader.problem(*auth->find("type"), "auth 'type' must be bearer or none");
      }
    }
  }
  // A document is stored, exported and kept in version control: only references to secrets belong.
  const std::string& token = server.bearer_token;
  if (!token.empty() && !token.starts_with("secret:") && !catalogue::is_variable(token)) {
    reader.problem(*node.find("auth"),
                   "a token must not stand in a policy; store it with `preloop secrets set NAME` "
                   "and write \"secret:NAME\"");
  }
  const auto check = [&](std::string_view key, const std::string& value) {
    if (const auto checked = catalogue::check_variables(value); !checked) {
      reader.problem(node.find(key) == nullptr ? node : *node.find(key), checked.error().message);
    }
  };
  check("url", server.url);
  check("auth", server.bearer_token);
  for (const auto& [name, value] : server.env) {
    check("env", value);
  }
  for (const auto& [name, value] : server.headers) {
    check("headers", value);
  }
  return server;
}

}  // namespace preloop::policy

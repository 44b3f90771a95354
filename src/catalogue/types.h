#pragma once
#include "core/clock.h"
#include "core/crypto.h"
#include "core/id.h"
#include "core/result.h"
#include "schema/schema.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace preloop::catalogue {

enum class Transport : std::uint8_t { stdio, streamable_http };
std::string_view to_string(Transport transport);
std::optional<Transport> parse_transport(std::string_view text);

/// How to reach an MCP server, as configured. Any value of `env`, `headers` and `bearer_token` may
/// be "secret:NAME": the secret store holds it, and it is resolved only when the upstream is
/// started.
struct ServerConfig {
  std::string name;  ///< [a-z0-9][a-z0-9-]{0,31}: what tools are prefixed with
  Transport transport = Transport::stdio;
  std::string command;  ///< stdio
  std::vector<std::string> args;
  std::vector<std::pair<std::string, std::string>> env;
  std::string url;  ///< streamable_http
  std::vector<std::pair<std::string, std::string>> headers;
  std::string bearer_token;
  core::seconds call_timeout{600};  ///< a call without any sign of life for so long is given up
  bool operator==(const ServerConfig&) const = default;
};

/// invalid_argument with what is wrong: a name that cannot prefix tools, a missing command or URL,
/// too many or too long values, a header that is not one.
core::Status check_config(const ServerConfig& config);

/// What the server is, whatever it is called: SHA-256 over transport and command line or URL. An
/// approval is bound to it, so a server swapped under the same name cannot use one.
core::Digest identity_of(const ServerConfig& config);

enum class ServerStatus : std::uint8_t { connecting, ready, failed };
std::string_view to_string(ServerStatus status);

/// What a server lists beside its tools, as it said it last. Not stored: listed anew at each start.
struct ServerLists {
  struct Item {
    std::string key;   ///< URI, URI template or name: what tells it from the others
    std::string text;  ///< the server's own JSON object, bytes unchanged
  };
  std::vector<Item> resources;
  std::vector<Item> templates;
  std::vector<Item> prompts;
  bool has_resources = false;  ///< the server said that it has any at all
  bool has_prompts = false;
  bool has_completions = false;
  /// Over everything above: tells one state from another.
  std::uint64_t digest = 0;
};

struct Server {
  core::ServerId id;
  ServerConfig config;
  std::int64_t revision = 1;
  bool accepted = false;  ///< its first listing has been taken; later tools are `new_tool`
  ServerStatus status = ServerStatus::connecting;
  std::string last_error;  ///< one printable line
  std::optional<core::WallTime> last_scan_at;
  std::shared_ptr<const ServerLists> lists;  ///< null until it has been listed
};

/// What is sent to a server when something of it is called: a tool, or one of the requests that are
/// decided like calls (requests.h).
enum class Method : std::uint8_t {
  tools_call,
  resources_read,
  resources_subscribe,
  prompts_get,
  completion_complete,
};
/// As on the wire, "tools/call".
std::string_view to_string(Method method);

/// Whether a tool's definition is the one a person accepted (with the server, or later).
enum class PinState : std::uint8_t { accepted, new_tool, changed };
std::string_view to_string(PinState state);
std::optional<PinState> parse_pin_state(std::string_view text);

/// What policy may rely on when arguments do not fit the schema.
enum class ArgumentsMode : std::uint8_t { strict, lenient };

/// Booleans of MCP's tool annotations; absent ones keep the specification's defaults.
struct Annotations {
  bool read_only_hint = false;
  bool destructive_hint = true;
  bool idempotent_hint = false;
  bool open_world_hint = true;
};

/// An argument that clients of 2026-07-28 repeat in a header, `Mcp-Param-<header>`: `x-mcp-header`
/// in the input schema.
struct ParamHeader {
  std::vector<std::string> path;  ///< member names, from the arguments on
  std::string header;
  bool operator==(const ParamHeader&) const = default;
};

/// One tool of one server, immutable, shared by snapshots; or a request that is decided like a call
/// of one, which `method` tells.
struct Tool {
  Method method = Method::tools_call;
  core::ToolId id;  ///< nil unless it is a tool
  core::ServerId server;
  std::string server_name;
  std::string name;                ///< as the server calls it
  std::string exposed_name;        ///< as clients see it on /mcp/v1: server__tool (names.h)
  std::string definition;          ///< the server's own JSON object, bytes unchanged
  core::Digest definition_hash{};  ///< of its canonical form
  std::string description;
  Annotations annotations;
  /// Null when there is none or it cannot be used; `schema_problem` then says why, conditions on
  /// this tool are errors, and the console shows it.
  std::shared_ptr<const schema::Schema> input_schema;
  std::string schema_problem;
  PinState pin = PinState::accepted;
  std::string accepted_definition;  ///< differs from `definition` only when pin is `changed`
  bool enabled = true;
  ArgumentsMode arguments = ArgumentsMode::strict;
  std::vector<ParamHeader> param_headers;
};
using ToolPtr = std::shared_ptr<const Tool>;

}  // namespace preloop::catalogue

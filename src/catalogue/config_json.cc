#include "catalogue/config_json.h"

#include "core/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace preloop::catalogue {
namespace {

using core::Code;
using core::Json;

std::unexpected<core::Error> bad(std::string path, std::string message) {
  const std::string text = fmt::format("{}: {}", path, message);
  return core::fail(Code::invalid_argument, text, {{std::move(path), std::move(message)}});
}

core::Result<std::string> text(Json json, std::string_view name) {
  const Json value = json[name];
  if (!value.exists()) {
    return std::string();
  }
  const auto string = value.as_string();
  if (!string) {
    return bad(fmt::format("/{}", name), "must be a string");
  }
  return std::string(*string);
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

core::Result<Pairs> pairs(Json json, std::string_view name) {
  Pairs out;
  const Json value = json[name];
  if (value.exists() && !value.is_object()) {
    return bad(fmt::format("/{}", name), "must be an object of strings");
  }
  for (const core::JsonMember& member : value.members()) {
    const auto string = member.value().as_string();
    if (!string) {
      return bad(fmt::format("/{}/{}", name, member.key), "must be a string");
    }
    out.emplace_back(member.key, *string);
  }
  return out;
}

void write_pairs(core::JsonWriter& out, std::string_view name, const Pairs& values) {
  if (values.empty()) {
    return;
  }
  out.key(name).begin_object();
  for (const auto& [key, value] : values) {
    out.field(key, value);
  }
  out.end_object();
}

constexpr std::array<std::string_view, 9> k_members = {
    "name", "transport", "command", "args", "env", "url", "headers", "auth", "call_timeout"};

}  // namespace

void write_config(core::JsonWriter& out, const ServerConfig& config) {
  out.begin_object().field("name", config.name).field("transport", to_string(config.transport));
  if (config.transport == Transport::stdio) {
    out.field("command", config.command);
    if (!config.args.empty()) {
      out.key("args").begin_array();
      for (const std::string& argument : config.args) {
        out.string(argument);
      }
      out.end_array();
    }
    write_pairs(out, "env", config.env);
  } else {
    out.field("url", config.url);
    write_pairs(out, "headers", config.headers);
    if (!config.bearer_token.empty()) {
      out.key("auth").begin_object().field("type", "bearer").field("token", config.bearer_token);
      out.end_object();
    }
  }
  out.field("call_timeout", config.call_timeout.count()).end_object();
}

core::Result<ServerConfig> read_config(Json json) {
  if (!json.is_object()) {
    return bad("", "must be an object");
  }
  for (const core::JsonMember& member : json.members()) {
    if (std::ranges::find(k_members, member.key) == k_members.end()) {
      return bad(fmt::format("/{}", core::printable(member.key, 64)),
                 "is not a member of a server");
    }
  }
  ServerConfig config;
  PRELOOP_TRY(config.name, text(json, "name"));
  PRELOOP_TRY(const std::string transport, text(json, "transport"));
  const auto parsed = parse_transport(transport);
  if (!parsed) {
    return bad("/transport", "must be stdio or streamable_http");
  }
  config.transport = *parsed;
  PRELOOP_TRY(config.command, text(json, "command"));
  if (json["args"].exists() && !json["args"].is_array()) {
    return bad("/args", "must be a list of strings");
  }
  for (const core::JsonNode& node : json["args"].elements()) {
    const auto argument = Json(&node).as_string();
    if (!argument) {
      return bad("/args", "must be a list of strings");
    }
    config.args.emplace_back(*argument);
  }
  PRELOOP_TRY(config.env, pairs(json, "env"));
  PRELOOP_TRY(config.url, text(json, "url"));
  PRELOOP_TRY(config.headers, pairs(json, "headers"));
  if (const Json auth = json["auth"]; auth.exists() && auth["type"].as_string() != "none") {
    if (auth["type"].as_string() != "bearer" || !auth["token"].is_string()) {
      return bad("/auth", R"(must be {"type":"bearer","token":"secret:NAME"} or {"type":"none"})");
    }
    config.bearer_token = *auth["token"].as_string();
    if (!config.bearer_token.starts_with("secret:")) {
      return bad("/auth/token",
                 "store it with `preloop secrets set NAME` and write \"secret:NAME\"");
    }
  }
  if (const Json timeout = json["call_timeout"]; timeout.exists()) {
    const auto seconds = timeout.as_int();
    if (!seconds) {
      return bad("/call_timeout", "must be whole seconds");
    }
    config.call_timeout = core::seconds(*seconds);
  }
  const bool stdio = config.transport == Transport::stdio;
  for (const std::string_view name : {"url", "headers", "auth"}) {
    if (stdio && json[name].exists()) {
      return bad(fmt::format("/{}", name), "does not apply to a stdio server");
    }
  }
  for (const std::string_view name : {"command", "args", "env"}) {
    if (!stdio && json[name].exists()) {
      return bad(fmt::format("/{}", name), "applies to stdio servers only");
    }
  }
  PRELOOP_CHECK(check_config(config));
  return config;
}

}  // namespace preloop::catalogue

#include "catalogue/types.h"

#include "catalogue/names.h"

#include <algorithm>

namespace preloop::catalogue {

std::string_view to_string(Transport transport) {
  return transport == Transport::stdio ? "stdio" : "streamable_http";
}
std::optional<Transport> parse_transport(std::string_view text) {
  if (text == "stdio") {
    return Transport::stdio;
  }
  // The reference product spells it with a hyphen; documents written for it keep working.
  if (text == "streamable_http" || text == "streamable-http") {
    return Transport::streamable_http;
  }
  return std::nullopt;
}

core::Status check_config(const ServerConfig& config) {
  const auto bad = [](std::string message) {
    return core::fail(core::Code::invalid_argument, std::move(message));
  };
  if (!is_valid_server_name(config.name)) {
    return bad("a server's name has 1 to 32 characters of a-z, 0-9 and '-', and no '-' in front");
  }
  const auto plain = [](const std::string& text) {
    return text.size() <= 8192 && text.find_first_of(std::string_view("\0\r\n", 3)) == text.npos;
  };
  const auto plain_pair = [&](const auto& pair) {
    return !pair.first.empty() && plain(pair.first) && plain(pair.second) &&
           pair.first.find_first_of("=: ") == std::string::npos;
  };
  if (config.args.size() > 256 || config.env.size() > 256 || config.headers.size() > 64 ||
      !std::ranges::all_of(config.args, plain) || !std::ranges::all_of(config.env, plain_pair) ||
      !std::ranges::all_of(config.headers, plain_pair)) {
    return bad("arguments, environment and headers must be single lines, and not that many");
  }
  if (config.call_timeout < core::seconds(1) || config.call_timeout > core::seconds(24 * 3600)) {
    return bad("call_timeout must be 1 to 86400 seconds");
  }
  if (config.transport == Transport::stdio) {
    if (config.command.empty() || !plain(config.command)) {
      return bad("a stdio server needs a command");
    }
    return {};
  }
  if (!config.url.starts_with("http://") && !config.url.starts_with("https://")) {
    return bad("a streamable_http server needs a url that starts with https:// or http://");
  }
  return {};
}

core::Digest identity_of(const ServerConfig& config) {
  core::Sha256 hash;
  hash.update_field("preloop.server.v1").update_field(to_string(config.transport));
  hash.update_field(config.command).update_field(config.url);
  for (const std::string& argument : config.args) {
    hash.update_field(argument);
  }
  return hash.finish();
}

std::string_view to_string(ServerStatus status) {
  switch (status) {
    case ServerStatus::connecting:
      return "connecting";
    case ServerStatus::ready:
      return "ready";
    case ServerStatus::failed:
      return "failed";
  }
  return "failed";
}

std::string_view to_string(PinState state) {
  switch (state) {
    case PinState::accepted:
      return "accepted";
    case PinState::new_tool:
      return "new_tool";
    case PinState::changed:
      return "changed";
  }
  return "changed";
}
std::optional<PinState> parse_pin_state(std::string_view text) {
  for (const PinState state : {PinState::accepted, PinState::new_tool, PinState::changed}) {
    if (text == to_string(state)) {
      return state;
    }
  }
  return std::nullopt;
}

}  // namespace preloop::catalogue

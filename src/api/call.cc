#include "api/call.h"

#include "core/crypto.h"
#include "core/text.h"
#include "identity/record.h"

#include <fmt/format.h>

#include <charconv>

namespace preloop::api {
namespace {

using core::Code;
using core::fail;

constexpr std::size_t k_mac_size = 16;

std::string_view find(const std::vector<std::pair<std::string, std::string>>& values,
                      std::string_view name,
                      bool& found) {
  for (const auto& [key, value] : values) {
    if (key == name) {
      found = true;
      return value;
    }
  }
  found = false;
  return {};
}

std::string cursor_mac(const Call& call, std::string_view place) {
  std::string signed_text = call.operation.id;
  signed_text += '\n';
  signed_text += call.services.account.as_bytes();
  signed_text += place;
  const core::Digest mac = core::hmac_sha256(call.services.cursor_key.reveal(), signed_text);
  return std::string(core::as_bytes(mac).substr(0, k_mac_size));
}

}  // namespace

std::string Call::text(std::string_view name) const {
  return std::string(body()[name].as_string().value_or(""));
}

std::optional<std::string> Call::optional_text(std::string_view name) const {
  const auto value = body()[name].as_string();
  return value ? std::optional(std::string(*value)) : std::nullopt;
}

std::string_view Call::path_parameter(std::string_view name) const {
  bool found = false;
  return find(path, name, found);
}

std::optional<std::string_view> Call::query_parameter(std::string_view name) const {
  bool found = false;
  const std::string_view value = find(query, name, found);
  return found ? std::optional(value) : std::nullopt;
}

core::Result<std::optional<std::int64_t>> Call::query_integer(std::string_view name) const {
  const auto given = query_parameter(name);
  if (!given) {
    return std::optional<std::int64_t>();
  }
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(given->begin(), given->end(), value);
  if (problem != std::errc() || end != given->end()) {
    return fail(Code::invalid_argument,
                fmt::format("'{}' must be a whole number", name),
                {{std::string(name), "must be a whole number"}});
  }
  return std::optional(value);
}

core::Result<std::optional<core::WallTime>> Call::query_time(std::string_view name) const {
  const auto given = query_parameter(name);
  if (!given) {
    return std::optional<core::WallTime>();
  }
  const auto parsed = core::parse_rfc3339(*given);
  if (!parsed) {
    return fail(Code::invalid_argument,
                fmt::format("'{}' must be a time such as 2026-01-31T12:00:00Z", name),
                {{std::string(name), "must be RFC 3339"}});
  }
  return std::optional(*parsed);
}

core::Result<std::size_t> Call::limit() const {
  constexpr std::int64_t k_default = 50;
  constexpr std::int64_t k_most = 200;
  PRELOOP_TRY(const auto given, query_integer("limit"));
  const std::int64_t limit = given.value_or(k_default);
  if (limit < 1 || limit > k_most) {
    return fail(Code::invalid_argument,
                fmt::format("'limit' is from 1 to {}", k_most),
                {{"limit", "out of range"}});
  }
  return static_cast<std::size_t>(limit);
}

identity::Actor Call::actor() const {
  auto actor = identity::Actor::from(*principal);
  return actor ? *actor : identity::Actor{};
}

audit::Actor Call::audit_actor() const {
  return identity::audit_actor(*directory(), actor());
}

identity::Visitor Call::visitor() const {
  return {context.peer, std::string(request.headers.get("User-Agent").value_or(""))};
}

identity::Transport Call::transport() const {
  return services.public_url.starts_with("https:") ? identity::Transport::https
                                                   : identity::Transport::http;
}

net::Response reply(int status, std::string json) {
  return net::Response::json(status, std::move(json));
}

net::Response done() {
  return {.status = 204, .headers = {}, .body = {}};
}

net::Response reply_revision(int status, std::int64_t revision, std::string json) {
  net::Response response = net::Response::json(status, std::move(json));
  response.headers.set("ETag", fmt::format("\"{}\"", revision));
  return response;
}

std::string make_cursor(const Call& call, std::string_view place) {
  return core::to_base64url(cursor_mac(call, place) + std::string(place));
}

core::Result<std::optional<std::string>> read_cursor(const Call& call) {
  const auto given = call.query_parameter("cursor");
  if (!given) {
    return std::optional<std::string>();
  }
  const auto bytes = given->size() <= 512 ? core::from_base64url(*given) : std::nullopt;
  if (bytes && bytes->size() > k_mac_size) {
    std::string place = bytes->substr(k_mac_size);
    if (core::constant_time_equal(bytes->substr(0, k_mac_size), cursor_mac(call, place))) {
      return std::optional(std::move(place));
    }
  }
  return fail(Code::invalid_argument,
              "this cursor is not one of this list's; start without one",
              {{"cursor", "unknown"}});
}

}  // namespace preloop::api

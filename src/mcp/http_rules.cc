#include "mcp/http_rules.h"

#include "core/text.h"
#include "mcp/revision.h"
#include "mcp/rpc_codec.h"

#include <fmt/format.h>

namespace preloop::mcp {
namespace {

/// Has the parameter list of a media range a weight of zero?
bool is_refused(std::string_view parameters) {
  for (const std::string_view part : core::split(parameters, ';')) {
    const std::string_view parameter = core::trim(part);
    if (parameter.size() > 2 && core::iequals(parameter.substr(0, 2), "q=")) {
      return parameter.substr(2).find_first_not_of("0.") == std::string_view::npos;
    }
  }
  return false;
}

bool matches(std::string_view range, std::string_view type) {
  if (range == "*/*" || core::iequals(range, type)) {
    return true;
  }
  return range.ends_with("/*") &&
         core::iequals(range.substr(0, range.size() - 1), type.substr(0, range.size() - 1));
}

}  // namespace

std::optional<McpPath> parse_mcp_path(std::string_view path) {
  if (path.size() > 1 && path.ends_with('/')) {
    path.remove_suffix(1);
  }
  if (path == "/mcp/v1" || path == "/mcp") {
    return McpPath{};
  }
  constexpr std::string_view k_servers = "/mcp/v1/servers/";
  if (path.starts_with(k_servers)) {
    const std::string_view server = path.substr(k_servers.size());
    if (!server.empty() && !server.contains('/')) {
      return McpPath{server};
    }
  }
  return std::nullopt;
}

bool accepts(const net::Headers& headers, std::string_view type) {
  bool asked = false;
  for (const auto& [name, value] : headers.fields()) {
    if (!core::iequals(name, "accept")) {
      continue;
    }
    asked = true;
    for (std::string_view rest = value; !rest.empty();) {
      const std::string_view part = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(part.size() + 1, rest.size()));
      const auto semicolon = part.find(';');
      const std::string_view range = core::trim(part.substr(0, semicolon));
      if (matches(range, type) &&
          (semicolon == std::string_view::npos || !is_refused(part.substr(semicolon + 1)))) {
        return true;
      }
    }
  }
  return !asked;
}

bool is_json_body(const net::Headers& headers) {
  const auto value = headers.get("content-type");
  return value && core::iequals(core::trim(value->substr(0, value->find(';'))), "application/json");
}

net::Response refusal(int status, int rpc_code, std::string_view message, std::string_view id) {
  return net::Response::json(status, make_error(id, rpc_code, message));
}

net::Response accepted() {
  net::Response response;
  response.status = 202;
  return response;
}

net::Response unavailable(std::string_view message, std::string_view id) {
  net::Response response = refusal(503, k_internal_error, message, id);
  response.headers.add("Retry-After", "5");
  return response;
}

std::optional<net::Response> check_post(const net::Headers& headers) {
  if (!is_json_body(headers)) {
    return refusal(415, k_invalid_request, "Send Content-Type: application/json.");
  }
  if (!accepts(headers, "application/json") || !accepts(headers, "text/event-stream")) {
    return refusal(
        406, k_invalid_request, "Send Accept: application/json, text/event-stream (both).");
  }
  return std::nullopt;
}

std::optional<net::Response> check_get(const net::Headers& headers) {
  if (!accepts(headers, "text/event-stream")) {
    return refusal(406, k_invalid_request, "Send Accept: text/event-stream.");
  }
  return std::nullopt;
}

std::optional<net::Response> check_revision(const net::Headers& headers, std::string_view id) {
  const auto given = headers.get("mcp-protocol-version");
  const auto revision = parse_revision(given.value_or(""));
  if (!given || (revision && !is_stateless(*revision))) {
    return std::nullopt;
  }
  return refusal(
      400,
      k_invalid_request,
      fmt::format("Protocol version {} has no sessions here; initialize with {}, {} or {}.",
                  core::printable(*given, 64),
                  to_string(Revision::r2025_11_25),
                  to_string(Revision::r2025_06_18),
                  to_string(Revision::r2025_03_26)),
      id);
}

net::Response event_stream_head() {
  net::Response head;
  head.headers.add("Content-Type", "text/event-stream");
  head.headers.add("X-Accel-Buffering", "no");
  return head;
}

}  // namespace preloop::mcp

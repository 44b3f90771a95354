#include "mcp/stateless.h"

#include "core/json_writer.h"
#include "core/text.h"
#include "mcp/http_rules.h"
#include "mcp/replies.h"
#include "mcp/revision.h"
#include "mcp/subscriptions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace preloop::mcp {
namespace {

constexpr std::array<std::string_view, 4> k_request_meta{
    k_meta_protocol_version, k_meta_client_capabilities, k_meta_client_info, k_meta_log_level};
constexpr std::string_view k_version_header = "mcp-protocol-version";

constexpr std::array<std::string_view, 10> k_methods{"server/discover",
                                                     "tools/list",
                                                     "tools/call",
                                                     "resources/list",
                                                     "resources/templates/list",
                                                     "resources/read",
                                                     "prompts/list",
                                                     "prompts/get",
                                                     "completion/complete",
                                                     "subscriptions/listen"};

// Like "resource not found", a code of earlier revisions that means nothing here.
constexpr int k_url_elicitation_required = -32042;

std::optional<std::string_view> only(const net::Headers& headers, std::string_view name) {
  return headers.count(name) == 1 ? headers.get(name) : std::nullopt;
}

net::Response unsupported(std::string_view requested, std::string_view id) {
  std::string data;
  core::JsonWriter(data)
      .begin_object()
      .key("supported")
      .begin_array()
      .string(to_string(Revision::r2026_07_28))
      .end_array()
      .field("requested", requested)
      .end_object();
  return net::Response::json(
      400,
      make_error(id,
                 make_error_object(
                     k_unsupported_version,
                     fmt::format("This server speaks {} without initialize, and with it {} and "
                                 "earlier.",
                                 to_string(Revision::r2026_07_28),
                                 to_string(k_latest_revision)),
                     data)));
}

/// The member of `params` that the header Mcp-Name repeats; empty when there is none.
std::string_view named_by(std::string_view method) {
  if (method == "resources/read") {
    return "uri";
  }
  return method == "tools/call" || method == "prompts/get" ? "name" : "";
}

void write_server_info(core::JsonWriter& out, std::string_view version) {
  out.key("_meta")
      .begin_object()
      .key(k_meta_server_info)
      .begin_object()
      .field("name", "preloop")
      .field("title", "Preloop")
      .field("version", version)
      .end_object()
      .end_object();
}

/// `first`, which ends in a comma, put before the members of an object.
std::string with_members(std::string_view object, std::string_view first) {
  std::string_view rest = core::trim(object);
  rest.remove_prefix(1);  // "{"
  const bool is_empty = core::trim(rest) == "}";
  std::string out = "{";
  out.reserve(first.size() + rest.size() + 1);
  out += is_empty ? first.substr(0, first.size() - 1) : first;
  out += rest;
  return out;
}

std::string subscription_meta(std::string_view id) {
  std::string out;
  core::JsonWriter(out).begin_object().key(k_meta_subscription_id).raw(id).end_object();
  return out;
}

}  // namespace

bool is_request_meta(std::string_view member) {
  return std::ranges::find(k_request_meta, member) != k_request_meta.end();
}

bool is_stateless_request(const net::Headers& headers, const Message& message) {
  if (message.method() == "server/discover" ||
      message.params()["_meta"][k_meta_protocol_version].exists()) {
    return true;
  }
  const auto revision = parse_revision(headers.get(k_version_header).value_or(""));
  return revision && is_stateless(*revision) && message.method() != "initialize";
}

std::optional<net::Response> check_stateless(const net::Headers& headers, const Message& message) {
  const std::string_view id = message.id();
  const core::Json meta = message.params()["_meta"];
  const auto version = meta[k_meta_protocol_version].as_string();
  if (!version || !meta[k_meta_client_capabilities].is_object()) {
    return refusal(400,
                   k_invalid_params,
                   fmt::format("params._meta needs '{}', a string, and '{}', an object; or "
                               "initialize with {}.",
                               k_meta_protocol_version,
                               k_meta_client_capabilities,
                               to_string(k_latest_revision)),
                   id);
  }
  if (only(headers, k_version_header) != version) {
    return header_mismatch("The header MCP-Protocol-Version must repeat the version in _meta.", id);
  }
  const auto revision = parse_revision(*version);
  if (!revision || !is_stateless(*revision)) {
    return unsupported(core::printable(*version, 64), id);
  }
  if (only(headers, "mcp-method") != message.method()) {
    return header_mismatch("The header Mcp-Method must repeat the method.", id);
  }
  if (std::ranges::find(k_methods, message.method()) == k_methods.end()) {
    return refusal(
        404,
        k_method_not_found,
        fmt::format("There is no method '{}' here.", core::printable(message.method(), 64)),
        id);
  }
  if (const std::string_view member = named_by(message.method()); !member.empty()) {
    const auto name = message.params()[member].as_string();
    const auto header = only(headers, "mcp-name");
    if (name && (!header || decode_header_value(*header) != *name)) {
      return header_mismatch(fmt::format("The header Mcp-Name must repeat params.{}.", member), id);
    }
  }
  return std::nullopt;
}

std::string missing_abilities_error(std::string_view abilities) {
  std::string data;
  core::JsonWriter(data).begin_object().key("requiredCapabilities").raw(abilities).end_object();
  return make_error_object(
      k_missing_capability, "The server asked for something that this client cannot do.", data);
}

bool lacks_ability(std::string_view error_object) {
  const auto document = core::JsonDocument::parse(std::string(error_object));
  return document && document->root()["code"].as_int() == k_missing_capability;
}

net::Response header_mismatch(std::string_view message, std::string_view id) {
  return refusal(400, k_header_mismatch, message, id);
}

std::optional<std::string> decode_header_value(std::string_view value) {
  constexpr std::string_view k_begin = "=?base64?";
  constexpr std::string_view k_end = "?=";
  if (value.size() < k_begin.size() + k_end.size() || !value.starts_with(k_begin) ||
      !value.ends_with(k_end)) {
    return std::string(value);
  }
  value.remove_prefix(k_begin.size());
  value.remove_suffix(k_end.size());
  return core::from_base64(value);
}

std::string session_params(core::Json params, std::string_view params_text) {
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object();
  for (const core::JsonMember& member : params.members()) {
    const std::string_view raw = core::raw_member(params_text, member.key).value_or("null");
    if (member.key != "_meta" || !member.value().is_object()) {
      writer.key(member.key).raw(raw);
      continue;
    }
    std::string meta;
    core::JsonWriter rest(meta);
    rest.begin_object();
    for (const core::JsonMember& item : member.value().members()) {
      if (!is_request_meta(item.key)) {
        rest.key(item.key).raw(core::raw_member(raw, item.key).value_or("null"));
      }
    }
    rest.end_object();
    if (meta != "{}") {
      writer.key("_meta").raw(meta);
    }
  }
  writer.end_object();
  return out;
}

ClientAbilities stateless_abilities(core::Json params) {
  return read_abilities(params["_meta"][k_meta_client_capabilities]);
}

std::string stateless_client(core::Json params) {
  return client_label(params["_meta"][k_meta_client_info]);
}

int stateless_log_level(core::Json params) {
  return log_level(params["_meta"][k_meta_log_level].as_string().value_or("")).value_or(k_no_log);
}

std::string discover_result(std::string_view server_version) {
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object()
      .key("supportedVersions")
      .begin_array()
      .string(to_string(Revision::r2026_07_28))
      .end_array()
      .key("capabilities")
      .raw(k_capabilities)
      .field("instructions", k_instructions)
      .end_object();
  return listed_result(out, server_version);
}

namespace {

/// `result` with `first` instead of whatever it has of these members.
std::string with_only(std::string_view result,
                      std::span<const std::string_view> members,
                      std::string_view first) {
  if (!core::trim(result).starts_with('{')) {
    return std::string(result);  // not reached: the codec takes objects only
  }
  std::string rest(result);
  for (const std::string_view member : members) {
    if (core::raw_member(rest, member)) {
      // An upstream of an earlier revision means nothing by it; a client of this one would.
      const auto document = core::JsonDocument::parse(rest);
      rest = document ? without_member(document->root(), rest, member) : "{}";
    }
  }
  return with_members(rest, first);
}

}  // namespace

std::string complete_result(std::string_view result) {
  constexpr std::array<std::string_view, 1> k_members{"resultType"};
  if (core::raw_member(result, "resultType") == R"("complete")") {
    return std::string(result);
  }
  return with_only(result, k_members, R"("resultType":"complete",)");
}

std::string uncached_result(std::string_view result) {
  constexpr std::array<std::string_view, 3> k_members{"resultType", "ttlMs", "cacheScope"};
  return with_only(
      result, k_members, R"("resultType":"complete","ttlMs":0,"cacheScope":"private",)");
}

std::string listed_result(std::string_view result, std::string_view server_version) {
  std::string members;
  core::JsonWriter writer(members);
  writer.begin_object()
      .field("resultType", "complete")
      .field("ttlMs", 0)
      .field("cacheScope", "private");
  write_server_info(writer, server_version);
  members.erase(0, 1);  // its "{"; it stays open
  return with_members(result, members + ",");
}

std::string session_result(std::string result) {
  // Results may be long, and those of servers of earlier revisions have none of it.
  if (result.find("\"resultType\"") == std::string::npos ||
      !core::raw_member(result, "resultType")) {
    return result;
  }
  const auto document = core::JsonDocument::parse(std::move(result));
  if (!document) {
    return "{}";  // not reached: the codec has read it
  }
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object();
  for (const core::JsonMember& member : document->root().members()) {
    if (member.key != "resultType" && member.key != "ttlMs" && member.key != "cacheScope") {
      writer.key(member.key).raw(core::raw_member(document->text(), member.key).value_or("null"));
    }
  }
  writer.end_object();
  return out;
}

std::string stateless_error(std::string_view error_object) {
  const auto document = core::JsonDocument::parse(std::string(error_object));
  if (!document) {
    return make_error_object(k_internal_error, "the server's error cannot be read");
  }
  const core::Json error = document->root();
  const auto code = error["code"].as_int();
  if (code != k_resource_not_found && code != k_url_elicitation_required) {
    return std::string(error_object);
  }
  return make_error_object(code == k_resource_not_found ? k_invalid_params : k_internal_error,
                           error["message"].as_string().value_or(""),
                           core::raw_member(error_object, "data").value_or(""));
}

std::optional<Wanted> read_wanted(core::Json params) {
  const core::Json given = params["notifications"];
  const core::Json uris = given["resourceSubscriptions"];
  if (!given.is_object() || (uris.exists() && !uris.is_array()) ||
      uris.size() > Subscriptions::k_max) {
    return std::nullopt;
  }
  Wanted wanted;
  wanted.tools = given["toolsListChanged"].as_bool().value_or(false);
  wanted.resources = given["resourcesListChanged"].as_bool().value_or(false);
  wanted.prompts = given["promptsListChanged"].as_bool().value_or(false);
  for (std::size_t i = 0; i < uris.size(); ++i) {
    const auto uri = uris.at(i).as_string();
    if (!uri) {
      return std::nullopt;
    }
    wanted.uris.emplace_back(*uri);
  }
  return wanted;
}

std::string subscription_acknowledged(std::string_view id, const Wanted& granted) {
  std::string params;
  core::JsonWriter writer(params);
  writer.begin_object().key("_meta").raw(subscription_meta(id)).key("notifications").begin_object();
  if (granted.tools) {
    writer.field("toolsListChanged", true);
  }
  if (granted.resources) {
    writer.field("resourcesListChanged", true);
  }
  if (granted.prompts) {
    writer.field("promptsListChanged", true);
  }
  if (!granted.uris.empty()) {
    writer.key("resourceSubscriptions").begin_array();
    for (const std::string& uri : granted.uris) {
      writer.string(uri);
    }
    writer.end_array();
  }
  writer.end_object().end_object();
  return make_notification("notifications/subscriptions/acknowledged", params);
}

std::string change_notification(std::string_view method,
                                std::string_view uri,
                                std::string_view subscription) {
  std::string params;
  core::JsonWriter writer(params);
  writer.begin_object();
  if (!subscription.empty()) {
    writer.key("_meta").raw(subscription_meta(subscription));
  }
  if (!uri.empty()) {
    writer.field("uri", uri);
  }
  writer.end_object();
  return make_notification(method, params == "{}" ? std::string_view() : params);
}

std::string subscription_ended(std::string_view id) {
  std::string result;
  core::JsonWriter(result)
      .begin_object()
      .field("resultType", "complete")
      .key("_meta")
      .raw(subscription_meta(id))
      .end_object();
  return make_result(id, result);
}

}  // namespace preloop::mcp

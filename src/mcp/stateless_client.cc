#include "mcp/stateless_client.h"

#include "core/json_writer.h"
#include "core/text.h"
#include "mcp/revision.h"
#include "mcp/stateless.h"

#include <fmt/format.h>

#include <algorithm>

namespace preloop::mcp {

const std::string_view k_all_capabilities =
    R"({"elicitation":{"form":{},"url":{}},"roots":{},"sampling":{}})";

namespace {

constexpr std::string_view k_progress_token = "progressToken";

/// The members of `_meta` that every request has.
void write_request_meta(core::JsonWriter& out, const firewall::ClientSide& client) {
  out.field(k_meta_protocol_version, to_string(Revision::r2026_07_28))
      .key(k_meta_client_info)
      .begin_object()
      .field("name", "preloop")
      .field("version", PRELOOP_VERSION)
      .end_object()
      .key(k_meta_client_capabilities)
      .raw(client.capabilities);
  if (!client.log_level.empty()) {
    out.field(k_meta_log_level, client.log_level);
  }
}

core::Json value_at(core::Json arguments, const std::vector<std::string>& path) {
  for (const std::string& name : path) {
    arguments = arguments[name];
  }
  return arguments;
}

std::string_view named_by(std::string_view method) {
  if (method == "resources/read") {
    return "uri";
  }
  return method == "tools/call" || method == "prompts/get" ? "name" : "";
}

std::optional<std::int64_t> code_of(std::string_view error_object) {
  const auto document = core::JsonDocument::parse(std::string(error_object));
  return document ? document->root()["code"].as_int() : std::nullopt;
}

}  // namespace

std::string stateless_request_params(std::string_view params) {
  std::string token;
  return stateless_call_params(params, 0, {.capabilities = k_all_capabilities}, token);
}

std::string stateless_call_params(std::string_view params,
                                  std::uint64_t token,
                                  const firewall::ClientSide& client,
                                  std::string& client_token) {
  params = core::trim(params);
  const auto document =
      core::JsonDocument::parse(std::string(params.starts_with('{') ? params : "{}"));
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object();
  core::Json meta;
  std::string_view meta_text;
  if (document) {
    for (const core::JsonMember& member : document->root().members()) {
      const auto raw = core::raw_member(document->text(), member.key);
      if (member.key == "_meta") {
        meta = member.value();
        meta_text = raw.value_or("{}");
      } else {
        writer.key(member.key).raw(raw.value_or("null"));
      }
    }
  }
  writer.key("_meta").begin_object();
  write_request_meta(writer, client);
  if (token != 0) {
    writer.field(k_progress_token, token);
  }
  if (meta.is_object()) {
    for (const core::JsonMember& member : meta.members()) {
      const std::string_view raw = core::raw_member(meta_text, member.key).value_or("null");
      if (member.key == k_progress_token) {
        client_token = raw;
      } else if (!is_request_meta(member.key)) {
        writer.key(member.key).raw(raw);
      }
    }
  }
  writer.end_object().end_object();
  return out;
}

std::string encode_header_value(std::string_view text) {
  const bool fits = std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; }) &&
                    core::trim(text).size() == text.size() && !text.starts_with("=?");
  return fits ? std::string(text) : fmt::format("=?base64?{}?=", core::to_base64(text));
}

net::Headers stateless_headers(std::string_view method,
                               core::Json params,
                               std::span<const catalogue::ParamHeader> wanted) {
  net::Headers headers;
  headers.set("Mcp-Method", std::string(method));
  if (const std::string_view member = named_by(method); !member.empty()) {
    headers.set("Mcp-Name", encode_header_value(params[member].as_string().value_or("")));
  }
  for (const catalogue::ParamHeader& one : wanted) {
    const core::Json value = value_at(params["arguments"], one.path);
    if (!value.exists() || value.is_null() || value.is_object() || value.is_array()) {
      continue;
    }
    const auto text = value.as_string();
    headers.set("Mcp-Param-" + one.header,
                encode_header_value(text ? *text : std::string_view(value.dump())));
  }
  return headers;
}

std::optional<ServerHello> read_discovery(const firewall::UpstreamAnswer& answer) {
  const auto document = core::JsonDocument::parse(answer.result);
  if (!answer.error.empty() || !document) {
    return std::nullopt;
  }
  const core::Json result = document->root();
  const core::Json versions = result["supportedVersions"];
  bool speaks = false;
  for (std::size_t i = 0; i < versions.size(); ++i) {
    speaks = speaks || versions.at(i).as_string() == to_string(Revision::r2026_07_28);
  }
  if (!speaks) {
    return std::nullopt;
  }
  const core::Json capabilities = result["capabilities"];
  ServerHello hello = read_capabilities(capabilities);
  hello.revision = to_string(Revision::r2026_07_28);
  hello.is_stateless = true;
  hello.software = software_label(result["_meta"][k_meta_server_info]);
  return hello;
}

bool is_header_mismatch(std::string_view error_object) {
  return code_of(error_object) == k_header_mismatch;
}
bool is_unsupported_version(std::string_view error_object) {
  return code_of(error_object) == k_unsupported_version;
}

}  // namespace preloop::mcp

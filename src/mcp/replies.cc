#include "mcp/replies.h"

#include "catalogue/definition.h"
#include "core/crypto.h"
#include "core/json_writer.h"
#include "core/text.h"
#include "mcp/exposed_uris.h"
#include "mcp/input_rounds.h"
#include "mcp/rpc_codec.h"
#include "mcp/stateless.h"

#include <algorithm>
#include <array>

namespace preloop::mcp {
namespace {

using Kind = firewall::CallResult::Kind;

}  // namespace

const std::string_view k_capabilities =
    R"({"completions":{},"logging":{},"prompts":{"listChanged":true},)"
    R"("resources":{"listChanged":true,"subscribe":true},"tools":{"listChanged":true}})";
const std::string_view k_instructions =
    "Tools here belong to several servers and are called under rules that people made. A call may "
    "be refused, or wait for a person's approval; the answer then says so, and what to do next. To "
    "go on with a call that waits, make exactly the same call again.";

namespace {

constexpr std::array k_log_levels{std::string_view("debug"),
                                  std::string_view("info"),
                                  std::string_view("notice"),
                                  std::string_view("warning"),
                                  std::string_view("error"),
                                  std::string_view("critical"),
                                  std::string_view("alert"),
                                  std::string_view("emergency")};

std::string meta_of(const firewall::CallResult& result) {
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object();
  if (result.approval) {
    writer.field("preloop/approval", result.approval->to_string());
  }
  if (result.decision) {
    writer.field("preloop/decision", policy::to_string(*result.decision));
  }
  writer.field("preloop/outcome", result.kind == Kind::pending ? "pending" : "refused");
  writer.end_object();
  return out;
}

}  // namespace

std::string client_label(core::Json info) {
  const auto name = info["name"].as_string().value_or("unknown");
  const auto version = info["version"].as_string().value_or("");
  std::string client = core::printable(name, 80);
  if (!version.empty()) {
    client += " " + core::printable(version, 40);
  }
  return std::string(core::truncate_utf8(client, 128));
}

core::Result<InitializeRequest> read_initialize(core::Json params) {
  const auto requested = params["protocolVersion"].as_string();
  if (!requested) {
    return core::fail(core::Code::invalid_argument, "initialize needs a protocolVersion");
  }
  return InitializeRequest{negotiate(*requested),
                           client_label(params["clientInfo"]),
                           read_abilities(params["capabilities"])};
}

std::string initialize_result(Revision revision, std::string_view server_version) {
  std::string out;
  core::JsonWriter(out)
      .begin_object()
      .field("protocolVersion", to_string(revision))
      .key("capabilities")
      .raw(k_capabilities)
      .key("serverInfo")
      .begin_object()
      .field("name", "preloop")
      .field("title", "Preloop")
      .field("version", server_version)
      .end_object()
      .field("instructions", k_instructions)
      .end_object();
  return out;
}

core::Result<std::string> tools_page(std::span<const catalogue::ToolPtr> tools,
                                     Naming naming,
                                     core::Json params,
                                     std::size_t page_size) {
  std::size_t first = 0;
  if (const core::Json cursor = params["cursor"]; cursor.exists()) {
    const auto bytes = core::from_base64url(cursor.as_string().value_or("?"));
    const auto last = bytes ? core::ToolId::from_bytes(*bytes) : std::nullopt;
    const auto found = std::ranges::find_if(
        tools, [&](const catalogue::ToolPtr& tool) { return last && tool->id == *last; });
    if (found == tools.end()) {
      return core::fail(core::Code::invalid_argument,
                        "this cursor is no longer valid; list again from the beginning");
    }
    first = static_cast<std::size_t>(found - tools.begin()) + 1;
  }
  const auto page = tools.subspan(first, std::min(page_size, tools.size() - first));
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object().key("tools").begin_array();
  for (const catalogue::ToolPtr& tool : page) {
    writer.raw(naming == Naming::exposed
                   ? expose_interface_uri(catalogue::exposed_definition(*tool), tool->server_name)
                   : tool->definition);
  }
  writer.end_array();
  if (first + page.size() < tools.size()) {
    writer.field("nextCursor", core::to_base64url(page.back()->id.as_bytes()));
  }
  writer.end_object();
  return out;
}

std::uint64_t tools_digest(std::span<const catalogue::ToolPtr> tools) {
  core::Sha256 hash;
  for (const catalogue::ToolPtr& tool : tools) {
    hash.update_field(tool->exposed_name).update_field(core::as_bytes(tool->definition_hash));
  }
  const core::Digest digest = hash.finish();
  std::uint64_t out = 0;
  for (const std::uint8_t byte : std::span(digest).first<8>()) {
    out = out << 8 | byte;
  }
  return out == 0 ? 1 : out;
}

std::string call_response(std::string_view id,
                          const firewall::CallResult& result,
                          Revision revision) {
  const bool stateless = is_stateless(revision);
  switch (result.kind) {
    case Kind::answered:
      return make_result(
          id,
          stateless && !asks_for_input(result.json) ? complete_result(result.json) : result.json);
    case Kind::upstream_error:
      return make_error(id, stateless ? stateless_error(result.json) : result.json);
    case Kind::unknown_tool:
      return make_error(id, k_invalid_params, result.text);
    case Kind::refused:
    case Kind::pending:
      break;
  }
  const std::string refused = make_tool_error(result.text, meta_of(result));
  return make_result(id, stateless ? complete_result(refused) : refused);
}

std::string request_response(std::string_view id,
                             catalogue::Method method,
                             const firewall::CallResult& result,
                             Revision revision) {
  const bool stateless = is_stateless(revision);
  switch (result.kind) {
    case Kind::answered:
      if (!stateless || asks_for_input(result.json)) {
        return make_result(id, result.json);
      }
      return make_result(id,
                         method == catalogue::Method::resources_read
                             ? uncached_result(result.json)
                             : complete_result(result.json));
    case Kind::upstream_error:
      return make_error(id, stateless ? stateless_error(result.json) : result.json);
    case Kind::unknown_tool:
      return make_error(id, k_invalid_params, result.text);
    case Kind::refused:
    case Kind::pending:
      break;
  }
  const int code = result.kind == Kind::pending ? k_pending : k_refused;
  return make_error(id, make_error_object(code, result.text, meta_of(result)));
}

std::optional<int> log_level(std::string_view name) {
  const auto found = std::ranges::find(k_log_levels, name);
  return found == k_log_levels.end()
             ? std::nullopt
             : std::optional(static_cast<int>(found - k_log_levels.begin()));
}

std::string_view log_level_name(int level) {
  return level >= 0 && level < k_no_log ? k_log_levels[static_cast<std::size_t>(level)]
                                        : std::string_view();
}

bool passes_log_level(std::string_view notification, int least) {
  if (least == 0) {
    return true;
  }
  const auto message = Message::parse(std::string(notification));
  if (!message || message->method() != "notifications/message") {
    return message.has_value();
  }
  return log_level(message->params()["level"].as_string().value_or("")).value_or(0) >= least;
}

std::string without_member(core::Json params, std::string_view params_text, std::string_view name) {
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object();
  for (const core::JsonMember& member : params.members()) {
    if (member.key != name) {
      writer.key(member.key).raw(core::raw_member(params_text, member.key).value_or("null"));
    }
  }
  writer.end_object();
  return out;
}

}  // namespace preloop::mcp

#include "cli/mcp_client.h"

#include "app/blocking.h"
#include "core/json_writer.h"
#include "mcp/rpc_codec.h"
#include "net/sse.h"

#include <fmt/format.h>

#include <chrono>

namespace preloop::cli {
namespace {

using core::Code;
using core::fail;
using core::Task;
using Progress = std::function<void(std::string_view)>;

constexpr std::string_view k_revision = "2025-11-25";
constexpr std::size_t k_max_message = 64 * 1024 * 1024;

/// The answer to `id` in a message, or nullopt when it is something else (then progress is shown).
core::Result<std::optional<std::string>> answer_in(std::string text,
                                                   const std::string& id,
                                                   const Progress& on_progress) {
  PRELOOP_TRY(const mcp::Message message,
              mcp::Message::parse(std::move(text), {.max_depth = 64, .max_values = 5'000'000}));
  if (message.kind() == mcp::Message::Kind::notification &&
      message.method() == "notifications/progress" && on_progress) {
    on_progress(message.params()["message"].as_string().value_or(""));
  }
  if (message.kind() != mcp::Message::Kind::response || message.id() != id) {
    return std::nullopt;
  }
  if (!message.error_text().empty()) {
    return fail(Code::invalid_argument,
                std::string(message.error()["message"].as_string().value_or("the call failed")));
  }
  return std::string(message.result_text());
}

}  // namespace

McpClient::McpClient(Context& context) : context_(context), loops_(1) {
  loops_.start();
  http_ = net::HttpClient::create(loops_.at(0), {});
}

McpClient::~McpClient() {
  app::run_blocking(loops_.at(0), end_session());
  loops_.stop();
}

core::Result<net::ClientRequest> McpClient::request_of(std::string method) const {
  net::ClientRequest request;
  request.method = std::move(method);
  PRELOOP_TRY(request.url, net::Url::parse(context_.url));
  request.url.target = "/mcp/v1";
  request.headers.set("Authorization", "Bearer " + context_.agent_token);
  request.headers.set("Accept", "application/json, text/event-stream");
  request.headers.set("User-Agent", "preloop-cli/" PRELOOP_VERSION);
  if (!session_.empty()) {
    request.headers.set("Mcp-Session-Id", session_);
    request.headers.set("MCP-Protocol-Version", k_revision);
  }
  return request;
}

Task<void> McpClient::end_session() {
  if (!session_.empty()) {
    if (auto request = request_of("DELETE")) {
      // The server forgets idle sessions by itself; this only saves it the wait.
      const auto ended = co_await http_->send(std::move(*request),
                                              std::chrono::steady_clock::now() + core::seconds(2));
      if (ended) {
        (void)co_await (*ended)->read_all(4096);
      }
    }
  }
  co_await http_->stop();
}

Task<core::Result<std::string>> McpClient::post(std::string body,
                                                std::string id,
                                                Progress on_progress) {
  PRELOOP_CO_TRY(net::ClientRequest request, request_of("POST"));
  request.headers.set("Content-Type", "application/json");
  request.body = std::move(body);
  auto sent = co_await http_->send(std::move(request),
                                   std::chrono::steady_clock::now() + core::seconds(60));
  if (!sent) {
    co_return fail(Code::unavailable,
                   fmt::format("no server answers at {} ({}); start one with: preloop serve",
                               context_.url,
                               sent.error().message));
  }
  net::ClientResponse& response = **sent;
  if (const auto session = response.headers().get("Mcp-Session-Id")) {
    session_ = *session;
  }
  if (response.status() == 401 || response.status() == 403) {
    co_return fail(Code::unauthenticated,
                   "the server does not accept this agent key; make one with: preloop admin key "
                   "create --class agent --name cli");
  }
  const bool stream =
      response.headers().get("Content-Type").value_or("").starts_with("text/event-stream");
  if (!stream) {
    PRELOOP_CO_TRY(std::string text, co_await response.read_all(k_max_message));
    if (response.status() == 202) {
      co_return std::string();
    }
    if (response.status() >= 300 && text.find("jsonrpc") == std::string::npos) {
      co_return fail(Code::unavailable, fmt::format("the server answered {}", response.status()));
    }
    PRELOOP_CO_TRY(std::optional<std::string> answer, answer_in(std::move(text), id, on_progress));
    if (!answer) {
      co_return fail(Code::internal, "the server answered something else");
    }
    co_return std::move(*answer);
  }
  net::SseParser parser(k_max_message);
  while (true) {
    PRELOOP_CO_TRY(const std::string_view bytes, co_await response.read_some());
    if (bytes.empty()) {
      co_return fail(Code::unavailable, "the server closed the connection before it answered");
    }
    PRELOOP_CO_CHECK(parser.feed(bytes));
    while (auto event = parser.next()) {
      if (event->data.empty()) {
        continue;
      }
      PRELOOP_CO_TRY(std::optional<std::string> answer,
                     answer_in(std::move(event->data), id, on_progress));
      if (answer) {
        co_return std::move(*answer);
      }
    }
  }
}

Task<core::Result<std::string>> McpClient::request(std::string method,
                                                   std::string params,
                                                   Progress on_progress) {
  const std::string id = std::to_string(++last_id_);
  co_return co_await post(mcp::make_request(id, method, params), id, std::move(on_progress));
}

core::Status McpClient::connect() {
  if (context_.agent_token.empty()) {
    return fail(Code::unauthenticated,
                "there is no agent key for this terminal; make one with: preloop admin key create "
                "--class agent --name cli, and set PRELOOP_TOKEN to it");
  }
  PRELOOP_CHECK(app::run_blocking(
      loops_.at(0),
      request("initialize",
              fmt::format(R"({{"protocolVersion":"{}","capabilities":{{}},"clientInfo":{{"name":)"
                          R"("preloop-cli","version":"{}"}}}})",
                          k_revision,
                          PRELOOP_VERSION),
              {})));
  PRELOOP_CHECK(app::run_blocking(
      loops_.at(0), post(mcp::make_notification("notifications/initialized", {}), {}, {})));
  return {};
}

core::Result<core::JsonDocument> McpClient::tools() {
  std::string all = R"({"items":)";
  core::JsonWriter writer(all);
  writer.begin_array();
  std::string params = "{}";
  for (int page = 0; page < 1000; ++page) {
    PRELOOP_TRY(std::string text,
                app::run_blocking(loops_.at(0), request("tools/list", params, {})));
    PRELOOP_TRY(const core::JsonDocument result, core::JsonDocument::parse(std::move(text)));
    for (const core::JsonNode& node : result.root()["tools"].elements()) {
      writer.value(core::Json(&node));
    }
    const auto cursor = result.root()["nextCursor"].as_string();
    if (!cursor) {
      break;
    }
    params.clear();
    core::JsonWriter(params).begin_object().field("cursor", *cursor).end_object();
  }
  writer.end_array();
  return core::JsonDocument::parse(all + "}");
}

core::Result<core::JsonDocument> McpClient::call(std::string_view name,
                                                 std::string_view arguments,
                                                 const Progress& on_progress) {
  std::string params;
  core::JsonWriter(params)
      .begin_object()
      .field("name", name)
      .key("arguments")
      .raw(arguments)
      .key("_meta")
      .raw(R"({"progressToken":"cli"})")
      .end_object();
  PRELOOP_TRY(std::string text,
              app::run_blocking(loops_.at(0), request("tools/call", params, on_progress)));
  return core::JsonDocument::parse(std::move(text), {.max_depth = 64, .max_values = 5'000'000});
}

}  // namespace preloop::cli

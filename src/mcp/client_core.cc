#include "mcp/client_core.h"

#include "core/json_writer.h"
#include "core/text.h"
#include "mcp/stateless.h"
#include "mcp/stateless_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace preloop::mcp {
namespace {

/// Given up and not answered; beyond, nothing more is remembered, and nothing is guessed either.
constexpr std::size_t k_max_given_up = 1'024;

/// What a server may ask of a client.
constexpr std::array<std::string_view, 3> k_askable = {
    "elicitation/create", "sampling/createMessage", "roots/list"};

constexpr std::array<std::string_view, 3> k_revisions = {"2025-11-25", "2025-06-18", "2025-03-26"};

std::string quote(std::string_view text) {
  std::string out;
  core::JsonWriter(out).string(text);
  return out;
}

/// `object` with `member` put first.
std::string with_member(std::string_view object, std::string_view member) {
  const std::string_view rest = core::trim(core::trim(object).substr(1));
  return fmt::format("{{{}{}{}", member, rest.starts_with('}') ? "" : ",", rest);
}

/// `text` with `part`, which lies in it, replaced.
std::string splice(std::string_view text, std::string_view part, std::string_view by) {
  const auto at = static_cast<std::size_t>(part.data() - text.data());
  std::string out;
  out.reserve(text.size() - part.size() + by.size());
  out += text.substr(0, at);
  out += by;
  out += text.substr(at + part.size());
  return out;
}

/// Sets `_meta.progressToken` and hands out the one that was there.
std::string with_progress_token(std::string_view params,
                                std::uint64_t token,
                                std::string& client_token) {
  const std::string member = fmt::format("\"progressToken\":{}", token);
  const auto meta = core::raw_member(params, "_meta");
  if (!meta) {
    return with_member(params, fmt::format("\"_meta\":{{{}}}", member));
  }
  if (!meta->starts_with('{')) {
    return splice(params, *meta, fmt::format("{{{}}}", member));
  }
  if (const auto old = core::raw_member(*meta, "progressToken")) {
    client_token = *old;
    return splice(params, *old, fmt::to_string(token));
  }
  return splice(params, *meta, with_member(*meta, member));
}

/// An id of ours, as decimal digits; 0 for anything else.
std::uint64_t own_id(std::string_view text) {
  std::uint64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  return error == std::errc() && end == text.data() + text.size() ? id : 0;
}

}  // namespace

Outgoing ClientCore::begin(std::string_view method, std::string_view params) {
  const std::uint64_t id = ++last_id_;
  pending_.emplace(id, Pending{});
  return {id,
          is_stateless_ ? make_request(fmt::to_string(id), method, stateless_request_params(params))
                        : make_request(fmt::to_string(id), method, params)};
}

Outgoing ClientCore::begin_call(std::string_view method,
                                std::string_view params,
                                const firewall::ClientSide& client) {
  const std::uint64_t id = ++last_id_;
  Pending& pending = pending_[id];
  pending.is_call = true;
  params = core::trim(params);
  const std::string sent =
      is_stateless_
          ? stateless_call_params(params, id, client, pending.client_token)
          : with_progress_token(params.starts_with('{') ? params : "{}", id, pending.client_token);
  return {id, make_request(fmt::to_string(id), method, sent)};
}

std::string ClientCore::cancel(std::uint64_t id, std::string_view reason) {
  const auto found = pending_.find(id);
  if (found == pending_.end()) {
    return {};
  }
  if (found->second.is_call && given_up_.size() < k_max_given_up) {
    given_up_.insert(id);
  }
  pending_.erase(found);
  return make_notification("notifications/cancelled",
                           fmt::format(R"({{"requestId":{},"reason":{}}})", id, quote(reason)));
}

void ClientCore::forget(std::uint64_t id) {
  pending_.erase(id);
}

Incoming ClientCore::receive(const Message& message, std::uint64_t stream) {
  switch (message.kind()) {
    case Message::Kind::response:
      return receive_answer(message);
    case Message::Kind::notification:
      return receive_notification(message, stream);
    case Message::Kind::request:
      break;
  }
  return receive_request(message, stream);
}

std::uint64_t ClientCore::only_call() const {
  std::uint64_t only = 0;
  for (const auto& [id, pending] : pending_) {
    if (pending.is_call) {
      if (only != 0) {
        return 0;
      }
      only = id;
    }
  }
  return given_up_.empty() ? only : 0;
}

Incoming ClientCore::receive_request(const Message& message, std::uint64_t stream) {
  if (message.method() == "ping") {
    return {Incoming::Kind::reply, 0, make_result(message.id(), "{}"), {}, {}};
  }
  if (is_stateless_ || std::ranges::find(k_askable, message.method()) == k_askable.end()) {
    return {Incoming::Kind::reply,
            0,
            make_error(message.id(), k_method_not_found, "this client offers no such method"),
            {},
            {}};
  }
  const std::uint64_t call = stream != 0 ? stream : only_call();
  if (!pending_.contains(call)) {
    return {Incoming::Kind::reply,
            0,
            make_error(message.id(), k_internal_error, "it is not known whose call this is about"),
            {},
            {}};
  }
  return {Incoming::Kind::request,
          call,
          {},
          {},
          {std::string(message.id()),
           std::string(message.method()),
           std::string(message.params_text())}};
}

Incoming ClientCore::receive_answer(const Message& message) {
  const std::uint64_t id = own_id(message.id());
  given_up_.erase(id);
  if (pending_.erase(id) == 0) {
    return {Incoming::Kind::ignored,
            id,
            id != 0 && id <= last_id_ ? "a second or late answer" : "an answer to no request",
            {}};
  }
  return {Incoming::Kind::answer,
          id,
          {},
          {std::string(message.result_text()), std::string(message.error_text())}};
}

Incoming ClientCore::receive_notification(const Message& message, std::uint64_t stream) {
  if (message.method() == "notifications/tools/list_changed" ||
      message.method() == "notifications/resources/list_changed" ||
      message.method() == "notifications/prompts/list_changed") {
    return {Incoming::Kind::list_changed, 0, {}, {}};
  }
  if (message.method() == "notifications/resources/updated") {
    return {Incoming::Kind::resource_updated,
            0,
            std::string(message.params()["uri"].as_string().value_or("")),
            {}};
  }
  if (message.method() == "notifications/subscriptions/acknowledged") {
    const core::Json params = message.params();
    Incoming out{Incoming::Kind::acknowledged, 0, {}, {}};
    if (const auto meta = core::raw_member(message.params_text(), "_meta")) {
      out.id = own_id(core::raw_member(*meta, k_meta_subscription_id).value_or(""));
    }
    const core::Json uris = params["notifications"]["resourceSubscriptions"];
    for (std::size_t i = 0; i < uris.size(); ++i) {
      out.uris.emplace_back(uris.at(i).as_string().value_or(""));
    }
    return out;
  }
  if (message.method() == "notifications/cancelled") {
    return {Incoming::Kind::ignored, 0, "a request of the server's is taken back", {}, {}};
  }
  if (message.method() != "notifications/progress") {
    return {Incoming::Kind::message, stream != 0 ? stream : only_call(), message.text(), {}, {}};
  }
  const auto token = core::raw_member(message.params_text(), "progressToken");
  const std::uint64_t id = token ? own_id(*token) : 0;
  const auto found = pending_.find(id);
  if (found == pending_.end()) {
    return {Incoming::Kind::ignored, id, "progress of no call", {}};
  }
  Incoming out{Incoming::Kind::progress, id, {}, {}};
  if (!found->second.client_token.empty()) {
    out.text = make_notification(message.method(),
                                 splice(message.params_text(), *token, found->second.client_token));
  }
  return out;
}

std::string make_reply(std::string_view id, const firewall::UpstreamAnswer& answer) {
  return answer.error.empty() ? make_result(id, answer.result) : make_error(id, answer.error);
}

std::string initialize_params() {
  return fmt::format(R"({{"protocolVersion":"{}","capabilities":{},)"
                     R"("clientInfo":{{"name":"preloop","version":"{}"}}}})",
                     k_revisions.front(),
                     k_all_capabilities,
                     PRELOOP_VERSION);
}

core::Result<ServerHello> read_hello(const firewall::UpstreamAnswer& answer) {
  using core::Code;
  if (!answer.error.empty()) {
    return core::fail(Code::failed_precondition,
                      "the server refused initialize: " + describe_error(answer.error));
  }
  PRELOOP_TRY(const core::JsonDocument document, core::JsonDocument::parse(answer.result));
  const core::Json result = document.root();
  const std::string_view revision = result["protocolVersion"].as_string().value_or("");
  if (std::ranges::find(k_revisions, revision) == k_revisions.end()) {
    return core::fail(Code::failed_precondition,
                      fmt::format("the server speaks MCP revision '{}', which we do not",
                                  core::printable(revision, 32)));
  }
  ServerHello hello = read_capabilities(result["capabilities"]);
  hello.revision = revision;
  hello.software = software_label(result["serverInfo"]);
  return hello;
}

ServerHello read_capabilities(core::Json capabilities) {
  ServerHello hello;
  hello.has_tools = capabilities["tools"].is_object();
  hello.has_resources = capabilities["resources"].is_object();
  hello.has_prompts = capabilities["prompts"].is_object();
  hello.has_completions = capabilities["completions"].is_object();
  const auto changes = [&](std::string_view list) {
    return capabilities[list]["listChanged"].as_bool().value_or(false);
  };
  hello.tools_change = changes("tools");
  hello.resources_change = changes("resources");
  hello.prompts_change = changes("prompts");
  return hello;
}

std::string software_label(core::Json info) {
  return core::printable(fmt::format("{} {}",
                                     info["name"].as_string().value_or("unnamed"),
                                     info["version"].as_string().value_or("")),
                         128);
}

std::string describe_error(std::string_view error_object) {
  const auto document = core::JsonDocument::parse(std::string(error_object));
  const core::Json error = document ? document->root() : core::Json();
  const auto message = error["message"].as_string().value_or("no message");
  const auto code = error["code"].as_int();
  return core::printable(message, 300) + (code ? fmt::format(" ({})", *code) : "");
}

}  // namespace preloop::mcp

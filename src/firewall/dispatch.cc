#include "firewall/dispatch.h"

#include "core/json_writer.h"
#include "core/text.h"
#include "firewall/words.h"

namespace preloop::firewall {
namespace {

/// `params` with the value of its `name` replaced, every other byte as received.
std::string rename(std::string_view params, std::string_view name) {
  const auto exposed = core::raw_member(params, "name");
  std::string quoted;
  core::JsonWriter(quoted).string(name);
  if (!exposed) {
    return std::string(params);  // not reached: a call without a name finds no tool
  }
  const auto at = static_cast<std::size_t>(exposed->data() - params.data());
  std::string out;
  out.reserve(params.size() + quoted.size());
  out += params.substr(0, at);
  out += quoted;
  out += params.substr(at + exposed->size());
  return out;
}

/// The params of a request that is decided like a call: its arguments, and what is beside them.
std::string spread(std::string_view params) {
  const std::string_view arguments =
      core::trim(core::raw_member(params, "arguments").value_or("{}"));
  const std::string_view members = core::trim(arguments.substr(1, arguments.size() - 2));
  std::string out = "{";
  out += members;
  for (const std::string_view name : {"_meta", "inputResponses", "requestState"}) {
    if (const auto beside = core::raw_member(params, name)) {
      out += out.size() == 1 ? "\"" : ",\"";
      out += name;
      out += "\":";
      out += *beside;
    }
  }
  out += '}';
  return out;
}

/// Whether a tool result says isError. The result is an object the codec has parsed; only its own
/// member counts, whatever the content holds.
bool is_tool_error(std::string_view result) {
  return core::raw_member(result, "isError") == "true";
}

}  // namespace

/// What a tool says on its way is as confidential as its result; what cannot be looked through
/// stays.
void Dispatch::notify(CallObserver& observer, std::string_view json) const {
  if (identity_.redactions.empty()) {
    observer.notification(json);
  } else if (const auto shown =
                 redact_json(json, identity_.redactions, &policy::Redaction::result)) {
    observer.notification(*shown);
  }
}

/// The same for what a server asks: it may quote what it found.
void Dispatch::ask(CallObserver& observer, ServerRequest request) const {
  if (!identity_.redactions.empty() && !request.params.empty()) {
    auto shown = redact_json(request.params, identity_.redactions, &policy::Redaction::result);
    if (!shown) {
      request.reply({{}, R"({"code":-32603,"message":"the request could not be shown"})"});
      return;
    }
    request.params = std::move(*shown);
  }
  observer.request(std::move(request));
}

core::Task<Answer> Dispatch::send(const catalogue::Tool& tool,
                                  std::string_view params_text,
                                  CallObserver& observer,
                                  const ClientSide& client,
                                  const core::CallContext& context) {
  const bool is_tool = tool.method == catalogue::Method::tools_call;
  observer.dispatched();
  auto answer = co_await services_.upstream.call_tool(
      permit_,
      tool,
      is_tool ? rename(params_text, tool.name) : spread(params_text),
      [this, &observer](std::string_view json) { notify(observer, json); },
      [this, &observer](ServerRequest request) { ask(observer, std::move(request)); },
      client,
      context);
  Answer out;
  if (answer) {
    if (!answer->error.empty()) {
      out.outcome = Outcome::upstream_error;
      out.json = std::move(answer->error);
    } else {
      out.outcome =
          is_tool && is_tool_error(answer->result) ? Outcome::tool_error : Outcome::succeeded;
      out.json = std::move(answer->result);
    }
    co_return out;
  }
  switch (answer.error().code) {
    case core::Code::unavailable:
      out.outcome = Outcome::not_sent;
      out.text = not_sent_text(tool.server_name, answer.error());
      break;
    case core::Code::cancelled:
      out.outcome = Outcome::cancelled;
      out.text = unknown_text(tool.server_name, answer.error());
      break;
    default:
      out.outcome = Outcome::unknown;
      out.text = unknown_text(tool.server_name, answer.error());
  }
  co_return out;
}

}  // namespace preloop::firewall

#include "core/json.h"
#include "core/text.h"
#include "mcp/rpc_codec.h"
#include "targets.h"

#include <string>

namespace preloop::fuzz {

/// Members are found where they stand, byte for byte, and what is accepted is proper JSON-RPC.
void json_rpc(std::string_view bytes) {
  const std::string text(bytes);
  const auto message = mcp::Message::parse(text);
  if (!message) {
    check(!message.error().message.empty(), "a refusal says why");
    return;
  }
  using Kind = mcp::Message::Kind;
  check(core::is_valid_utf8(bytes), "accepted text is UTF-8");
  check(message->text() == text, "the text is kept as it came");
  check((message->kind() == Kind::notification) == message->id().empty(),
        "a notification has no id, all others have one");
  check((message->kind() == Kind::response) == message->method().empty() ||
            message->kind() != Kind::response,
        "a response has no method");
  for (const std::string_view part :
       {message->params_text(), message->result_text(), message->error_text()}) {
    if (!part.empty()) {
      check(text.find(part) != std::string::npos, "a member is a piece of the text");
      check(core::JsonDocument::parse(std::string(part)).has_value(), "a member is JSON by itself");
    }
  }
  if (message->kind() == Kind::request) {
    const std::string again =
        mcp::make_request(message->id(),
                          message->method(),
                          message->params_text().empty() ? "{}" : message->params_text());
    const auto back = mcp::Message::parse(again);
    check(back && back->id() == message->id() && back->method() == message->method(),
          "a request written anew is the same request");
  }
}

}  // namespace preloop::fuzz

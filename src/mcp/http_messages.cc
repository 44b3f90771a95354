#include "mcp/http_messages.h"

#include "core/text.h"
#include "mcp/upstream_session.h"

#include <utility>

namespace preloop::mcp {

using core::Task;
using Messages = std::vector<Message>;

HttpMessages::HttpMessages(std::unique_ptr<net::ClientResponse> response, core::Offload& offload)
    : response_(std::move(response)), offload_(offload), events_(k_max_upstream_message) {
  const std::string_view type = response_->headers().get("Content-Type").value_or("");
  const std::string_view media = core::trim(type.substr(0, type.find(';')));
  if (core::iequals(media, "application/json")) {
    form_ = Form::json;
  } else if (core::iequals(media, "text/event-stream")) {
    form_ = Form::events;
  }
}

Task<core::Result<Messages>> HttpMessages::next() {
  if (form_ == Form::json) {
    if (std::exchange(read_, true)) {
      co_return Messages{};
    }
    PRELOOP_CO_TRY(std::string body, co_await response_->read_all(k_max_upstream_message));
    co_return co_await read_messages(std::move(body), offload_);
  }
  while (true) {
    while (auto event = events_.next()) {
      // A priming event has an id and no data; other types than "message" are not MCP's.
      const bool message = event->type.empty() || event->type == "message";
      if (!message || core::trim(event->data).empty()) {
        continue;
      }
      auto messages = co_await read_messages(std::move(event->data), offload_);
      if (!messages || !messages->empty()) {
        co_return messages;
      }
    }
    PRELOOP_CO_TRY(const std::string_view piece, co_await response_->read_some());
    if (piece.empty()) {
      co_return Messages{};
    }
    PRELOOP_CO_CHECK(events_.feed(piece));
  }
}

Task<std::string> HttpMessages::text(std::size_t max_bytes) {
  auto body = co_await response_->read_all(max_bytes);
  co_return body ? std::move(*body) : std::string();
}

}  // namespace preloop::mcp

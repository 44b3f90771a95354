#include "mcp/post_body.h"

#include "core/json_writer.h"
#include "mcp/http_rules.h"

#include <fmt/format.h>

namespace preloop::mcp {
namespace {

std::string readable_id(const core::JsonDocument& document) {
  const core::Json id = document.root()["id"];
  return id.is_string() || id.is(core::JsonKind::integer) ? id.dump() : std::string();
}

net::Response not_json(const core::Error& error) {
  return refusal(400, k_parse_error, "The body is not JSON we accept: " + error.message);
}

std::expected<PostBody, net::Response> read_batch(std::string text) {
  const auto document = core::JsonDocument::parse(std::move(text));
  if (!document) {
    return std::unexpected(not_json(document.error()));
  }
  PostBody body;
  body.is_batch = true;
  const auto elements = core::raw_elements(document->text());
  if (elements.empty() || elements.size() > k_max_batch) {
    return std::unexpected(
        refusal(400, k_invalid_request, fmt::format("A batch has 1 to {} messages.", k_max_batch)));
  }
  for (const std::string_view element : elements) {
    auto message = Message::parse(std::string(element));
    std::string id;
    if (!message) {
      if (const auto alone = core::JsonDocument::parse(std::string(element))) {
        id = readable_id(*alone);
      }
    }
    body.members.push_back({std::move(message), std::move(id)});
  }
  return body;
}

}  // namespace

std::expected<PostBody, net::Response> read_post_body(std::string text) {
  if (is_batch(text)) {
    return read_batch(std::move(text));
  }
  auto message = Message::parse(text);
  if (message) {
    PostBody body;
    body.members.push_back({std::move(message), {}});
    return body;
  }
  const auto document = core::JsonDocument::parse(std::move(text));
  if (!document) {
    return std::unexpected(not_json(document.error()));
  }
  return std::unexpected(
      refusal(400, k_invalid_request, message.error().message, readable_id(*document)));
}

}  // namespace preloop::mcp

#include "notify/webhook.h"

#include "core/crypto.h"
#include "core/json_writer.h"
#include "core/text.h"

#include <fmt/format.h>

namespace preloop::notify {
namespace {

constexpr std::string_view k_prefix = "whsec_";
constexpr std::size_t k_new_key = 24, k_most_key = 64;

}  // namespace

core::Secret make_webhook_secret() {
  return core::Secret(std::string(k_prefix) + core::to_base64(core::random_bytes(k_new_key)));
}

core::Result<core::Secret> webhook_key(const core::Secret& secret) {
  const std::string_view text = secret.reveal();
  auto bytes =
      text.starts_with(k_prefix) ? core::from_base64(text.substr(k_prefix.size())) : std::nullopt;
  if (!bytes || bytes->size() < k_new_key || bytes->size() > k_most_key) {
    return core::fail(core::Code::invalid_argument,
                      "a signing secret is whsec_ and base64 of 24 to 64 bytes",
                      {{"secret", "whsec_…"}});
  }
  return core::Secret(std::move(*bytes));
}

std::string webhook_signature(const core::Secret& key,
                              std::string_view id,
                              std::int64_t timestamp,
                              std::string_view body) {
  const core::Digest mac =
      core::hmac_sha256(key.reveal(), fmt::format("{}.{}.{}", id, timestamp, body));
  return "v1," + core::to_base64(core::as_bytes(mac));
}

std::string webhook_body(const Message& message, const Ask* ask, const Links& links) {
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object()
      .field("type", to_string(message.event))
      .field("timestamp", core::to_rfc3339(message.created_at))
      .key("data")
      .begin_object()
      .field("account_id", message.account.to_string());
  if (ask != nullptr) {
    writer.field("id", ask->id.to_string())
        .field("status", ask->state)
        .field("agent", ask->agent)
        .field("server", ask->server)
        .field("tool", ask->tool)
        .key("arguments")
        .raw(ask->arguments)
        .field("reason", ask->reason)
        .field("justification", ask->justification)
        .field("outcome", ask->outcome)
        .field("created_at", core::to_rfc3339(ask->created_at))
        .field("expires_at", core::to_rfc3339(ask->expires_at))
        .field("url", links.open);
  }
  writer.end_object().end_object();
  return out;
}

}  // namespace preloop::notify

#include "notify/ntfy.h"

#include "core/crypto.h"
#include "core/json_writer.h"
#include "core/text.h"

#include <algorithm>

namespace preloop::notify {
namespace {

constexpr std::int64_t k_high = 4, k_low = 2;

void write_decide(core::JsonWriter& writer,
                  std::string_view label,
                  std::string_view decision,
                  const Links& links) {
  std::string body;
  core::JsonWriter(body)
      .begin_object()
      .field("token", links.token)
      .field("decision", decision)
      .end_object();
  writer.begin_object()
      .field("action", "http")
      .field("label", label)
      .field("url", links.decide)
      .field("method", "POST")
      .key("headers")
      .begin_object()
      .field("Content-Type", "application/json")
      .end_object()
      .field("body", body)
      .field("clear", true)
      .end_object();
}

}  // namespace

bool is_topic(std::string_view topic) {
  return !topic.empty() && topic.size() <= 64 && std::ranges::all_of(topic, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

std::string make_topic() {
  return "preloop-" + core::to_base64url(core::random_bytes(18));
}

std::string ntfy_body(std::string_view topic,
                      std::string_view sequence,
                      const Ask* ask,
                      const Links& links) {
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object().field("topic", topic).field("sequence_id", sequence);
  if (ask == nullptr) {
    writer.field("title", "Preloop can reach you")
        .field("message", "This is the test you asked for.")
        .field("click", links.open);
  } else {
    writer.field("title", title_of(*ask))
        .field("message", body_of(*ask))
        .field("priority", ask->is_open ? k_high : k_low)
        .field("click", links.open)
        .key("actions")
        .begin_array();
    // A reason cannot be typed on a button: then the page asks for it.
    if (ask->is_open && !ask->needs_reason && !links.decide.empty()) {
      write_decide(writer, "Approve", "approve", links);
      write_decide(writer, "Decline", "decline", links);
    }
    writer.begin_object()
        .field("action", "view")
        .field("label", "Details")
        .field("url", links.open)
        .end_object()
        .end_array();
  }
  writer.end_object();
  return out;
}

}  // namespace preloop::notify

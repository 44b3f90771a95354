#include "mcp/hold_progress.h"

#include "core/json_writer.h"
#include "core/text.h"
#include "mcp/rpc_codec.h"

#include <fmt/format.h>

#include <algorithm>

namespace preloop::mcp {
namespace {

constexpr double k_step = 1e-4;

}  // namespace

std::string ProgressNumbers::next_of_ours() {
  last_ = ++steps_ * k_step;
  return fmt::format("{:.4f}", last_);
}

bool ProgressNumbers::admit(std::string_view notification) {
  if (steps_ == 0) {
    return true;  // nothing of ours to collide with: the usual call is not parsed again
  }
  const auto message = Message::parse(std::string(notification));
  if (!message || message->method() != "notifications/progress") {
    return message.has_value();
  }
  const auto progress = message->params()["progress"].as_double();
  if (!progress || *progress <= last_) {
    return false;
  }
  last_ = *progress;
  return true;
}

std::string hold_message(std::string_view approvers,
                         core::WallTime expires_at,
                         core::WallTime now) {
  const auto left = std::chrono::ceil<core::seconds>(expires_at - now).count();
  return fmt::format("Waiting for approval by {} ({} s left)",
                     core::printable(core::truncate_utf8(approvers, 120), 140),
                     std::max<std::int64_t>(left, 0));
}

std::string progress_params(std::string_view token,
                            std::string_view progress,
                            std::string_view message) {
  std::string out;
  core::JsonWriter(out)
      .begin_object()
      .key("progressToken")
      .raw(token)
      .key("progress")
      .raw(progress)
      .field("message", message)
      .end_object();
  return out;
}

}  // namespace preloop::mcp

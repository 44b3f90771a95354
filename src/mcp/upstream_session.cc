#include "mcp/upstream_session.h"

#include "core/json_writer.h"
#include "mcp/tool_pages.h"

#include <utility>

namespace preloop::mcp {
namespace {

using core::Task;

constexpr std::size_t k_parse_elsewhere = 128 * 1024;
constexpr std::size_t k_max_batch = 1'000;
/// A result of the largest size may hold many small values.
constexpr core::JsonLimits k_limits{.max_depth = 64, .max_values = 1'000'000};

core::Result<std::vector<Message>> parse_messages(std::string text) {
  std::vector<Message> out;
  if (!is_batch(text)) {
    PRELOOP_TRY(Message message, Message::parse(std::move(text), k_limits));
    out.push_back(std::move(message));
    return out;
  }
  PRELOOP_TRY(const core::JsonDocument batch, core::JsonDocument::parse(std::move(text), k_limits));
  if (batch.root().size() > k_max_batch) {
    return core::fail(core::Code::invalid_argument, "a batch of too many messages");
  }
  for (const std::string_view part : core::raw_elements(batch.text())) {
    PRELOOP_TRY(Message message, Message::parse(std::string(part), k_limits));
    out.push_back(std::move(message));
  }
  return out;
}

}  // namespace

Task<core::Result<std::vector<Message>>> read_messages(std::string text, core::Offload& offload) {
  if (text.size() < k_parse_elsewhere) {
    co_return parse_messages(std::move(text));
  }
  co_return co_await offload.run(
      [text = std::move(text)]() mutable { return parse_messages(std::move(text)); });
}

Task<core::Result<Listing>> list_tools(UpstreamSession& session, core::MonoTime deadline) {
  Listing listing;
  if (!session.hello().has_tools) {
    co_return listing;
  }
  ToolPages pages;
  for (bool more = true; more;) {
    PRELOOP_CO_TRY(const firewall::UpstreamAnswer answer,
                   co_await session.request("tools/list", pages.params(), deadline));
    PRELOOP_CO_TRY(more, pages.add(answer));
  }
  listing.tools = pages.take();
  for (const std::string& problem : pages.problems()) {
    listing.problems += (listing.problems.empty() ? "left out: " : "; ") + problem;
  }
  co_return listing;
}

}  // namespace preloop::mcp

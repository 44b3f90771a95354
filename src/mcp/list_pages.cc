#include "mcp/list_pages.h"

#include "core/json_writer.h"
#include "mcp/client_core.h"

#include <fmt/format.h>

namespace preloop::mcp {
namespace {

using core::Code;
using core::fail;

constexpr std::size_t k_max_cursor = 8 * 1024;

}  // namespace

std::string ListPages::params() const {
  return cursor_.empty() ? "{}" : fmt::format(R"({{"cursor":{}}})", cursor_);
}

core::Result<bool> ListPages::add(const firewall::UpstreamAnswer& answer,
                                  const std::function<void(core::Json, std::string_view)>& visit) {
  if (!answer.error.empty()) {
    return fail(
        Code::failed_precondition,
        fmt::format("the server did not list its {}: {}", member_, describe_error(answer.error)));
  }
  bytes_ += answer.result.size();
  if (++pages_ > limits_.max_pages || bytes_ > limits_.max_bytes) {
    return fail(Code::resource_exhausted,
                fmt::format("the list of {} is longer than {} pages or {} bytes",
                            member_,
                            limits_.max_pages,
                            limits_.max_bytes));
  }
  PRELOOP_TRY(const core::JsonDocument document, core::JsonDocument::parse(answer.result));
  const core::Json root = document.root();
  if (!root[member_].is_array()) {
    return fail(Code::failed_precondition,
                fmt::format("the server's list of {0} has no '{0}'", member_));
  }
  const auto texts = core::raw_elements(core::raw_member(document.text(), member_).value_or("[]"));
  items_ += texts.size();
  if (items_ > limits_.max_items) {
    return fail(Code::resource_exhausted,
                fmt::format("the server lists more than {} {}", limits_.max_items, member_));
  }
  for (std::size_t i = 0; i < texts.size(); ++i) {
    visit(root[member_].at(i), texts[i]);
  }
  const core::Json next = root["nextCursor"];
  if (!next.exists() || next.is_null()) {
    return false;
  }
  cursor_ = core::raw_member(document.text(), "nextCursor").value_or("");
  if (!next.is_string() || cursor_.size() > k_max_cursor) {
    return fail(Code::failed_precondition,
                fmt::format("the server's list of {} has an unusable cursor", member_));
  }
  if (!seen_cursors_.insert(cursor_).second) {
    return fail(Code::resource_exhausted,
                fmt::format("the server's list of {} repeats itself without end", member_));
  }
  return true;
}

}  // namespace preloop::mcp

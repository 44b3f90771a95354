#include "audit/activity.h"

#include "core/json.h"

#include <algorithm>

namespace preloop::audit {
namespace {

void count(ActivityCounts& counts, std::string_view action) {
  if (action == "allow") {
    ++counts.allowed;
  } else if (action == "deny") {
    ++counts.denied;
  } else {
    ++counts.held;
  }
}

}  // namespace

core::Status ActivityTally::add(const StoredRecord& record) {
  PRELOOP_TRY(const auto document, core::JsonDocument::parse(record.bytes));
  const core::Json root = document.root();
  if (root["kind"].as_string() != to_string(Kind::call_decided)) {
    return {};
  }
  PRELOOP_TRY(const core::WallTime at, core::parse_rfc3339(root["at"].as_string().value_or("")));
  const auto action = root["decision"]["action"].as_string();
  const auto agent = core::AgentId::parse(root["agent"].as_string().value_or(""));
  if (!action) {
    return core::fail(core::Code::data_loss, "a decision without an action in the record");
  }
  count(day_, *action);
  if (at >= hour_ago_) {
    count(hour_, *action);
  }
  if (agent) {
    AgentActivity& one = agents_[*agent];
    one.agent = *agent;
    one.last = std::max(one.last, at);
    count(one.counts, *action);
  }
  return {};
}

std::vector<AgentActivity> ActivityTally::agents() const {
  std::vector<AgentActivity> out;
  out.reserve(agents_.size());
  for (const auto& [id, one] : agents_) {
    out.push_back(one);
  }
  std::ranges::stable_sort(out, [](const AgentActivity& a, const AgentActivity& b) {
    return a.counts.calls() > b.counts.calls();
  });
  return out;
}

}  // namespace preloop::audit

#include "firewall/call_history.h"

#include "core/json.h"

#include <unordered_map>

namespace preloop::firewall {
namespace {

constexpr std::size_t k_page = 1000;

/// Puts the phases of calls together as they come, oldest first.
class Phases {
 public:
  void read(core::Json record) {
    const auto text = [&](std::string_view name) { return record[name].as_string().value_or(""); };
    const std::string_view kind = text("kind");
    const auto id = core::CallId::parse(text("call"));
    if (!id || !kind.starts_with("call.")) {
      return;
    }
    const bool goes =
        kind == "call.dispatched" ||
        (kind == "call.decided" && record["decision"]["action"].as_string() == "allow");
    const bool stays =
        (kind == "call.completed" && record["details"]["outcome"].as_string() == "not_sent") ||
        // A second decision of the same call: the rules changed before it left.
        (kind == "call.decided" && !goes);
    if (stays) {
      calls_.erase(*id);
      return;
    }
    const auto agent = core::AgentId::parse(text("agent"));
    const auto at = core::parse_rfc3339(text("at"));
    if (!goes || !agent || !at) {
      return;
    }
    CountedCall call;
    call.id = *id;
    call.agent = *agent;
    call.session =
        core::RuntimeSessionId::parse(text("session")).value_or(core::RuntimeSessionId{});
    call.server = text("server");
    call.tool = text("tool");
    call.at = *at;
    call.approval = core::ApprovalId::parse(text("approval"));
    call.held = false;
    calls_[*id] = std::move(call);
  }

  std::vector<CountedCall> take() {
    std::vector<CountedCall> out;
    out.reserve(calls_.size());
    for (auto& [id, call] : calls_) {
      out.push_back(std::move(call));
    }
    return out;
  }

 private:
  std::unordered_map<core::CallId, CountedCall> calls_;
};

}  // namespace

core::Task<core::Result<std::vector<CountedCall>>> calls_let_go(audit::AuditRepo& record,
                                                                core::AccountId account,
                                                                core::WallTime since,
                                                                core::WallTime until) {
  Phases phases;
  audit::Position after = audit::position_at(since) - 1;
  const audit::Position last = audit::position_at(until);
  while (true) {
    PRELOOP_CO_TRY(const std::vector<audit::StoredRecord> page,
                   co_await record.forward(account, after, last, k_page));
    for (const audit::StoredRecord& stored : page) {
      PRELOOP_CO_TRY(const core::JsonDocument parsed, core::JsonDocument::parse(stored.bytes));
      phases.read(parsed.root());
    }
    if (page.size() < k_page) {
      co_return phases.take();
    }
    after = page.back().position;
  }
}

}  // namespace preloop::firewall

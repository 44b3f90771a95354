#include "firewall/recorded_calls.h"

#include "core/json.h"

#include <unordered_map>

namespace preloop::firewall {
namespace {

constexpr std::size_t k_page = 1000;

std::optional<RecordedCall> read_call(const std::string& bytes) {
  const auto parsed = core::JsonDocument::parse(bytes);
  if (!parsed || parsed->root()["kind"].as_string() != "call.decided") {
    return std::nullopt;
  }
  const core::Json record = parsed->root();
  const auto text = [&](std::string_view name) { return record[name].as_string().value_or(""); };
  RecordedCall call;
  const auto id = core::CallId::parse(text("call"));
  const auto at = core::parse_rfc3339(text("at"));
  if (!id || !at) {
    return std::nullopt;
  }
  call.id = *id;
  call.at = *at;
  call.agent = core::AgentId::parse(text("agent")).value_or(core::AgentId{});
  call.key = core::KeyId::parse(text("key")).value_or(core::KeyId{});
  call.session = core::RuntimeSessionId::parse(text("session")).value_or(core::RuntimeSessionId{});
  call.agent_name = record["actor"]["name"].as_string().value_or("");
  call.server = text("server");
  call.tool = text("tool");
  call.action = record["decision"]["action"].as_string().value_or("");
  return call;
}

}  // namespace

core::Task<core::Status> read_recorded_calls(audit::AuditRepo& record,
                                             core::AccountId account,
                                             core::WallTime since,
                                             core::WallTime until,
                                             TakeCalls take) {
  audit::Position after = audit::position_at(since) - 1;
  const audit::Position last = audit::position_at(until);
  while (true) {
    PRELOOP_CO_TRY(const std::vector<audit::StoredRecord> page,
                   co_await record.forward(account, after, last, k_page));
    if (page.empty()) {
      co_return core::Status();
    }
    after = page.back().position;
    std::vector<RecordedCall> calls;
    std::unordered_map<audit::Position, std::size_t> places;
    for (const audit::StoredRecord& stored : page) {
      if (auto call = read_call(stored.bytes)) {
        places[stored.position] = calls.size();
        calls.push_back(std::move(*call));
      }
    }
    if (!calls.empty()) {
      PRELOOP_CO_TRY(const std::vector<audit::StoredPayload> payloads,
                     co_await record.payloads(account, page.front().position, after));
      for (const audit::StoredPayload& payload : payloads) {
        const auto place = places.find(payload.record);
        if (place != places.end() && payload.kind == audit::PayloadKind::args &&
            payload.content_is == audit::Content::exact && !payload.has_blob) {
          calls[place->second].arguments = payload.content;
        }
      }
      PRELOOP_CO_CHECK(co_await take(std::move(calls)));
    }
  }
}

}  // namespace preloop::firewall

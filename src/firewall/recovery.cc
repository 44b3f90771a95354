#include "firewall/recovery.h"

#include "audit/types.h"
#include "core/json.h"
#include "firewall/call_record.h"
#include "firewall/in_flight_repo.h"

#include <map>
#include <utility>
#include <vector>

namespace preloop::firewall {
namespace {

constexpr std::size_t k_page = 1000;
/// A start that had nothing to mark, but a minute of the record to read, says where it ended.
constexpr audit::Position k_worth_noting = audit::Position{60'000'000} << 10;

/// Who has begun and not ended, while the record is read forward.
class OpenCalls {
 public:
  explicit OpenCalls(std::vector<InFlight> calls) {
    for (InFlight& call : calls) {
      const core::CallId id = call.id;
      open_.emplace(id, std::move(call));
    }
  }

  core::Status read(core::AccountId account, const std::string& text) {
    const auto document = core::JsonDocument::parse(text);
    if (!document) {
      return unreadable();
    }
    const core::Json record = document->root();
    const auto call = id<core::CallId>(record, "call");
    if (!call) {
      return unreadable();
    }
    const std::string_view kind = record["kind"].as_string().value_or("");
    // A call that waits for a person has not begun; one judged anew right before it was sent is
    // decided twice.
    const bool begins = kind == to_string(audit::Kind::call_dispatched) ||
                        (kind == to_string(audit::Kind::call_decided) &&
                         record["decision"]["action"].as_string() == "allow");
    if (!begins) {
      open_.erase(*call);
      return {};
    }
    const auto agent = id<core::AgentId>(record, "agent");
    const auto key = id<core::KeyId>(record, "key");
    const auto session = id<core::RuntimeSessionId>(record, "session");
    if (!agent || !key || !session) {
      return unreadable();
    }
    open_[*call] = {.id = *call,
                    .account = account,
                    .agent = *agent,
                    .key = *key,
                    .session = *session,
                    .server = std::string(record["server"].as_string().value_or("")),
                    .tool = std::string(record["tool"].as_string().value_or("")),
                    .approval = id<core::ApprovalId>(record, "approval")};
    return {};
  }

  std::vector<InFlight> take() {
    std::vector<InFlight> out;
    out.reserve(open_.size());
    for (auto& [id, call] : open_) {
      out.push_back(std::move(call));
    }
    return out;
  }

 private:
  static core::Status unreadable() {
    return core::fail(core::Code::data_loss, "a record of a call cannot be read");
  }
  template <class Id>
  static std::optional<Id> id(core::Json record, std::string_view member) {
    return Id::parse(record[member].as_string().value_or(""));
  }

  std::map<core::CallId, InFlight> open_;
};

}  // namespace

core::Task<core::Result<std::size_t>> mark_lost_calls(store::Database& database, std::string why) {
  PRELOOP_CO_TRY(std::vector<InFlight> rows, co_await all_in_flight(database));
  PRELOOP_CO_TRY(const audit::Position since, co_await checkpoint_position(database));
  OpenCalls open(std::move(rows));
  PRELOOP_CO_TRY(const auto all, co_await accounts(database));
  audit::Position read_to = since;
  for (const core::AccountId account : all) {
    audit::Position position = since;
    while (true) {
      PRELOOP_CO_TRY(const auto page, co_await call_records(database, account, position, k_page));
      for (const CallRecord& record : page) {
        PRELOOP_CO_CHECK(open.read(account, record.record));
        position = record.position;
      }
      if (page.size() < k_page) {
        break;
      }
    }
    read_to = std::max(read_to, position);
  }
  const std::vector<InFlight> lost = open.take();
  if (lost.empty() && read_to - since < k_worth_noting) {
    co_return std::size_t{0};
  }
  store::Unit unit;
  unit.add(delete_all_in_flight());
  unit.add(set_checkpoint_position(read_to));
  for (const InFlight& call : lost) {
    CallIdentity identity;
    identity.call = call;
    unit.drafts.push_back(completed_draft(identity, Outcome::unknown, why));
  }
  PRELOOP_CO_CHECK(co_await database.commit(std::move(unit), store::Durability::strict));
  co_return lost.size();
}

}  // namespace preloop::firewall

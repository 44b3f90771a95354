#include "api/routes/routes.h"
#include "api/views_json.h"
#include "audit/activity.h"
#include "audit/exporter.h"
#include "audit/record.h"
#include "core/json.h"
#include "core/text.h"

#include <algorithm>
#include <charconv>

namespace preloop::api {
namespace {

using core::Code;
using core::fail;
using core::Result;
using core::Task;
using net::Response;

/// A call's records lie behind its beginning, which its id tells, and before its approval's end.
constexpr core::seconds k_longest_call{32 * 24 * 60 * 60};
constexpr core::seconds k_clock_slack{60};
/// Decisions that /activity counts: reading more would keep the loop busy for a number.
constexpr std::size_t k_max_counted = 5'000;
constexpr int k_max_pages = 200;
constexpr std::size_t k_max_records = 1'000;
/// Records that are looked at for one page of those with a decision or an outcome.
constexpr int k_max_looks = 10;

constexpr std::string_view k_groups[] = {"call",
                                         "approval",
                                         "config",
                                         "key",
                                         "agent",
                                         "person",
                                         "auth",
                                         "session",
                                         "system",
                                         "chain",
                                         "retention",
                                         "backup",
                                         "restore",
                                         "export",
                                         "notification"};

Result<audit::Filter> read_filter(const Call& call) {
  audit::Filter filter;
  PRELOOP_TRY(filter.from, call.query_time("from"));
  PRELOOP_TRY(filter.until, call.query_time("until"));
  PRELOOP_TRY(filter.agent, call.query_id<core::AgentId>("agent"));
  PRELOOP_TRY(filter.call, call.query_id<core::CallId>("call"));
  if (const auto tool = call.query_parameter("tool")) {
    filter.tool = std::string(*tool);
  }
  if (const auto kind = call.query_parameter("kind")) {
    filter.kind = audit::parse_kind(*kind);
    if (!filter.kind) {
      return fail(Code::invalid_argument, "unknown kind of record", {{"kind", "unknown"}});
    }
  }
  if (const auto group = call.query_parameter("group")) {
    if (*group == "calls") {
      filter.of_calls = true;
    } else if (std::ranges::find(k_groups, *group) == std::end(k_groups)) {
      return fail(Code::invalid_argument, "unknown group of records", {{"group", "unknown"}});
    } else {
      filter.group = std::string(*group);
    }
  }
  if (call.query_parameter("action")) {
    filter.kind = audit::Kind::call_decided;
  } else if (call.query_parameter("outcome")) {
    filter.group = "call";
  }
  return filter;
}

std::optional<audit::Position> position_of(std::string_view text) {
  audit::Position position = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), position);
  const bool whole = problem == std::errc() && end == text.data() + text.size();
  return whole ? std::optional(position) : std::nullopt;
}

/// What only the record itself says: the decision, the outcome.
Result<bool> fits(const Call& call, const audit::StoredRecord& record) {
  const auto action = call.query_parameter("action");
  const auto outcome = call.query_parameter("outcome");
  if (!action && !outcome) {
    return true;
  }
  PRELOOP_TRY(const auto document, core::JsonDocument::parse(record.bytes));
  return action ? document.root()["decision"]["action"].as_string() == *action
                : document.root()["details"]["outcome"].as_string() == *outcome;
}

Task<Result<audit::Page>> matching(const Call& call,
                                   const audit::Filter& filter,
                                   std::optional<audit::Position> before,
                                   std::size_t limit) {
  audit::Page out;
  for (int look = 0; look < k_max_looks; ++look) {
    PRELOOP_CO_TRY(audit::Page page,
                   co_await call.services.audit.page(call.services.account, filter, before, limit));
    for (audit::StoredRecord& record : page.records) {
      PRELOOP_CO_TRY(const bool is_wanted, fits(call, record));
      if (!is_wanted) {
        continue;
      }
      out.records.push_back(std::move(record));
      if (out.records.size() == limit) {
        out.next = out.records.back().position;
        co_return out;
      }
    }
    out.next = before = page.next;
    if (!before) {
      break;
    }
  }
  co_return out;
}

Task<Result<Response>> list(Call& call) {
  PRELOOP_CO_TRY(const audit::Filter filter, read_filter(call));
  PRELOOP_CO_TRY(const std::size_t limit, call.limit());
  PRELOOP_CO_TRY(const auto place, read_cursor(call));
  PRELOOP_CO_TRY(
      const audit::Page page,
      co_await matching(call, filter, place ? position_of(*place) : std::nullopt, limit));
  std::optional<std::string> next;
  if (page.next) {
    next = make_cursor(call, std::to_string(*page.next));
  }
  co_return reply(200, list_view(page.records, next));
}

/// When a UUIDv7 was made.
core::WallTime made_at(const core::Uuid& id) {
  std::int64_t millis = 0;
  for (std::size_t i = 0; i < 6; ++i) {
    millis = (millis << 8) | id.bytes[i];
  }
  return core::WallTime{core::milliseconds{millis}};
}

/// Oldest first.
Task<Result<std::vector<audit::StoredRecord>>> records_of(const Call& call, core::CallId id) {
  audit::Filter filter;
  filter.call = id;
  filter.from = made_at(id.uuid) - k_clock_slack;
  filter.until = made_at(id.uuid) + k_longest_call;
  std::vector<audit::StoredRecord> records;
  std::optional<audit::Position> before;
  for (int i = 0; i < k_max_pages && records.size() < k_max_records; ++i) {
    PRELOOP_CO_TRY(
        audit::Page page,
        co_await call.services.audit.page(call.services.account, filter, before, k_max_records));
    std::ranges::move(page.records, std::back_inserter(records));
    if (!page.next) {
      break;
    }
    before = page.next;
  }
  std::ranges::reverse(records);
  co_return records;
}

Task<Result<Response>> story(Call& call) {
  PRELOOP_CO_TRY(const auto id, call.id<core::CallId>());
  PRELOOP_CO_TRY(const auto records, co_await records_of(call, id));
  if (records.empty()) {
    co_return fail(Code::not_found, "the record knows no such call");
  }
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object().field("call_id", id.to_string());
  write_views(writer, "items", records);
  writer.key("payloads").begin_array();
  for (const audit::StoredRecord& record : records) {
    PRELOOP_CO_TRY(const auto payloads,
                   co_await call.services.audit.payloads(
                       call.services.account, record.position, record.position));
    for (const audit::StoredPayload& payload : payloads) {
      write_payload(writer, payload);
    }
  }
  writer.end_array().end_object();
  co_return reply(200, std::move(out));
}

Task<Result<Response>> heads(Call& call) {
  PRELOOP_CO_TRY(const auto found, co_await call.services.audit.heads(call.services.account));
  PRELOOP_CO_TRY(const auto keys, co_await call.services.audit.keys());
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object();
  write_views(writer, "items", found);
  writer.key("next_cursor").null().key("keys").begin_array();
  for (const audit::PublicKey& key : keys) {
    writer.begin_object()
        .field("id", key.id())
        .field("public_key", core::to_hex(key.public_key))
        .field("endorsed_by", key.endorsed_by)
        .end_object();
  }
  writer.end_array().end_object();
  co_return reply(200, std::move(out));
}

Task<core::Status> write_to(net::Responder& responder, std::string bytes) {
  co_return co_await responder.write(bytes);
}

Task<core::Status> export_log(Call& call, net::Responder& responder) {
  audit::ExportOptions options;
  options.account = call.services.account;
  options.origin = call.services.public_url;
  PRELOOP_CO_TRY(options.from, call.query_time("from"));
  PRELOOP_CO_TRY(options.until, call.query_time("until"));
  const auto include = call.query_parameter("include").value_or("records");
  if (include == "payloads") {
    options.include = audit::ExportOptions::Include::payloads;
  } else if (include != "records") {
    co_return fail(
        Code::invalid_argument, "include is records or payloads", {{"include", "unknown"}});
  }
  // That somebody took the record away is itself recorded, before the first byte.
  audit::Record record;
  record.kind = audit::Kind::export_created;
  record.actor = call.audit_actor();
  record.subject = {"audit", ""};
  core::JsonWriter details(record.details);
  details.begin_object().field("include", include);
  if (options.from) {
    details.field("from", core::to_rfc3339(*options.from));
  }
  if (options.until) {
    details.field("until", core::to_rfc3339(*options.until));
  }
  details.end_object();
  store::Unit unit;
  unit.drafts.push_back(audit::make_draft(call.services.account, record));
  PRELOOP_CO_CHECK(
      co_await call.services.database.commit(std::move(unit), store::Durability::strict));

  Response head;
  head.headers.set("Content-Type", "application/x-ndjson");
  head.headers.set("Content-Disposition", "attachment; filename=\"audit.jsonl\"");
  PRELOOP_CO_CHECK(co_await responder.start_stream(std::move(head)));
  const auto written = co_await audit::export_log(
      call.services.audit,
      call.services.sealer.heads(),
      call.services.signing_key,
      call.services.clock,
      options,
      [&responder](std::string bytes) { return write_to(responder, std::move(bytes)); });
  PRELOOP_CO_CHECK(written);
  co_return co_await responder.finish();
}

void write_counts(core::JsonWriter& writer, const audit::ActivityCounts& counts) {
  writer.field("calls", counts.calls())
      .field("allowed", counts.allowed)
      .field("held", counts.held)
      .field("denied", counts.denied);
}

std::string activity_view(const Call& call, const audit::ActivityTally& tally, bool complete) {
  const auto directory = call.directory();
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object().key("hour").begin_object();
  write_counts(writer, tally.hour());
  writer.end_object().key("day").begin_object();
  write_counts(writer, tally.day());
  writer.end_object().field("complete", complete).key("agents").begin_array();
  for (const audit::AgentActivity& one : tally.agents()) {
    const identity::Agent* const agent = directory->find_agent(one.agent);
    writer.begin_object()
        .field("agent_id", one.agent.to_string())
        .field("agent", agent ? std::string_view(agent->name) : std::string_view());
    write_counts(writer, one.counts);
    writer.field("last_at", core::to_rfc3339(one.last)).end_object();
  }
  writer.end_array().end_object();
  return out;
}

Task<Result<Response>> activity(Call& call) {
  audit::ActivityTally tally(call.now());
  audit::Filter filter;
  filter.kind = audit::Kind::call_decided;
  filter.from = call.now() - core::seconds(24 * 60 * 60);
  std::optional<audit::Position> before;
  std::size_t counted = 0;
  do {
    PRELOOP_CO_TRY(
        const audit::Page page,
        co_await call.services.audit.page(call.services.account, filter, before, k_max_records));
    for (const audit::StoredRecord& record : page.records) {
      PRELOOP_CO_CHECK(tally.add(record));
    }
    counted += page.records.size();
    before = page.next;
  } while (before && counted < k_max_counted);
  co_return reply(200, activity_view(call, tally, !before));
}

constexpr Route k_routes[] = {
    {"get_activity", activity},
    {"list_audit", list},
    {"get_call_story", story},
    {"list_heads", heads},
    {.operation = "export_audit", .handler = nullptr, .stream = export_log},
};

}  // namespace

std::span<const Route> audit_routes() {
  return k_routes;
}

}  // namespace preloop::api

#include "audit/keeper.h"

#include "core/json_writer.h"
#include "core/log.h"
#include "core/text.h"
#include "core/wakeup.h"

#include <algorithm>

namespace preloop::audit {
namespace {

constexpr std::int64_t k_batch = 1000;
constexpr core::seconds k_storage_every{10};
constexpr core::seconds k_hour{3600};

void report(std::string_view what, const core::Status& status) {
  if (!status) {
    core::log::warn(what, {{"error", status.error().message}});
  }
}

}  // namespace

Keeper::Keeper(Dependencies dependencies) : d_(std::move(dependencies)) {}

SignedHead Keeper::sign(const ChainId& chain, const Link& last, Purpose purpose) const {
  return d_.key.sign({purpose, d_.origin, chain, last, d_.clock.wall()});
}

core::Task<core::Status> Keeper::prepare() {
  store::Unit unit;
  unit.add(insert_key({d_.key.public_key(), {}, {}}, d_.clock.wall()));
  PRELOOP_CO_TRY(const auto accounts, co_await d_.repo.accounts());
  for (const core::AccountId account : accounts) {
    PRELOOP_CO_TRY(const auto tails, co_await d_.repo.tails(account));
    for (const RecordView::Named& tail : tails) {
      if (tail.chain.writer != d_.sealer.incarnation()) {
        unit.add(insert_head(sign(tail.chain, tail.last, Purpose::head)));
      }
    }
  }
  PRELOOP_CO_CHECK(co_await d_.database.commit(std::move(unit), store::Durability::strict));
  co_await check_storage();
  co_return core::Status{};
}

void Keeper::start(core::Loop& loop) {
  scope_ = std::make_unique<core::TaskScope>(loop.executor());
  scope_->spawn("audit keeper", work());
}

core::Task<void> Keeper::work() {
  core::MonoTime next_hour = d_.clock.mono() + k_hour;
  while (co_await core::sleep_until(std::chrono::steady_clock::now() + k_storage_every) ==
         core::Outcome::late) {
    co_await check_storage();
    if (d_.clock.mono() >= next_hour) {
      next_hour = d_.clock.mono() + k_hour;
      report("audit heads were not signed", co_await sign_heads());
      report("audit retention failed", co_await apply_retention());
    }
  }
}

core::Task<void> Keeper::stop() {
  if (scope_) {
    co_await scope_->stop();
    scope_.reset();
  }
  report("the last audit heads were not signed", co_await sign_heads());
}

core::Task<core::Status> Keeper::sign_heads() {
  store::Unit unit;
  std::map<ChainId, std::uint64_t> now;
  for (const ChainSealer::Tail& tail : d_.sealer.heads()) {
    if (signed_[tail.chain] < tail.last.seq) {
      unit.add(insert_head(sign(tail.chain, tail.last, Purpose::head)));
      now[tail.chain] = tail.last.seq;
    }
  }
  if (now.empty()) {
    co_return core::Status{};
  }
  PRELOOP_CO_CHECK(co_await d_.database.commit(std::move(unit), store::Durability::strict));
  for (const auto& [chain, seq] : now) {
    signed_[chain] = seq;
  }
  co_return core::Status{};
}

core::Task<core::Status> Keeper::apply_retention() {
  const auto cutoff = [&](int days) { return position_at(d_.clock.wall() - k_hour * 24 * days); };
  PRELOOP_CO_TRY(const auto accounts, co_await d_.repo.accounts());
  for (const core::AccountId account : accounts) {
    if (const int days = d_.retention.blob_days; days > 0) {
      PRELOOP_CO_CHECK(co_await retain_payloads(account, AuditRepo::Table::blob, cutoff(days)));
    }
    if (const int days = d_.retention.payload_days; days > 0) {
      PRELOOP_CO_CHECK(co_await retain_payloads(account, AuditRepo::Table::payload, cutoff(days)));
    }
    if (const int days = d_.retention.record_days; days > 0) {
      PRELOOP_CO_CHECK(co_await retain_records(account, cutoff(days)));
    }
  }
  co_return core::Status{};
}

core::Task<core::Status> Keeper::retain_payloads(core::AccountId account,
                                                 AuditRepo::Table table,
                                                 Position before) {
  while (!co_await core::is_cancelled()) {
    PRELOOP_CO_TRY(const auto last, co_await d_.repo.nth_oldest(table, account, before, k_batch));
    if (!last) {
      break;
    }
    std::string details;
    core::JsonWriter(details)
        .begin_object()
        .field("what", table == AuditRepo::Table::blob ? "blobs" : "payloads")
        .field("before", core::to_rfc3339(core::from_micros(before >> 10)))
        .end_object();
    store::Unit unit;
    if (table == AuditRepo::Table::payload) {
      unit.add(AuditRepo::delete_until(AuditRepo::Table::blob, account, *last));
    }
    unit.add(AuditRepo::delete_until(table, account, *last));
    unit.drafts.push_back(
        make_draft(account, {.kind = Kind::retention_payloads_erased, .details = details}));
    PRELOOP_CO_CHECK(co_await d_.database.commit(std::move(unit), store::Durability::strict));
  }
  co_return core::Status{};
}

core::Task<core::Status> Keeper::retain_records(core::AccountId account, Position before) {
  while (!co_await core::is_cancelled()) {
    PRELOOP_CO_TRY(const auto oldest, co_await d_.repo.forward(account, 0, before - 1, k_batch));
    if (oldest.empty()) {
      break;
    }
    std::map<core::Uuid, Link> ends;
    for (const StoredRecord& record : oldest) {
      ends[record.chain.writer] = {record.seq, record_hash(record.bytes)};
    }
    store::Unit unit;
    std::string details;
    core::JsonWriter json(details);
    json.begin_object().key("deleted_until").begin_array();
    for (const auto& [writer, last] : ends) {
      const ChainId chain{account, writer};
      unit.add(delete_heads_before(chain, last.seq));
      unit.add(insert_head(sign(chain, last, Purpose::retention)));
      json.begin_object()
          .field("chain", writer.to_string())
          .field("seq", last.seq)
          .field("hash", core::to_hex(core::as_bytes(last.hash)))
          .end_object();
    }
    json.end_array().end_object();
    for (const auto table :
         {AuditRepo::Table::blob, AuditRepo::Table::payload, AuditRepo::Table::record}) {
      // A record's payloads lie behind it.
      const Position last = oldest.back().position;
      unit.add(AuditRepo::delete_until(
          table, account, table == AuditRepo::Table::record ? last : last + k_position_step - 1));
    }
    unit.drafts.push_back(
        make_draft(account, {.kind = Kind::retention_applied, .details = details}));
    PRELOOP_CO_CHECK(co_await d_.database.commit(std::move(unit), store::Durability::strict));
  }
  co_return core::Status{};
}

core::Task<void> Keeper::check_storage() {
  database_writable_.store(d_.database.health().writable, std::memory_order_relaxed);
  const std::string data_dir = d_.data_dir;
  const auto use =
      co_await d_.offload.run([data_dir]() mutable { return measure_storage(data_dir); });
  if (!use) {
    core::log::warn("storage could not be measured", {{"error", use.error().message}});
    co_return;
  }
  const StorageLevel before = level_.load(std::memory_order_relaxed);
  const StorageLevel now = next_level(before, *use, d_.quota);
  level_.store(now, std::memory_order_relaxed);
  if (now == before) {
    co_return;
  }
  core::log::write(now == StorageLevel::ok ? core::log::Level::info : core::log::Level::warn,
                   "storage level changed",
                   {{"level", to_string(now)},
                    {"used_bytes", use->used_bytes},
                    {"free_bytes", use->free_bytes}});
  const auto accounts = co_await d_.repo.accounts();
  if (!accounts) {
    co_return;
  }
  store::Unit unit;
  for (const core::AccountId account : *accounts) {
    std::string details;
    core::JsonWriter(details)
        .begin_object()
        .field("level", to_string(now))
        .field("was", to_string(before))
        .field("used_bytes", use->used_bytes)
        .field("free_bytes", use->free_bytes)
        .end_object();
    unit.drafts.push_back(
        make_draft(account, {.kind = Kind::system_storage_level, .details = details}));
  }
  if (!unit.drafts.empty()) {
    report("the storage level was not recorded",
           co_await d_.database.commit(std::move(unit), store::Durability::standard));
  }
}

}  // namespace preloop::audit

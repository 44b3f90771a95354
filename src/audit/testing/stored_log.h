#pragma once
#include "audit/exporter.h"
#include "audit/keeper.h"
#include "audit/sealer.h"
#include "audit/testing/log_builder.h"
#include "audit/verify.h"
#include "core/testing/fake_clock.h"
#include "store/testing/databases.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>

namespace preloop::audit::testing {

/// A database with a sealer, as the server has it.
struct StoredLog {
  explicit StoredLog(store::testing::TestDatabase& database)
      : on(database), repo(on.database, cipher), account(on.make_account()) {
    restart();
  }
  ~StoredLog() { on.database.set_sealer(nullptr); }

  /// What a new process does: another incarnation.
  void restart() {
    clock.advance(core::milliseconds(5));
    auto opened = on.run(ChainSealer::open(repo, clock, cipher));
    REQUIRE(opened);
    sealer = std::move(*opened);
    on.database.set_sealer(sealer.get());
  }
  core::Status commit(store::Unit unit) {
    return on.run(on.database.commit(std::move(unit), store::Durability::standard));
  }
  core::Status write(const Record& record) {
    store::Unit unit;
    unit.drafts.push_back(make_draft(account, record));
    return commit(std::move(unit));
  }
  /// A call with its arguments; the clock moves by a millisecond.
  void call(std::string_view args, Keep keep = Keep::full) {
    clock.advance(core::milliseconds(1));
    REQUIRE(write({.kind = Kind::call_requested,
                   .actor = {ActorClass::agent, "a", "bot"},
                   .tool = "pay",
                   .payloads = {{PayloadKind::args, args, keep, "masked"}}}));
  }
  static core::Task<core::Status> append(std::string& out, std::string bytes) {
    out += bytes;
    co_return core::Status{};
  }
  std::string exported(ExportOptions options = {}) {
    options.account = account;
    options.origin = "http://test";
    std::string out;
    const ExportSink sink = [&out](std::string bytes) { return append(out, std::move(bytes)); };
    const auto done =
        on.run(export_log(repo, sealer->heads(), key, clock, std::move(options), sink));
    REQUIRE_MESSAGE(done, done.error().message);
    return out;
  }
  Report verified(ExportOptions options = {}) { return judge(exported(std::move(options))); }
  static Report judge(const std::string& text) {
    bool given = false;
    return *verify_stream(
        [&]() -> core::Result<std::string> {
          return std::exchange(given, true) ? std::string() : text;
        },
        {});
  }
  /// What somebody with the database does behind the server's back.
  void execute(store::Statement statement) {
    store::Unit unit;
    unit.add(std::move(statement));
    REQUIRE(commit(std::move(unit)));
  }

  store::testing::TestDatabase& on;
  core::testing::FakeClock clock;
  PayloadCipher cipher{core::Secret(std::string(32, 'p'))};
  AuditRepo repo;
  std::unique_ptr<ChainSealer> sealer;
  SigningKey key = key_of('k');
  core::AccountId account;
};

inline void for_each_log(const std::function<void(StoredLog&)>& test) {
  store::testing::for_each_database([&](store::testing::TestDatabase& on) {
    StoredLog log(on);
    test(log);
  });
}

}  // namespace preloop::audit::testing

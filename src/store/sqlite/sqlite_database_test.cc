#include "store/sqlite/sqlite_database.h"

#include "store/sqlite/checkpointer.h"
#include "store/sqlite/connection.h"
#include "store/sqlite/migrate.h"
#include "store/testing/sqlite_fixture.h"

#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <fstream>

namespace preloop::store::sqlite {
namespace {

using testing::event_unit;
using testing::SqliteFixture;
using testing::TempDir;
using testing::until;

std::unique_ptr<Connection> connect(const std::string& path) {
  auto opened = Connection::open(path, Role::writer);
  REQUIRE_MESSAGE(opened.has_value(), opened.error().message);
  return std::move(*opened);
}

TEST_CASE("a new database is for its owner alone, and opens again") {
  const TempDir parent;
  const std::string folder = parent / "data";
  {
    SqliteFixture f(folder);
    REQUIRE(f.commit(event_unit()));
    for (const auto& [name, mode] :
         {std::pair{"", 0700}, {"/preloop.db", 0600}, {"/preloop.db-wal", 0600}, {"/lock", 0600}}) {
      CAPTURE(name);
      struct stat info{};
      REQUIRE(::stat((folder + name).c_str(), &info) == 0);
      CHECK((info.st_mode & 0777) == mode);
    }
  }
  // Closing emptied the WAL: nothing is left to recover.
  CHECK(::access((folder + "/preloop.db-wal").c_str(), F_OK) != 0);
  SqliteFixture f(folder);
  CHECK(f.count_events() == 1);
}

TEST_CASE("a second opener is refused and told who is first") {
  SqliteFixture f;
  const auto second = open({.data_dir = f.folder.path(), .holder = "preloop admin"});
  REQUIRE_FALSE(second);
  CHECK(second.error().code == core::Code::failed_precondition);
  CHECK(second.error().message.contains("pid " + std::to_string(::getpid())));
  f.stop();
  CHECK(open({.data_dir = f.folder.path()}).has_value());
}

TEST_CASE("a newer, changed or foreign database is refused and left as it is") {
  const TempDir folder;
  const std::string path = folder / "preloop.db";
  const auto refusal = [&] {
    const auto opened = open({.data_dir = folder.path()});
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == core::Code::failed_precondition);
    return opened.error().message;
  };
  SUBCASE("newer") {
    {
      const SqliteFixture f(folder.path());
    }
    REQUIRE(connect(path)->script("INSERT INTO schema_migration VALUES (9999, 'future', 'x', 0)"));
    CHECK(refusal().contains("newer version"));
  }
  SUBCASE("changed") {
    {
      const SqliteFixture f(folder.path());
    }
    REQUIRE(connect(path)->script("UPDATE schema_migration SET checksum = 'x' WHERE number = 1"));
    CHECK(refusal().contains("0001_core"));
  }
  SUBCASE("foreign") {
    REQUIRE(connect(path)->script("CREATE TABLE thing (name TEXT)"));
    CHECK(refusal().contains("not one of preloop"));
    CHECK(connect(path)->query(statement("SELECT name FROM sqlite_master"))->size() == 1);
  }
}

TEST_CASE("a file that is no database is data_loss") {
  const TempDir folder;
  std::ofstream(folder / "preloop.db") << std::string(5000, 'x');
  CHECK(open({.data_dir = folder.path()}).error().code == core::Code::data_loss);
}

TEST_CASE("a migration that fails leaves nothing behind") {
  const TempDir folder;
  auto connection = connect(folder / "test.db");
  std::vector<Migration> steps{
      {1,
       "core",
       "CREATE TABLE schema_migration (number INTEGER, name TEXT, checksum TEXT, "
       "applied_at INTEGER);",
       "a"},
      {2, "bad", "CREATE TABLE half (a TEXT); CREATE TABLE half (a TEXT);", "b"}};
  const auto failed = migrate(*connection, steps, core::from_micros(1));
  REQUIRE_FALSE(failed);
  CHECK(failed.error().message.contains("0002_bad"));
  CHECK_FALSE(connection->query(statement("SELECT 1 FROM half")));
  steps[1].sql = "CREATE TABLE half (a TEXT);";
  CHECK(migrate(*connection, steps, core::from_micros(1)));
  CHECK(connection->query(statement("SELECT 1 FROM half"))->empty());
}

TEST_CASE("queries only read, and end by themselves") {
  SqliteFixture f;
  const auto code = [&](Statement statement) {
    return f.run(f.database->query(std::move(statement))).error().code;
  };
  CHECK(code(statement("DELETE FROM event")) == core::Code::internal);
  CHECK(code(statement("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                       "SELECT max(i) FROM n")) == core::Code::deadline_exceeded);
  // Few rows, and large: the limit is reached long before the time is up, on a busy machine, too.
  CHECK(code(statement("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 200) "
                       "SELECT zeroblob(1048576) FROM n")) == core::Code::resource_exhausted);
}

/// The child of the kill test: commits until it is killed, writing each number to `out` when it is
/// acknowledged.
[[noreturn]] void commit_forever(const std::string& folder, int out, Durability durability) {
  SqliteFixture f(folder);
  for (int i = 0;; ++i) {
    const std::string line = std::to_string(i) + "\n";
    if (!f.commit(event_unit(std::to_string(i)), durability) ||
        ::write(out, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
      ::_exit(1);
    }
  }
}

TEST_CASE("kill -9 loses nothing that was acknowledged") {
  for (const auto durability : {Durability::standard, Durability::strict}) {
    CAPTURE(static_cast<int>(durability));
    const TempDir folder;
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      ::close(ends[0]);
      commit_forever(folder.path(), ends[1], durability);
    }
    ::close(ends[1]);
    std::string text;
    std::array<char, 4096> piece{};
    const auto lines = [&] { return std::ranges::count(text, '\n'); };
    for (bool killed = false;;) {
      const ssize_t size = ::read(ends[0], piece.data(), piece.size());
      if (size <= 0) {
        break;
      }
      text.append(piece.data(), static_cast<std::size_t>(size));
      if (!killed && lines() >= 200) {
        killed = ::kill(child, SIGKILL) == 0;
      }
    }
    ::close(ends[0]);
    int how = 0;
    REQUIRE(::waitpid(child, &how, 0) == child);
    REQUIRE(WIFSIGNALED(how));
    const auto acknowledged = lines();
    REQUIRE(acknowledged >= 200);
    SqliteFixture f(folder.path());
    const auto kept = f.count_events();
    // One more may have been committed and not acknowledged.
    CHECK(kept >= acknowledged);
    CHECK(kept <= acknowledged + 1);
    CHECK(std::get<std::int64_t>(f.cell(statement("SELECT max(CAST(ref AS BIGINT)) FROM event"))) ==
          kept - 1);
    CHECK(std::get<std::string>(f.cell(statement("PRAGMA integrity_check"))) == "ok");
  }
}

TEST_CASE("a full disk refuses writes, keeps what was acknowledged, and recovers") {
  const TempDir folder;
  if (::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=3m,mode=0700") != 0) {
    MESSAGE("NOT TESTED ON A FULL DISK: mounting a tmpfs: " << std::strerror(errno));
    return;
  }
  struct Unmount {
    const std::string& path;
    ~Unmount() { ::umount2(path.c_str(), MNT_DETACH); }
  } const unmount{folder.path()};
  std::int64_t acknowledged = 0;
  {
    SqliteFixture f(folder.path());
    const std::string text(20'000, 'x');
    core::Status last;
    while ((last = f.commit(event_unit(text)))) {
      ++acknowledged;
      REQUIRE(acknowledged < 1000);
    }
    CHECK(last.error().code == core::Code::resource_exhausted);
    CHECK(acknowledged > 0);
    CHECK(f.commit(event_unit("small")).error().code == core::Code::resource_exhausted);
    CHECK(f.count_events() == acknowledged);
    CHECK_FALSE(f.database->health().writable);
    REQUIRE(::mount("", folder.path().c_str(), "", MS_REMOUNT, "size=30m,mode=0700") == 0);
    until([&] { return f.database->health().writable; });
    CHECK(f.commit(event_unit(text), Durability::strict));
    ++acknowledged;
  }
  SqliteFixture f(folder.path());
  CHECK(f.count_events() == acknowledged);
}

TEST_CASE("a backup is one private file that holds what was committed") {
  SqliteFixture f;
  for (int i = 0; i < 100; ++i) {
    REQUIRE(f.commit(event_unit(std::string(1000, 'x'))));
  }
  const TempDir target;
  REQUIRE(f.run(f.database->backup(target / "preloop.db")));
  CHECK(f.run(f.database->backup(target / "preloop.db")).error().code ==
        core::Code::already_exists);
  CHECK(f.run(f.database->backup(target / "no/such")).error().code ==
        core::Code::failed_precondition);
  struct stat info{};
  REQUIRE(::stat((target / "preloop.db").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  CHECK(::access((target / "preloop.db-wal").c_str(), F_OK) != 0);
  REQUIRE(f.commit(event_unit()));
  SqliteFixture copy(target.path());
  CHECK(copy.count_events() == 100);
  CHECK(std::get<std::string>(copy.cell(statement("PRAGMA integrity_check"))) == "ok");
}

TEST_CASE("checkpoints bound the WAL while the writer is busy") {
  SqliteFixture f;
  const std::string text(16'000, 'x');
  std::uint64_t highest = 0;
  constexpr int k_rounds = 60;
  constexpr std::size_t k_units = 256;  // 4 MB a round, 240 MB in all
  for (int i = 0; i < k_rounds; ++i) {
    auto queued = f.queue(std::vector<Unit>(k_units, event_unit(text)));
    for (auto& one : queued) {
      REQUIRE(one.get());
    }
    highest = std::max(highest, f.database->health().wal_bytes);
  }
  CHECK(highest > k_checkpoint_bytes);
  CHECK(highest < 160u << 20u);
  CHECK(f.count_events() == k_rounds * static_cast<std::int64_t>(k_units));
}

}  // namespace
}  // namespace preloop::store::sqlite

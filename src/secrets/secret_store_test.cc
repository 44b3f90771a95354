#include "secrets/secret_store.h"

#include "core/testing/fake_clock.h"
#include "secrets/master_key_repo.h"
#include "secrets/secret_repo.h"
#include "store/testing/databases.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <vector>

namespace preloop::secrets {
namespace {

using core::Code;
using core::Secret;
using store::testing::for_each_database;
using store::testing::TestDatabase;
using namespace std::chrono_literals;

/// A key file of its own, and what a store over one database needs.
struct World {
  TestDatabase& db;
  core::testing::FakeClock clock;
  core::Offload offload{1};
  std::string folder = "/tmp/preloop-secrets-XXXXXX";
  OwnKeyFile file;
  core::AccountId account;
  std::vector<SecretChange> changes;

  explicit World(TestDatabase& database) : db(database), account(database.make_account()) {
    REQUIRE(::mkdtemp(folder.data()) != nullptr);
    file.path = folder + "/keys/master.key";
  }
  ~World() {
    ::unlink(file.path.c_str());
    ::unlink(staged_path(file).c_str());
    ::rmdir((folder + "/keys").c_str());
    ::rmdir(folder.c_str());
  }
  core::Result<KeyringPtr> open() {
    return db.run(open_keyring(db.database, offload, file, clock.wall()));
  }
  Annotate annotate() {
    return [this](store::Unit&, const SecretChange& change) { changes.push_back(change); };
  }
  std::string read(SecretStore& store, const std::string& name) {
    const auto value = db.run(store.resolve(account, name));
    return value ? value->reveal() : std::string(core::to_string(value.error().code));
  }
  void write(SecretStore& store, const std::string& name, const std::string& value) {
    REQUIRE(db.run(store.set(account, name, Secret(value), annotate())).has_value());
  }
};

TEST_CASE("a secret is set, listed without its value, used by the server and removed") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    SecretStore store(db.database, world.offload, world.clock, world.open().value());
    world.write(store, "deployer", "first value");
    world.clock.advance(1s);
    world.write(store, "deployer", "second value");
    world.write(store, "another", "x");
    CHECK(world.read(store, "deployer") == "second value");

    const auto list = db.run(store.list(world.account)).value();
    REQUIRE(list.size() == 2);
    CHECK(list[0].name == "another");
    CHECK(list[1].version == 2);
    CHECK(list[1].updated_at - list[1].created_at == 1s);

    CHECK(db.run(store.remove(world.account, "deployer", world.annotate())).has_value());
    CHECK(db.run(store.remove(world.account, "deployer", world.annotate())).error().code ==
          Code::not_found);
    CHECK(world.read(store, "deployer") == "not_found");
    CHECK(world.changes.at(1).version == 2);
    CHECK(world.changes.at(3).kind == SecretChange::Kind::removed);
  });
}

TEST_CASE("a secret of one account is not another's") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    SecretStore store(db.database, world.offload, world.clock, world.open().value());
    world.write(store, "a", "x");
    CHECK(db.run(store.resolve(db.make_account(), "a")).error().code == Code::not_found);
  });
}

TEST_CASE("nothing in the clear reaches the database, and no row can be moved") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    SecretStore store(db.database, world.offload, world.clock, world.open().value());
    world.write(store, "a", "hunter2hunter2");
    world.write(store, "b", "other");
    auto row = db.run(SecretRepo::find(db.database, world.account, "a")).value().value();
    CHECK(row.sealed.find("hunter2") == std::string::npos);
    CHECK(row.sealed.size() == 12 + 14 + 16);

    row.name = "b";
    store::Unit move;
    move.add(SecretRepo::replace(row, 1));
    REQUIRE(db.run(db.database.commit(std::move(move), store::Durability::strict)).has_value());
    CHECK(world.read(store, "b") == "data_loss");
    CHECK(world.read(store, "a") == "hunter2hunter2");
  });
}

TEST_CASE("bad names and sizes are refused") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    SecretStore store(db.database, world.offload, world.clock, world.open().value());
    for (const char* name : {"", "A", "a b", "a/b", "a|b", "ä"}) {
      CHECK(db.run(store.set(world.account, name, Secret("x"), world.annotate())).error().code ==
            Code::invalid_argument);
    }
    CHECK(check_secret_name(std::string(64, 'a')).has_value());
    CHECK(!check_secret_name(std::string(65, 'a')));
    for (const std::size_t size : {std::size_t{0}, SecretStore::k_max_value + 1}) {
      CHECK(db.run(store.set(world.account, "a", Secret(std::string(size, 'x')), world.annotate()))
                .error()
                .code == Code::invalid_argument);
    }
    CHECK(world.changes.empty());
  });
}

TEST_CASE("the key of a database is found again, and no other is accepted") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    const KeyringPtr first = world.open().value();
    CHECK(world.open().value()->current().check_value() == first->current().check_value());
    struct stat info{};
    REQUIRE(::stat(world.file.path.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);

    ::unlink(world.file.path.c_str());
    CHECK(world.open().error().code == Code::failed_precondition);
    CHECK(::stat(world.file.path.c_str(), &info) != 0);  // not made anew
    REQUIRE(write_key_file(world.file.path, MasterKey::generate()).has_value());
    CHECK(world.open().error().code == Code::failed_precondition);
  });
}

TEST_CASE("a rotation re-encrypts everything and keeps what was written before readable") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    const KeyringPtr first = world.open().value();
    SecretStore store(db.database, world.offload, world.clock, first);
    world.write(store, "a", "one");
    world.write(store, "b", "two");
    for (const std::uint32_t version : {2U, 3U}) {
      CHECK(db.run(store.rotate_own_file(world.file, world.annotate())).value() == version);
      CHECK(world.read(store, "a") == "one");
      CHECK(db.run(SecretRepo::find(db.database, world.account, "b")).value()->key_version ==
            version);
    }
    CHECK(world.changes.back().kind == SecretChange::Kind::rotated);

    const KeyringPtr later = world.open().value();
    CHECK(later->version() == 3);
    CHECK(later->derive(Purpose::cursor, 1)->reveal() == first->derive(Purpose::cursor).reveal());
    CHECK(later->derive(Purpose::cursor).reveal() != first->derive(Purpose::cursor).reveal());
    CHECK(later->derive(Purpose::cursor, 9).error().code == Code::data_loss);
    SecretStore again(db.database, world.offload, world.clock, later);
    CHECK(world.read(again, "b") == "two");
    const auto rows = db.run(MasterKeyRepo::all(db.database)).value();
    CHECK(rows.size() == 3);
  });
}

TEST_CASE("a rotation that a crash cut in half is finished or undone at the next start") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    SecretStore store(db.database, world.offload, world.clock, world.open().value());
    world.write(store, "a", "one");

    // Ended before the commit: the staged key fits nothing and goes.
    REQUIRE(write_key_file(staged_path(world.file), MasterKey::generate()).has_value());
    CHECK(world.open().value()->version() == 1);
    struct stat info{};
    CHECK(::stat(staged_path(world.file).c_str(), &info) != 0);

    // Ended after the commit: the staged key is the one.
    const MasterKey next = MasterKey::generate();
    REQUIRE(write_key_file(staged_path(world.file), next).has_value());
    REQUIRE(db.run(store.rotate(next, world.annotate())).has_value());
    const KeyringPtr later = world.open().value();
    CHECK(later->version() == 2);
    CHECK(load_key(world.file)->check_value() == next.check_value());
    SecretStore again(db.database, world.offload, world.clock, later);
    CHECK(world.read(again, "a") == "one");
  });
}

TEST_CASE("a rotation needs a key that was never used, and the other process's wins once") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    const KeyringPtr first = world.open().value();
    SecretStore store(db.database, world.offload, world.clock, first);
    SecretStore other(db.database, world.offload, world.clock, first);
    CHECK(db.run(store.rotate(first->current(), world.annotate())).error().code ==
          Code::failed_precondition);
    world.write(store, "a", "one");
    REQUIRE(db.run(store.rotate(MasterKey::generate(), world.annotate())).has_value());
    CHECK(db.run(other.rotate(MasterKey::generate(), world.annotate())).error().code ==
          Code::aborted);
    CHECK(world.read(store, "a") == "one");
  });
}

}  // namespace
}  // namespace preloop::secrets

#pragma once
#include "audit/record.h"
#include "core/testing/fake_clock.h"
#include "identity/account_repo.h"
#include "identity/bootstrap.h"
#include "identity/cli_login.h"
#include "identity/key_usage.h"
#include "identity/links.h"
#include "identity/management.h"
#include "identity/registry.h"
#include "identity/runtime_sessions.h"
#include "identity/sign_in.h"
#include "store/testing/databases.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace preloop::identity::testing {

/// Takes drafts and remembers what kind they were; stores nothing.
class KindSealer final : public store::Sealer {
 public:
  void begin() override {}
  core::Result<std::vector<store::Statement>> seal(const store::Draft& draft) override {
    batch_.push_back(audit::prepared(draft).kind);
    return std::vector<store::Statement>{};
  }
  void committed() override {
    const std::lock_guard lock(mutex_);
    kinds_.insert(kinds_.end(), batch_.begin(), batch_.end());
    batch_.clear();
  }
  void rolled_back() override { batch_.clear(); }
  int count(audit::Kind kind) const {
    const std::lock_guard lock(mutex_);
    return static_cast<int>(std::ranges::count(kinds_, kind));
  }

 private:
  mutable std::mutex mutex_;
  std::vector<audit::Kind> batch_;
  std::vector<audit::Kind> kinds_;
};

/// Everything of identity over one database, on a clock that stands still.
struct World : RevocationListener {
  store::testing::TestDatabase& db;
  core::testing::FakeClock clock;
  core::Offload offload{2};
  KindSealer sealer;
  core::AccountId account;
  Registry registry;
  PasswordHasher hasher;
  Management management;
  SignIn sign_in;
  Links links;
  CliLogin cli_login;
  KeyUsage usage;
  RuntimeSessions sessions;
  std::vector<Revocation> revocations;  ///< written on the owning loop; read between runs

  explicit World(store::testing::TestDatabase& database)
      : db(database),
        account(database.make_account()),
        registry(database.loops.at(0), database.loops, database.database, clock),
        hasher(database.loops.at(0), offload),
        management(registry, hasher),
        sign_in(registry, hasher),
        links(registry, hasher, sign_in),
        cli_login(registry),
        usage(registry),
        sessions(database.loops, registry, usage) {
    db.database.set_sealer(&sealer);
    registry.add_listener(sessions);
    registry.add_listener(*this);
    REQUIRE(db.run(registry.load()).has_value());
  }
  ~World() override {
    drain();
    db.database.set_sealer(nullptr);
  }
  void revoked(const Revocation& what) override { revocations.push_back(what); }

  template <class T>
  T run(core::Task<T> task) {
    return db.run(std::move(task));
  }
  /// Waits for what was posted to the owning loop.
  void drain() { run(nothing()); }
  static core::Task<void> nothing() { co_return; }

  std::shared_ptr<const Directory> directory() const { return registry.snapshot().latest().value; }
  Actor server() const { return Actor::server(account); }
  Actor admin() const { return Actor::admin(account); }

  Person add_person(const std::string& email, Role role, const char* password = nullptr) {
    auto made = run(management.create_person(
        server(),
        {email, "", role},
        password != nullptr ? std::optional(core::Secret(password)) : std::nullopt));
    REQUIRE_MESSAGE(made.has_value(), made.error().message);
    return *made;
  }
  /// As that person with a password entered just now.
  Actor as(const Person& person) const { return Actor::of(principal(person)); }
  PersonPrincipal principal(const Person& person) const {
    return {account, person.id, person.role, {}, clock.wall()};
  }
  Agent add_agent(const std::string& name, std::optional<core::PersonId> owner = {}) {
    auto made = run(management.create_agent(server(), {name, "test", {}, owner}));
    REQUIRE_MESSAGE(made.has_value(), made.error().message);
    return *made;
  }
  IssuedKey add_agent_key(const Agent& agent) {
    auto made = run(management.create_key(
        server(), {.key_class = KeyClass::agent_key, .name = "key", .agent = agent.id}));
    REQUIRE_MESSAGE(made.has_value(), made.error().message);
    return std::move(*made);
  }
  IssuedKey add_operator_key(const Person& person, ScopeSet scopes) {
    auto made = run(management.create_key(admin(),
                                          {.key_class = KeyClass::operator_key,
                                           .name = "key",
                                           .person = person.id,
                                           .scopes = scopes}));
    REQUIRE_MESSAGE(made.has_value(), made.error().message);
    return std::move(*made);
  }
  core::Result<Principal> authenticate(const core::Secret& key) const {
    return identity::authenticate_key(*directory(), key.reveal(), clock.wall());
  }
  Visitor visitor(const std::string& address = "192.0.2.7") const { return {address, "test"}; }
};

}  // namespace preloop::identity::testing

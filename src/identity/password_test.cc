#include "identity/password.h"

#include "core/task_scope.h"
#include "core/testing/run.h"
#include "identity/password_hasher.h"

#include <doctest/doctest.h>

#include <vector>

namespace preloop::identity {
namespace {

using core::Code;
using core::Secret;
using core::Task;

TEST_CASE("a password matches its own hash only") {
  const auto stored = hash_password(Secret("correct horse battery"));
  REQUIRE(stored.has_value());
  CHECK(stored->starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
  CHECK(*verify_password(*stored, Secret("correct horse battery")) == true);
  CHECK(*verify_password(*stored, Secret("correct horse batterz")) == false);
  CHECK(*verify_password(*stored, Secret("")) == false);
  CHECK(*hash_password(Secret("correct horse battery")) != *stored);
}

TEST_CASE("nothing matches the unmatchable hash") {
  for (const char* guess : {"", "password", "AAAAAAAA"}) {
    CHECK(*verify_password(unmatchable_hash(), Secret(guess)) == false);
  }
}

TEST_CASE("a stored hash outside our bounds is damage, not work") {
  for (const char* stored : {"",
                             "plain",
                             "$argon2id$v=19$m=4194304,t=2,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
                             "$argon2i$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
                             "$argon2id$v=19$m=19456,t=2,p=1$"}) {
    CHECK(verify_password(stored, Secret("x")).error().code == Code::data_loss);
  }
}

TEST_CASE("the policy asks for length and refuses what is guessed first") {
  const auto refused = [](std::string_view password) {
    return !check_new_password(password, "Ana.Lovelace@example.com");
  };
  CHECK(refused(""));
  CHECK(refused("seven77"));
  CHECK(refused("PassWord"));
  CHECK(refused("12345678"));
  CHECK(refused("aaaaaaaaaaaa"));
  CHECK(refused("ana.lovelace@EXAMPLE.com"));
  CHECK(refused("ana.lovelace"));
  CHECK(refused(std::string(257, 'x') + "y"));
  CHECK(refused("bad \xff utf8 here"));
  CHECK(!refused("pässwör1"));
  CHECK(!refused("correct horse battery"));
}

Task<void> try_one(PasswordHasher& hasher, std::vector<Code>& refused, int& done) {
  const auto result = co_await hasher.verify(unmatchable_hash(), Secret("guess"));
  if (result) {
    ++done;
  } else {
    refused.push_back(result.error().code);
  }
}

Task<void> flood(core::Loop& loop, PasswordHasher& hasher, std::vector<Code>& refused, int& done) {
  core::TaskScope scope(loop.executor());
  for (std::size_t i = 0; i < PasswordHasher::k_at_once + PasswordHasher::k_waiting + 3; ++i) {
    scope.spawn("sign-in", try_one(hasher, refused, done));
  }
  co_await scope.idle();
}

TEST_CASE("two run, 32 wait, the rest is refused at once, and all places come back") {
  core::LoopPool loops(1);
  loops.start();
  core::Offload offload(2);
  PasswordHasher hasher(loops.at(0), offload);
  std::vector<Code> refused;
  int done = 0;
  core::testing::run_on(loops.at(0), flood(loops.at(0), hasher, refused, done));
  CHECK(done == 34);
  CHECK(refused == std::vector<Code>(3, Code::resource_exhausted));
  CHECK(hasher.busy() == 0);
}

Task<void> cancel_the_waiting(core::Loop& loop,
                              PasswordHasher& hasher,
                              std::vector<Code>& refused,
                              int& done) {
  core::TaskScope running(loop.executor());
  running.spawn("sign-in", try_one(hasher, refused, done));
  running.spawn("sign-in", try_one(hasher, refused, done));
  core::TaskScope waiting(loop.executor());
  waiting.spawn("sign-in", try_one(hasher, refused, done));
  waiting.spawn("sign-in", try_one(hasher, refused, done));
  co_await waiting.stop();
  co_await running.idle();
}

TEST_CASE("a waiter that goes away leaves no hole in the line") {
  core::LoopPool loops(1);
  loops.start();
  core::Offload offload(2);
  PasswordHasher hasher(loops.at(0), offload);
  std::vector<Code> refused;
  int done = 0;
  core::testing::run_on(loops.at(0), cancel_the_waiting(loops.at(0), hasher, refused, done));
  CHECK(done == 2);
  CHECK(refused == std::vector<Code>(2, Code::cancelled));
  CHECK(hasher.busy() == 0);
}

}  // namespace
}  // namespace preloop::identity

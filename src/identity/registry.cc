#include "identity/registry.h"

#include "core/log.h"
#include "core/loop_call.h"
#include "identity/agent_repo.h"
#include "identity/key_repo.h"
#include "identity/person_repo.h"

#include <utility>

namespace preloop::identity {
namespace {

using core::Code;

bool is_empty(const store::Unit& unit) {
  return !unit.guard && unit.statements.empty() && unit.drafts.empty();
}

core::Result<Planned> plan_expiry(const Directory& directory, core::WallTime now) {
  Planned planned;
  for (const KeyInfo& key : directory.keys()) {
    if (key.expires_at && *key.expires_at <= now) {
      planned.revocations.push_back({.kind = Revocation::Kind::key,
                                     .account = key.account,
                                     .key = key.id,
                                     .agent = key.agent,
                                     .person = key.person,
                                     .reason = "expired"});
    }
  }
  if (!planned.revocations.empty()) {
    planned.edit = [now](Directory::Contents& contents) {
      std::erase_if(contents.keys,
                    [&](const KeyInfo& key) { return key.expires_at && *key.expires_at <= now; });
    };
  }
  return planned;
}

}  // namespace

Registry::Registry(core::Loop& owner,
                   core::LoopPool& loops,
                   store::Database& database,
                   const core::Clock& clock)
    : owner_(owner),
      database_(database),
      clock_(clock),
      snapshot_(loops, std::make_shared<const Directory>()),
      one_at_a_time_(owner, 1, 256, "too many changes at once; try again in a few seconds") {}

core::Task<core::Status> Registry::load() {
  co_return co_await core::on_loop(owner_, load_here());
}

core::Task<core::Status> Registry::change(Plan plan) {
  co_return co_await core::on_loop(owner_, change_here(std::move(plan)));
}

core::Task<core::Status> Registry::expire() {
  co_return co_await change(
      [now = clock_.wall()](const Directory& directory) { return plan_expiry(directory, now); });
}

void Registry::announce(Revocation revocation) {
  owner_.post([this, revocation = std::move(revocation)] { tell(revocation); });
}

void Registry::tell(const Revocation& revocation) {
  for (RevocationListener* listener : listeners_) {
    listener->revoked(revocation);
  }
}

core::Task<core::Status> Registry::load_here() {
  PRELOOP_CO_TRY(const auto turn, co_await one_at_a_time_.enter());
  co_return co_await read_and_publish();
}

core::Task<core::Status> Registry::read_and_publish() {
  Directory::Contents contents;
  PRELOOP_CO_TRY(contents.people, co_await PersonRepo::all(database_));
  PRELOOP_CO_TRY(contents.agents, co_await AgentRepo::all(database_));
  PRELOOP_CO_TRY(contents.keys, co_await KeyRepo::usable(database_, clock_.wall()));
  co_await snapshot_.publish(std::make_shared<const Directory>(std::move(contents)));
  co_return core::Status();
}

core::Task<core::Status> Registry::change_here(Plan plan) {
  PRELOOP_CO_TRY(const auto turn, co_await one_at_a_time_.enter());
  const std::shared_ptr<const Directory> before = snapshot_.latest().value;
  PRELOOP_CO_TRY(Planned planned, plan(*before));
  if (!is_empty(planned.unit)) {
    const core::Status done =
        co_await database_.commit(std::move(planned.unit), store::Durability::strict);
    if (!done) {
      const Code code = done.error().code;
      if (code != Code::aborted && code != Code::resource_exhausted) {
        // Its fate may be unknown: what the store says is the truth.
        if (const auto read = co_await read_and_publish(); !read) {
          core::log::warn("cannot read identities again after a failed change",
                          {{"error", read.error().message}});
        }
      }
      co_return done;
    }
  }
  if (planned.edit) {
    Directory::Contents contents = before->contents();
    planned.edit(contents);
    co_await snapshot_.publish(std::make_shared<const Directory>(std::move(contents)));
  }
  for (const Revocation& revocation : planned.revocations) {
    tell(revocation);
  }
  co_return core::Status();
}

}  // namespace preloop::identity

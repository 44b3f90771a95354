#include "identity/links.h"

#include "core/json_writer.h"
#include "core/loop_call.h"
#include "identity/key_format.h"
#include "identity/password.h"
#include "identity/person_repo.h"
#include "identity/plans.h"
#include "identity/record.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace preloop::identity {
namespace {

using core::Code;
using core::fail;

std::unexpected<core::Error> dead_link() {
  return fail(Code::not_found,
              "this link was used, has expired, or is not one of ours; ask for a new one");
}

Note note_of(audit::Kind kind, const OneTimeLink& link) {
  std::string details;
  core::JsonWriter(details).begin_object().field("purpose", to_string(link.purpose)).end_object();
  return {.kind = kind,
          .subject = {"person", link.person ? link.person->to_string() : std::string()},
          .details = details};
}

core::Status check_create(const Directory& directory,
                          const Actor& by,
                          std::optional<core::PersonId> person,
                          core::WallTime now) {
  if (!person) {
    if (by.kind != Actor::Kind::server && by.kind != Actor::Kind::admin) {
      return fail(Code::permission_denied, "the first owner is made on the server's own machine");
    }
    if (has_owner(directory, by.account)) {
      return fail(Code::failed_precondition, "there is an owner already; sign in");
    }
    return {};
  }
  PRELOOP_CHECK(by.authorize(Permission::manage_people, now));
  const Person* known = directory.find_person(*person);
  if (known == nullptr || known->account != by.account) {
    return fail(Code::not_found, "there is no such person");
  }
  if (known->role == Role::owner) {
    PRELOOP_CHECK(by.authorize(Permission::manage_owners, now));
  }
  if (known->role > by.role()) {
    return fail(Code::permission_denied, "this person's role is above yours");
  }
  if (known->standing != Standing::active) {
    return fail(Code::failed_precondition, "this person is suspended");
  }
  return {};
}

/// The link is the proof: the person in it, or the first owner, gets the password.
core::Result<Planned> plan_redeem(const Directory& directory,
                                  const OneTimeLink& link,
                                  const Links::Entered& entered,
                                  const std::string& hash,
                                  core::WallTime now,
                                  core::PersonId& out) {
  Planned planned;
  if (!link.person) {
    if (has_owner(directory, link.account)) {
      return fail(Code::failed_precondition, "there is an owner already; sign in");
    }
    Person owner;
    PRELOOP_TRY(planned,
                plan_create_person(directory,
                                   {Actor::server(link.account), now},
                                   {entered.email, entered.display_name, Role::owner},
                                   hash,
                                   owner));
    out = owner.id;
  } else {
    const Person* person = directory.find_person(*link.person);
    if (person == nullptr || person->standing != Standing::active) {
      return dead_link();
    }
    out = person->id;
    planned.unit.add(PersonRepo::set_password(link.account, out, hash));
    planned.unit.add(LoginSessionRepo::end_of_person(link.account, out, now));
    planned.edit = [id = out](Directory::Contents& contents) {
      for (Person& item : contents.people) {
        item.has_password = item.has_password || item.id == id;
      }
    };
    planned.revocations.push_back({.kind = Revocation::Kind::login_session,
                                   .account = link.account,
                                   .person = out,
                                   .reason = "password changed"});
  }
  planned.unit.guard = {LinkRepo::use(link, now)};
  record(planned.unit,
         directory,
         Actor::named(link.account, out),
         note_of(audit::Kind::auth_link_used, link),
         now);
  return planned;
}

}  // namespace

bool has_owner(const Directory& directory, core::AccountId account) {
  return std::ranges::any_of(directory.people(), [&](const Person& person) {
    return person.account == account && person.role == Role::owner &&
           person.standing == Standing::active && person.has_password;
  });
}

core::Secret link_url(std::string_view public_url, LinkPurpose purpose, const core::Secret& token) {
  while (public_url.ends_with('/')) {
    public_url.remove_suffix(1);
  }
  return core::Secret(
      fmt::format("{}/{}#token={}", public_url, to_string(purpose), token.reveal()));
}

Links::Links(Registry& registry, PasswordHasher& hasher, SignIn& sign_in)
    : registry_(registry),
      hasher_(hasher),
      sign_in_(sign_in),
      per_network_({.burst = 30, .refill = core::seconds(2)}) {}

core::Task<core::Result<Links::Made>> Links::create(Actor by,
                                                    LinkPurpose purpose,
                                                    std::optional<core::PersonId> person) {
  Made made{make_token(), {}};
  const core::WallTime now = registry_.clock().wall();
  made.expires_at = now + (purpose == LinkPurpose::setup ? k_setup_life : k_reset_life);
  PRELOOP_CO_CHECK(
      co_await registry_.change([&](const Directory& directory) -> core::Result<Planned> {
        PRELOOP_CHECK(check_create(directory, by, person, now));
        const OneTimeLink link{.account = by.account,
                               .token_hash = token_hash(made.token.reveal()),
                               .purpose = purpose,
                               .person = person,
                               .created_at = now,
                               .expires_at = made.expires_at};
        Planned planned;
        planned.unit.add(LinkRepo::supersede(link)).add(LinkRepo::insert(link));
        record(planned.unit, directory, by, note_of(audit::Kind::auth_link_created, link), now);
        return planned;
      }));
  co_return made;
}

core::Task<core::Status> Links::admit(std::string address) {
  co_return per_network_.take(network_of(address), registry_.clock().mono());
}

core::Task<core::Result<OneTimeLink>> Links::find(core::Secret token, Visitor visitor) {
  PRELOOP_CO_CHECK(co_await core::on_loop(registry_.owner(), admit(visitor.address)));
  if (!is_token(token.reveal())) {
    co_return dead_link();
  }
  PRELOOP_CO_TRY(const std::optional<OneTimeLink> link,
                 co_await LinkRepo::find(registry_.database(), token_hash(token.reveal())));
  if (!link || link->used_at || link->expires_at <= registry_.clock().wall()) {
    co_return dead_link();
  }
  co_return *link;
}

core::Task<core::Result<Links::Shown>> Links::show(core::Secret token, Visitor visitor) {
  PRELOOP_CO_TRY(const OneTimeLink link, co_await find(std::move(token), std::move(visitor)));
  const std::shared_ptr<const Directory> directory = registry_.snapshot().latest().value;
  const Person* person = link.person ? directory->find_person(*link.person) : nullptr;
  if (link.person && person == nullptr) {
    co_return dead_link();
  }
  co_return Shown{link.purpose, person != nullptr ? person->email : std::string(), link.expires_at};
}

core::Task<core::Result<StartedSession>> Links::redeem(core::Secret token,
                                                       Entered entered,
                                                       Visitor visitor) {
  PRELOOP_CO_TRY(const OneTimeLink link, co_await find(std::move(token), visitor));
  const std::shared_ptr<const Directory> directory = registry_.snapshot().latest().value;
  const Person* person = link.person ? directory->find_person(*link.person) : nullptr;
  PRELOOP_CO_CHECK(check_new_password(entered.password.reveal(),
                                      person != nullptr ? person->email : entered.email));
  PRELOOP_CO_TRY(const std::string hash, co_await hasher_.hash(entered.password));
  const core::WallTime now = registry_.clock().wall();
  core::PersonId who;
  const core::Status done = co_await registry_.change([&](const Directory& current) {
    return plan_redeem(current, link, entered, hash, now, who);
  });
  if (!done && done.error().code == Code::aborted) {
    co_return dead_link();
  }
  PRELOOP_CO_CHECK(done);
  co_return co_await sign_in_.start_session(link.account, who, std::move(visitor));
}

core::Task<core::Status> Links::purge() {
  store::Unit unit;
  unit.add(LinkRepo::purge(registry_.clock().wall() - std::chrono::hours(24 * 30)));
  co_return co_await registry_.database().commit(std::move(unit), store::Durability::standard);
}

}  // namespace preloop::identity

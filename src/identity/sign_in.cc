#include "identity/sign_in.h"

#include "audit/record.h"
#include "core/json_writer.h"
#include "core/log.h"
#include "core/loop_call.h"
#include "core/text.h"
#include "identity/names.h"
#include "identity/password.h"
#include "identity/person_repo.h"
#include "identity/plans.h"
#include "identity/record.h"
#include "identity/session_cookie.h"

#include <fmt/format.h>

#include <utility>

namespace preloop::identity {
namespace {

using core::Code;
using core::fail;
using store::Durability;

/// Rewriting the row at each request would cost a write; a minute is exact enough for twelve hours.
constexpr core::seconds k_seen_step{60};
constexpr std::chrono::hours k_keep_ended{30 * 24};

std::unexpected<core::Error> wrong_password() {
  return fail(Code::unauthenticated, "the e-mail address or the password is wrong");
}
std::unexpected<core::Error> no_session() {
  return fail(Code::unauthenticated, "not signed in, or the session has ended");
}

Note note_of(audit::Kind kind, core::LoginSessionId id, const Visitor& visitor) {
  std::string details;
  core::JsonWriter(details)
      .begin_object()
      .field("address", visitor.address)
      .field("client", visitor.client)
      .end_object();
  return {.kind = kind, .subject = {"login_session", id.to_string()}, .details = details};
}

Visitor shown(const Visitor& visitor) {
  return {core::printable(visitor.address, 100), core::printable(visitor.client, 200)};
}

}  // namespace

SignIn::SignIn(Registry& registry, PasswordHasher& hasher)
    : registry_(registry),
      hasher_(hasher),
      per_network_({.burst = 30, .refill = core::seconds(2)}) {}

core::Task<core::Result<core::PersonId>> SignIn::check(core::AccountId account,
                                                       std::string email,
                                                       core::Secret password,
                                                       Visitor visitor) {
  co_return co_await core::on_loop(
      registry_.owner(),
      check_here(account, std::move(email), std::move(password), std::move(visitor)));
}

core::Task<core::Result<core::PersonId>> SignIn::check_here(core::AccountId account,
                                                            std::string email,
                                                            core::Secret password,
                                                            Visitor visitor) {
  const std::string network = network_of(visitor.address);
  const core::MonoTime now = registry_.clock().mono();
  PRELOOP_CO_CHECK(per_network_.take(network, now));
  const auto normal = normal_email(email);
  if (!normal) {
    co_return wrong_password();
  }
  PRELOOP_CO_CHECK(lock_out_.admit(*normal, network, now));

  const std::shared_ptr<const Directory> directory = registry_.snapshot().latest().value;
  const Person* person = directory->find_person(account, *normal);
  std::optional<std::string> stored;
  if (person != nullptr) {
    auto read = co_await PersonRepo::password_hash(registry_.database(), account, person->id);
    if (!read) {
      lock_out_.undo(*normal, network);
      co_return std::unexpected(std::move(read).error());
    }
    stored = std::move(*read);
  }
  // The same work for an unknown address, so that time does not tell who has an account.
  const auto matches = co_await hasher_.verify(stored.value_or(unmatchable_hash()), password);
  if (!matches) {
    lock_out_.undo(*normal, network);
    co_return std::unexpected(matches.error());
  }
  if (!*matches || person == nullptr || !stored) {
    co_await record_failure(account, *normal, std::move(visitor));
    co_return wrong_password();
  }
  lock_out_.succeeded(*normal, network);
  if (person->standing != Standing::active) {
    co_return fail(Code::permission_denied, "your account is suspended; ask an admin");
  }
  co_return person->id;
}

core::Task<void> SignIn::record_failure(core::AccountId account,
                                        std::string email,
                                        Visitor visitor) {
  const std::string network = network_of(visitor.address);
  const bool is_locked = lock_out_.is_locked(email, network, registry_.clock().mono());
  std::string details;
  core::JsonWriter(details)
      .begin_object()
      .field("email", email)
      .field("address", core::printable(visitor.address, 100))
      .end_object();
  store::Unit unit;
  unit.drafts.push_back(
      audit::make_draft(account,
                        {.kind = is_locked ? audit::Kind::auth_locked : audit::Kind::auth_failed,
                         .actor = {audit::ActorClass::anonymous, {}, {}},
                         .details = details}));
  if (const auto done = co_await registry_.database().commit(std::move(unit), Durability::standard);
      !done) {
    core::log::warn("a failed sign-in could not be recorded", {{"error", done.error().message}});
  }
}

core::Task<core::Status> SignIn::check_person(core::AccountId account,
                                              core::PersonId person,
                                              core::Secret password,
                                              Visitor visitor) {
  const std::shared_ptr<const Directory> directory = registry_.snapshot().latest().value;
  const Person* known = directory->find_person(person);
  if (known == nullptr) {
    co_return no_session();
  }
  PRELOOP_CO_TRY(const core::PersonId same,
                 co_await check(account, known->email, std::move(password), std::move(visitor)));
  co_return same == person ? core::Status() : core::Status(no_session());
}

core::Task<core::Result<StartedSession>> SignIn::with_password(core::AccountId account,
                                                               std::string email,
                                                               core::Secret password,
                                                               Visitor visitor) {
  PRELOOP_CO_TRY(const core::PersonId person,
                 co_await check(account, std::move(email), std::move(password), visitor));
  co_return co_await start_session(account, person, std::move(visitor));
}

core::Task<core::Result<StartedSession>> SignIn::start_session(core::AccountId account,
                                                               core::PersonId person,
                                                               Visitor visitor) {
  const core::WallTime now = registry_.clock().wall();
  const Visitor seen = shown(visitor);
  const core::Secret cookie = make_token();
  StartedSession started;
  started.header = make_token();
  LoginSession& session = started.session;
  session.id = core::LoginSessionId::make(now);
  session.account = account;
  session.person = person;
  session.cookie_hash = token_hash(cookie.reveal());
  session.header_hash = token_hash(started.header.reveal());
  session.client = seen.client;
  session.address = seen.address;
  session.created_at = session.last_seen_at = session.authenticated_at = now;
  session.expires_at = now + k_session_life;
  started.cookie = cookie_value(session.id, cookie);

  store::Unit unit;
  unit.add(LoginSessionRepo::insert(session));
  record(unit,
         *registry_.snapshot().latest().value,
         Actor::named(account, person),
         note_of(audit::Kind::auth_signed_in, session.id, seen),
         now);
  PRELOOP_CO_CHECK(co_await registry_.database().commit(std::move(unit), Durability::strict));
  co_return started;
}

core::Task<core::Result<PersonPrincipal>> SignIn::authenticate(std::string cookie,
                                                               std::string header) {
  const auto parts = parse_cookie_value(cookie);
  if (!parts || !is_token(header)) {
    co_return no_session();
  }
  PRELOOP_CO_TRY(const std::optional<LoginSession> session,
                 co_await LoginSessionRepo::find(registry_.database(), parts->id));
  if (!session || !same_hash(session->cookie_hash, token_hash(parts->secret)) ||
      !same_hash(session->header_hash, token_hash(header))) {
    co_return no_session();
  }
  const core::WallTime now = registry_.clock().wall();
  if (session->ended_at || session->expires_at <= now ||
      now - session->last_seen_at > k_idle_limit) {
    co_return no_session();
  }
  const std::shared_ptr<const Directory> directory = registry_.snapshot().latest().value;
  const Person* person = directory->find_person(session->person);
  if (person == nullptr || person->account != session->account) {
    co_return no_session();
  }
  if (person->standing != Standing::active) {
    co_return fail(Code::permission_denied, "your account is suspended; ask an admin");
  }
  if (now - session->last_seen_at >= k_seen_step) {
    store::Unit unit;
    unit.add(LoginSessionRepo::seen(*session, now));
    if (const auto done =
            co_await registry_.database().commit(std::move(unit), Durability::standard);
        !done) {
      // Reading goes on when the disk is full; the session merely ends earlier.
      core::log::warn("a session's last use could not be stored",
                      {{"error", done.error().message}});
    }
  }
  co_return PersonPrincipal{
      session->account, session->person, person->role, session->id, session->authenticated_at};
}

core::Task<core::Status> SignIn::commit_session_change(PersonPrincipal person,
                                                       store::Statement guard,
                                                       audit::Kind kind,
                                                       core::LoginSessionId id) {
  store::Unit unit;
  unit.guard = {std::move(guard)};
  record(unit,
         *registry_.snapshot().latest().value,
         Actor::of(person),
         {.kind = kind, .subject = {"login_session", id.to_string()}},
         registry_.clock().wall());
  const auto done = co_await registry_.database().commit(std::move(unit), Durability::strict);
  if (!done && done.error().code == Code::aborted) {
    co_return no_session();
  }
  co_return done;
}

core::Task<core::Result<PersonPrincipal>> SignIn::reauthenticate(PersonPrincipal person,
                                                                 core::Secret password,
                                                                 Visitor visitor) {
  PRELOOP_CO_CHECK(co_await check_person(
      person.account, person.person, std::move(password), std::move(visitor)));
  const core::WallTime now = registry_.clock().wall();
  PRELOOP_CO_CHECK(co_await commit_session_change(
      person,
      LoginSessionRepo::authenticated(person.account, person.session, now),
      audit::Kind::auth_reauthenticated,
      person.session));
  person.authenticated_at = now;
  co_return person;
}

core::Task<core::Status> SignIn::sign_out(PersonPrincipal person) {
  const core::LoginSessionId id = person.session;
  return end_session(person, id);
}

core::Task<core::Status> SignIn::end_session(PersonPrincipal person, core::LoginSessionId id) {
  PRELOOP_CO_TRY(const std::optional<LoginSession> session,
                 co_await LoginSessionRepo::find(registry_.database(), id));
  if (!session || session->person != person.person || session->account != person.account) {
    co_return fail(Code::not_found, "there is no such session");
  }
  PRELOOP_CO_CHECK(co_await commit_session_change(
      person,
      LoginSessionRepo::end(person.account, id, registry_.clock().wall()),
      audit::Kind::auth_signed_out,
      id));
  registry_.announce({.kind = Revocation::Kind::login_session,
                      .account = person.account,
                      .person = person.person,
                      .session = id,
                      .reason = "signed out"});
  co_return core::Status();
}

core::Task<core::Result<std::vector<LoginSession>>> SignIn::sessions(PersonPrincipal person) {
  return LoginSessionRepo::of_person(
      registry_.database(), person.account, person.person, registry_.clock().wall());
}

core::Task<core::Result<IssuedKey>> SignIn::elevate(OperatorPrincipal key,
                                                    core::Secret password,
                                                    ScopeSet scopes,
                                                    Visitor visitor) {
  if (scopes.empty()) {
    co_return fail(Code::invalid_argument, "say which scopes: decide, configure");
  }
  PRELOOP_CO_CHECK(
      co_await check_person(key.account, key.person, std::move(password), std::move(visitor)));
  const core::WallTime now = registry_.clock().wall();
  const NewKey made = make_key(KeyClass::operator_key, core::KeyId::make(now));
  scopes.add(Scope::read);
  KeyInfo info{.id = made.stored.id,
               .account = key.account,
               .key_class = KeyClass::operator_key,
               .name = "elevation",
               .hash = made.stored.hash,
               .person = key.person,
               .scopes = scopes,
               .parent = key.key,
               .created_at = now,
               .expires_at = now + k_recent_sign_in};
  PRELOOP_CO_CHECK(co_await registry_.change([&](const Directory& directory) {
    return plan_issue_key(directory, {Actor::of(key), now}, info);
  }));
  co_return IssuedKey{std::move(info), made.text};
}

core::Task<core::Status> SignIn::change_password(PersonPrincipal person,
                                                 core::Secret before,
                                                 core::Secret after,
                                                 Visitor visitor) {
  {
    const std::shared_ptr<const Directory> directory = registry_.snapshot().latest().value;
    const Person* known = directory->find_person(person.person);
    PRELOOP_CO_CHECK(
        check_new_password(after.reveal(), known != nullptr ? known->email : std::string()));
  }
  PRELOOP_CO_CHECK(
      co_await check_person(person.account, person.person, std::move(before), std::move(visitor)));
  PRELOOP_CO_TRY(const std::string hash, co_await hasher_.hash(std::move(after)));
  const core::WallTime now = registry_.clock().wall();
  co_return co_await registry_.change([&](const Directory& directory) -> core::Result<Planned> {
    Planned planned;
    planned.unit.add(PersonRepo::set_password(person.account, person.person, hash));
    planned.unit.add(
        LoginSessionRepo::end_others(person.account, person.person, person.session, now));
    planned.unit.add(LoginSessionRepo::authenticated(person.account, person.session, now));
    record(planned.unit,
           directory,
           Actor::of(person),
           {.kind = audit::Kind::auth_password_changed,
            .subject = {"person", person.person.to_string()}},
           now);
    planned.revocations.push_back({.kind = Revocation::Kind::login_session,
                                   .account = person.account,
                                   .person = person.person,
                                   .reason = "password changed"});
    return planned;
  });
}

core::Task<core::Status> SignIn::purge() {
  store::Unit unit;
  unit.add(LoginSessionRepo::purge(registry_.clock().wall() - k_keep_ended));
  co_return co_await registry_.database().commit(std::move(unit), Durability::standard);
}

}  // namespace preloop::identity

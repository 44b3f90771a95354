#include "identity/cli_login.h"

#include "core/crypto.h"
#include "core/json_writer.h"
#include "core/loop_call.h"
#include "core/text.h"
#include "identity/plans.h"
#include "identity/record.h"

#include <fmt/format.h>

#include <utility>

namespace preloop::identity {
namespace {

using core::Code;
using core::fail;

/// Without vowels, so that no words appear, and without what is mistaken for another (RFC 8628
/// section 6.1). 20^8 codes, at most 1,000 of them live.
constexpr std::string_view k_code_letters = "BCDFGHJKLMNPQRSTVWXZ";
constexpr std::size_t k_code_length = 8;

std::string random_code() {
  std::string code;
  while (code.size() < k_code_length) {
    for (const char raw : core::random_bytes(k_code_length)) {
      const auto byte = static_cast<unsigned char>(raw);
      // 240 is the largest multiple of 20 below 256: no letter is likelier than another.
      if (byte < 240 && code.size() < k_code_length) {
        code.push_back(k_code_letters[byte % k_code_letters.size()]);
      }
    }
  }
  return code;
}

/// Letters only, upper case; empty when it cannot be a code.
std::string normal_code(std::string_view text) {
  std::string code;
  for (char c : text.substr(0, 32)) {
    c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    if (k_code_letters.find(c) != std::string_view::npos) {
      code.push_back(c);
    } else if (c != '-' && c != ' ') {
      return {};
    }
  }
  return code.size() == k_code_length ? code : std::string();
}

std::unexpected<core::Error> unknown_code() {
  return fail(Code::not_found, "no terminal waits with this code; start again there");
}
std::unexpected<core::Error> unknown_device() {
  return fail(Code::not_found, "this login has expired or was used; start again");
}

KeyInfo key_of(const CliLoginRow& row, const NewKey& made, core::WallTime now) {
  return {.id = made.stored.id,
          .account = row.account,
          .key_class = KeyClass::operator_key,
          .name = row.parent ? "elevation" : "login from " + row.address,
          .hash = made.stored.hash,
          .person = row.person,
          .scopes = row.scopes,
          .parent = row.parent,
          .created_at = now,
          .expires_at = now + (row.parent ? k_recent_sign_in : CliLogin::k_key_life)};
}

}  // namespace

CliLogin::CliLogin(Registry& registry)
    : registry_(registry),
      starts_({.burst = 20, .refill = core::seconds(6)}),
      codes_({.burst = 20, .refill = core::seconds(3)}) {}

core::Task<core::Status> CliLogin::admit(RateLimiter& limiter, std::string key) {
  co_return limiter.take(key, registry_.clock().mono());
}

core::Task<core::Result<CliLogin::Started>> CliLogin::start(core::AccountId account,
                                                            Visitor visitor) {
  CliLoginRow row;
  row.account = account;
  row.scopes = {Scope::read};
  co_return co_await start_row(std::move(row), std::move(visitor));
}

core::Task<core::Result<CliLogin::Started>> CliLogin::start_elevation(OperatorPrincipal key,
                                                                      ScopeSet scopes,
                                                                      Visitor visitor) {
  if (scopes.empty()) {
    co_return fail(Code::invalid_argument, "say which scopes: decide, configure");
  }
  scopes.add(Scope::read);
  CliLoginRow row;
  row.account = key.account;
  row.scopes = scopes;
  row.parent = key.key;
  co_return co_await start_row(std::move(row), std::move(visitor));
}

core::Task<core::Result<CliLogin::Started>> CliLogin::start_row(CliLoginRow row, Visitor visitor) {
  PRELOOP_CO_CHECK(
      co_await core::on_loop(registry_.owner(), admit(starts_, network_of(visitor.address))));
  Started started{make_token(), random_code(), {}};
  row.device_hash = token_hash(started.device.reveal());
  row.code = started.code;
  row.client = core::printable(visitor.client, 200);
  row.address = core::printable(visitor.address, 60);
  row.created_at = registry_.clock().wall();
  row.expires_at = row.created_at + k_life;
  started.code.insert(k_code_length / 2, "-");
  started.expires_at = row.expires_at;

  store::Unit unit;
  unit.guard = {CliLoginRepo::insert(row, k_most_waiting)};
  const auto done =
      co_await registry_.database().commit(std::move(unit), store::Durability::standard);
  if (!done && done.error().code == Code::aborted) {
    co_return fail(Code::resource_exhausted,
                   "too many terminals are waiting to sign in; try again in ten minutes");
  }
  PRELOOP_CO_CHECK(done);
  co_return started;
}

core::Task<core::Result<CliLoginRow>> CliLogin::find_code(PersonPrincipal person,
                                                          std::string code) {
  PRELOOP_CO_CHECK(
      co_await core::on_loop(registry_.owner(), admit(codes_, person.person.to_string())));
  const std::string normal = normal_code(code);
  if (normal.empty()) {
    co_return unknown_code();
  }
  PRELOOP_CO_TRY(const std::optional<CliLoginRow> row,
                 co_await CliLoginRepo::find_code(
                     registry_.database(), person.account, normal, registry_.clock().wall()));
  if (!row) {
    co_return unknown_code();
  }
  co_return *row;
}

core::Task<core::Result<CliLogin::Waiting>> CliLogin::show(PersonPrincipal person,
                                                           std::string code) {
  PRELOOP_CO_TRY(const CliLoginRow row, co_await find_code(person, std::move(code)));
  co_return Waiting{
      row.scopes, row.parent.has_value(), row.client, row.address, row.created_at, row.expires_at};
}

core::Task<core::Status> CliLogin::decide(PersonPrincipal person,
                                          std::string code,
                                          LoginDecision decision) {
  PRELOOP_CO_TRY(const CliLoginRow row, co_await find_code(person, std::move(code)));
  const core::WallTime now = registry_.clock().wall();
  const std::shared_ptr<const Directory> directory = registry_.snapshot().latest().value;
  if (row.parent && decision == LoginDecision::confirmed) {
    const KeyInfo* parent = directory->find_key(*row.parent);
    if (parent == nullptr || parent->person != person.person) {
      co_return unknown_code();
    }
    const bool is_recent =
        now >= person.authenticated_at && now - person.authenticated_at <= k_recent_sign_in;
    if (!is_recent) {
      co_return fail(Code::permission_denied,
                     "this needs your password again (entered within the last 5 minutes)",
                     {{"auth", "step_up"}});
    }
  }
  std::string details;
  core::JsonWriter(details)
      .begin_object()
      .field("confirmed", decision == LoginDecision::confirmed)
      .field("scopes", row.scopes.to_string())
      .field("client", row.client)
      .field("address", row.address)
      .end_object();
  store::Unit unit;
  unit.guard = {CliLoginRepo::decide(row, person.person, decision, now)};
  record(unit,
         *directory,
         Actor::of(person),
         {.kind = audit::Kind::auth_login_confirmed,
          .subject = {"person", person.person.to_string()},
          .details = details},
         now);
  const auto done =
      co_await registry_.database().commit(std::move(unit), store::Durability::strict);
  if (!done && done.error().code == Code::aborted) {
    co_return unknown_code();
  }
  co_return done;
}

core::Task<core::Result<CliLogin::Polled>> CliLogin::poll(core::Secret device) {
  if (!is_token(device.reveal())) {
    co_return unknown_device();
  }
  PRELOOP_CO_TRY(
      const std::optional<CliLoginRow> row,
      co_await CliLoginRepo::find_device(registry_.database(), token_hash(device.reveal())));
  const core::WallTime now = registry_.clock().wall();
  if (!row || row->expires_at <= now || row->consumed_at) {
    co_return unknown_device();
  }
  if (!row->decision) {
    co_return Polled{Polled::State::pending, {}};
  }
  if (*row->decision == LoginDecision::denied || !row->person) {
    co_return Polled{Polled::State::denied, {}};
  }
  // The key is made only now, so that its secret is never stored.
  const NewKey made = make_key(KeyClass::operator_key, core::KeyId::make(now));
  const KeyInfo info = key_of(*row, made, now);
  const auto done =
      co_await registry_.change([&](const Directory& directory) -> core::Result<Planned> {
        PRELOOP_TRY(
            Planned planned,
            plan_issue_key(directory, {Actor::named(row->account, *row->person), now}, info));
        planned.unit.guard = {CliLoginRepo::consume(*row, now)};
        return planned;
      });
  if (!done && done.error().code == Code::aborted) {
    co_return unknown_device();
  }
  PRELOOP_CO_CHECK(done);
  co_return Polled{Polled::State::done, IssuedKey{info, made.text}};
}

core::Task<core::Status> CliLogin::purge() {
  store::Unit unit;
  unit.add(CliLoginRepo::purge(registry_.clock().wall() - std::chrono::hours(24)));
  co_return co_await registry_.database().commit(std::move(unit), store::Durability::standard);
}

}  // namespace preloop::identity

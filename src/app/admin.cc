#include "app/admin.h"

#include "audit/record.h"
#include "core/json_writer.h"
#include "core/text.h"
#include "secrets/key_source.h"
#include "secrets/master_key.h"

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <utility>
#include <variant>

namespace preloop::app {
namespace {

using core::Code;
using core::fail;
using core::Json;
using core::Task;
using Answer = core::Result<std::string>;

std::string text(Json request, std::string_view name) {
  return std::string(request[name].as_string().value_or(""));
}

core::Result<std::string> required(Json request, std::string_view name) {
  std::string value = text(request, name);
  if (value.empty()) {
    return fail(Code::invalid_argument, fmt::format("'{}' is missing", name));
  }
  return value;
}

}  // namespace

Task<Answer> Admin::run(Json request) {
  const std::string command = text(request, "command");
  if (command == "user.create") {
    co_return co_await create_user(request);
  }
  if (command == "user.setup_link") {
    co_return co_await make_link(request, false);
  }
  if (command == "user.reset") {
    co_return co_await make_link(request, true);
  }
  if (command == "key.create") {
    co_return co_await create_key(request);
  }
  if (command == "key.revoke") {
    co_return co_await revoke_key(request);
  }
  if (command == "backup") {
    co_return co_await backup(request);
  }
  if (command == "master_key.rotate") {
    co_return co_await rotate_master_key(request);
  }
  if (command == "status") {
    co_return co_await status();
  }
  if (command == "server.add" || command == "policy.apply") {
    if (!hooks_.add_server) {
      co_return fail(Code::failed_precondition, "start the server first: preloop serve");
    }
    co_return command == "server.add"
        ? co_await hooks_.add_server(request["config"])
        : co_await hooks_.apply_policy(text(request, "document"),
                                       request["prune"].as_bool().value_or(false));
  }
  co_return fail(
      Code::invalid_argument,
      fmt::format("the server does not know the admin command '{}'; are client and server "
                  "of the same version?",
                  core::printable(command, 64)));
}

Task<Answer> Admin::create_user(Json request) {
  identity::NewPerson person;
  PRELOOP_CO_TRY(person.email, required(request, "email"));
  person.display_name = text(request, "name");
  const std::string role = text(request, "role");
  const auto parsed = identity::parse_role(role.empty() ? "member" : role);
  if (!parsed) {
    co_return fail(Code::invalid_argument,
                   "a role is one of owner, admin, approver, member and viewer");
  }
  person.role = *parsed;
  std::optional<core::Secret> password;
  if (std::string given = text(request, "password"); !given.empty()) {
    password = core::Secret(std::move(given));
  }
  const auto by = identity::Actor::admin(foundation_.account);
  PRELOOP_CO_TRY(const identity::Person made,
                 co_await foundation_.management->create_person(by, std::move(person), password));
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object()
      .field("id", made.id.to_string())
      .field("email", made.email)
      .field("role", identity::to_string(made.role));
  if (!password) {
    PRELOOP_CO_TRY(const identity::Links::Made link,
                   co_await foundation_.links->create(by, identity::LinkPurpose::setup, made.id));
    writer
        .field("url",
               identity::link_url(public_url_, identity::LinkPurpose::setup, link.token).reveal())
        .field("expires_at", core::to_rfc3339(link.expires_at));
  }
  writer.end_object();
  co_return out;
}

Task<Answer> Admin::make_link(Json request, bool reset) {
  std::optional<core::PersonId> person;
  if (reset) {
    PRELOOP_CO_TRY(const std::string email, required(request, "email"));
    PRELOOP_CO_TRY(person, person_named(email));
  }
  const auto purpose = reset ? identity::LinkPurpose::reset : identity::LinkPurpose::setup;
  PRELOOP_CO_TRY(const identity::Links::Made link,
                 co_await foundation_.links->create(
                     identity::Actor::admin(foundation_.account), purpose, person));
  std::string out;
  core::JsonWriter(out)
      .begin_object()
      .field("url", identity::link_url(public_url_, purpose, link.token).reveal())
      .field("expires_at", core::to_rfc3339(link.expires_at))
      .end_object();
  co_return out;
}

core::Result<core::PersonId> Admin::person_named(const std::string& email) const {
  const auto directory = foundation_.registry->snapshot().latest();
  if (!email.empty()) {
    const identity::Person* const person = directory->find_person(foundation_.account, email);
    if (person == nullptr) {
      return fail(Code::not_found,
                  fmt::format("there is no person '{}'", core::printable(email, 128)));
    }
    return person->id;
  }
  const identity::Person* owner = nullptr;
  for (const identity::Person& person : directory->people()) {
    if (person.role == identity::Role::owner) {
      if (owner != nullptr) {
        return fail(Code::invalid_argument, "there are several owners; say which with --person");
      }
      owner = &person;
    }
  }
  if (owner == nullptr) {
    return fail(Code::failed_precondition,
                "there is no owner yet; make one: preloop admin user setup-link");
  }
  return owner->id;
}

Task<core::Result<identity::IssuedKey>> create_agent_key(Foundation& foundation,
                                                         identity::Actor by,
                                                         std::string agent,
                                                         std::string key_name) {
  const auto directory = foundation.registry->snapshot().latest();
  identity::NewKeyRequest request;
  request.key_class = identity::KeyClass::agent_key;
  request.name = std::move(key_name);
  if (const identity::Agent* const known = directory->find_agent(foundation.account, agent)) {
    request.agent = known->id;
  } else {
    identity::NewAgent wanted;
    wanted.name = std::move(agent);
    PRELOOP_CO_TRY(const identity::Agent made,
                   co_await foundation.management->create_agent(by, std::move(wanted)));
    request.agent = made.id;
  }
  co_return co_await foundation.management->create_key(by, std::move(request));
}

Task<Answer> Admin::create_key(Json request) {
  PRELOOP_CO_TRY(const std::string class_name, required(request, "class"));
  PRELOOP_CO_TRY(const std::string name, required(request, "name"));
  const auto by = identity::Actor::admin(foundation_.account);
  core::Result<identity::IssuedKey> issued =
      fail(Code::invalid_argument, "a key's class is agent or operator");
  if (class_name == "agent") {
    const std::string agent = text(request, "agent");
    issued = co_await create_agent_key(foundation_, by, agent.empty() ? name : agent, name);
  } else if (class_name == "operator") {
    identity::NewKeyRequest wanted;
    wanted.key_class = identity::KeyClass::operator_key;
    wanted.name = name;
    PRELOOP_CO_TRY(wanted.person, person_named(text(request, "person")));
    const std::string scopes = text(request, "scopes");
    const auto parsed = identity::ScopeSet::parse(scopes.empty() ? "read" : scopes);
    if (!parsed) {
      co_return fail(Code::invalid_argument, "scopes are read, decide and configure");
    }
    wanted.scopes = *parsed;
    issued = co_await foundation_.management->create_key(by, std::move(wanted));
  }
  if (!issued) {
    co_return std::unexpected(issued.error());
  }
  std::string out;
  core::JsonWriter(out)
      .begin_object()
      .field("id", issued->info.id.to_string())
      .field("key", issued->secret.reveal())
      .field("class", identity::to_string(issued->info.key_class))
      .field("name", issued->info.name)
      .end_object();
  co_return out;
}

Task<Answer> Admin::revoke_key(Json request) {
  PRELOOP_CO_TRY(const std::string id, required(request, "id"));
  const auto key = core::KeyId::parse(id);
  if (!key) {
    co_return fail(Code::invalid_argument, "'id' is not a key's id");
  }
  PRELOOP_CO_CHECK(co_await foundation_.management->revoke_key(
      identity::Actor::admin(foundation_.account), *key, "revoked by preloop admin"));
  co_return R"({"revoked":true})";
}

Task<Answer> Admin::backup(Json request) {
  PRELOOP_CO_TRY(const std::string path, required(request, "path"));
  if (!path.starts_with('/')) {
    co_return fail(Code::invalid_argument, "the backup's path must be absolute");
  }
  // Recorded first, so that the copy itself says that it was made.
  audit::Record record;
  record.kind = audit::Kind::backup_created;
  record.actor = {audit::ActorClass::admin, {}, "preloop admin"};
  store::Unit unit;
  unit.drafts.push_back(audit::make_draft(foundation_.account, record));
  PRELOOP_CO_CHECK(
      co_await foundation_.database->commit(std::move(unit), store::Durability::strict));
  PRELOOP_CO_CHECK(co_await foundation_.database->backup(path));
  std::string out;
  core::JsonWriter(out).begin_object().field("path", path).end_object();
  co_return out;
}

Task<Answer> Admin::rotate_master_key(Json request) {
  const secrets::Annotate annotate = [this](store::Unit& unit,
                                            const secrets::SecretChange& change) {
    audit::Record record;
    record.kind = audit::Kind::key_rotated;
    record.actor = {audit::ActorClass::admin, {}, "preloop admin"};
    record.subject = {"master_key", std::to_string(change.version)};
    unit.drafts.push_back(audit::make_draft(foundation_.account, record));
  };
  const secrets::KeySource source = key_source(foundation_.options);
  const std::string next_file = text(request, "next_key_file");
  core::Result<std::uint32_t> version = 0;
  if (const auto* own = std::get_if<secrets::OwnKeyFile>(&source)) {
    if (!next_file.empty()) {
      co_return fail(Code::invalid_argument,
                     "this server keeps its own master key and makes the next one itself; leave "
                     "--next-key-file out");
    }
    version = co_await foundation_.secrets->rotate_own_file(*own, annotate);
  } else {
    if (next_file.empty()) {
      co_return fail(Code::failed_precondition,
                     "the master key is the operator's: write the next one to a file and name it "
                     "with --next-key-file; put it in the old one's place afterwards");
    }
    PRELOOP_CO_TRY(secrets::MasterKey next, co_await foundation_.offload.run([next_file] {
      return secrets::load_key(secrets::GivenKeyFile{next_file});
    }));
    version = co_await foundation_.secrets->rotate(std::move(next), annotate);
  }
  if (!version) {
    co_return std::unexpected(version.error());
  }
  std::string out;
  core::JsonWriter(out)
      .begin_object()
      .field("rotated", true)
      .field("version", static_cast<std::uint64_t>(*version))
      .end_object();
  co_return out;
}

Task<Answer> Admin::status() {
  const store::Health health = foundation_.database->health();
  const auto directory = foundation_.registry->snapshot().latest();
  std::string out;
  core::JsonWriter(out)
      .begin_object()
      .field("version", PRELOOP_VERSION)
      .field("store", foundation_.database->dialect())
      .field("writable", health.writable)
      .field("problem", health.problem)
      .field("people", directory->people().size())
      .field("agents", directory->agents().size())
      .field("has_owner", identity::has_owner(*directory, foundation_.account))
      .end_object();
  co_return out;
}

}  // namespace preloop::app

#include "core/json_writer.h"
#include "identity/login_session_repo.h"
#include "identity/names.h"
#include "identity/person_repo.h"
#include "identity/plan_support.h"
#include "identity/record.h"

#include <fmt/format.h>

namespace preloop::identity {
namespace {

using core::Code;
using core::fail;

/// Nobody makes or changes somebody above themselves, and owners only by owners.
core::Status authorize_rank(const PlanContext& context, Role role) {
  if (role == Role::owner) {
    PRELOOP_CHECK(context.by.authorize(Permission::manage_owners, context.now));
  }
  if (role > context.by.role()) {
    return fail(Code::permission_denied,
                fmt::format("only somebody with the role {} can do this", to_string(role)));
  }
  return {};
}

bool is_last_owner(const Directory& directory, const Person& person) {
  return person.role == Role::owner && person.standing == Standing::active &&
         std::ranges::none_of(directory.people(), [&](const Person& other) {
           return other.account == person.account && other.id != person.id &&
                  other.role == Role::owner && other.standing == Standing::active;
         });
}

std::string details_of(const Person& person) {
  std::string out;
  core::JsonWriter(out)
      .begin_object()
      .field("email", person.email)
      .field("role", to_string(person.role))
      .field("status", to_string(person.standing))
      .end_object();
  return out;
}

Note note_of(audit::Kind kind, const Person& person) {
  return {
      .kind = kind, .subject = {"person", person.id.to_string()}, .details = details_of(person)};
}

}  // namespace

core::Result<Planned> plan_create_person(const Directory& directory,
                                         const PlanContext& context,
                                         const NewPerson& input,
                                         const std::optional<std::string>& password_hash,
                                         Person& out) {
  PRELOOP_CHECK(context.by.authorize(Permission::manage_people, context.now));
  PRELOOP_CHECK(authorize_rank(context, input.role));
  Person person;
  PRELOOP_TRY(person.email, normal_email(input.email));
  PRELOOP_TRY(person.display_name,
              normal_display_name(input.display_name.empty() ? person.email.substr(0, 100)
                                                             : input.display_name));
  const core::AccountId account = context.by.account;
  if (directory.find_person(account, person.email) != nullptr) {
    return fail(Code::already_exists, "there is a person with this address already");
  }
  if (count_in(directory.people(), account) >= k_max_people) {
    return fail(Code::resource_exhausted,
                fmt::format("an account has at most {} people", k_max_people));
  }
  person.id = core::PersonId::make(context.now);
  person.account = account;
  person.role = input.role;
  person.has_password = password_hash.has_value();
  person.created_at = context.now;

  Planned planned;
  planned.unit.add(PersonRepo::insert(person, password_hash));
  record(planned.unit,
         directory,
         context.by,
         note_of(audit::Kind::person_created, person),
         context.now);
  planned.edit = [person](Directory::Contents& contents) { contents.people.push_back(person); };
  out = person;
  return planned;
}

core::Result<Planned> plan_update_person(const Directory& directory,
                                         const PlanContext& context,
                                         core::PersonId id,
                                         std::int64_t revision,
                                         PersonPatch patch,
                                         Person& out) {
  const Person* before = directory.find_person(id);
  if (before == nullptr || before->account != context.by.account) {
    return fail(Code::not_found, "there is no such person");
  }
  const bool is_only_own_name = context.by.person == id && !patch.role && !patch.standing;
  PRELOOP_CHECK(context.by.authorize(
      is_only_own_name ? Permission::manage_own_keys : Permission::manage_people, context.now));
  if (!is_only_own_name) {
    PRELOOP_CHECK(authorize_rank(context, before->role));
    PRELOOP_CHECK(authorize_rank(context, patch.role.value_or(before->role)));
  }
  if (before->revision != revision) {
    return moved_on();
  }
  Person person = *before;
  if (patch.display_name) {
    PRELOOP_TRY(person.display_name, normal_display_name(*patch.display_name));
  }
  person.role = patch.role.value_or(person.role);
  person.standing = patch.standing.value_or(person.standing);
  person.revision += 1;
  if (is_last_owner(directory, *before) &&
      (person.role != Role::owner || person.standing != Standing::active)) {
    return fail(Code::failed_precondition, "this is the last owner; make another one first");
  }

  const bool is_suspended =
      before->standing == Standing::active && person.standing == Standing::suspended;
  Planned planned;
  planned.unit.guard = {PersonRepo::update(person, revision)};
  if (is_suspended) {
    planned.unit.add(LoginSessionRepo::end_of_person(person.account, id, context.now));
    planned.revocations.push_back({.kind = Revocation::Kind::person,
                                   .account = person.account,
                                   .person = id,
                                   .reason = "suspended"});
  }
  record(planned.unit,
         directory,
         context.by,
         note_of(is_suspended ? audit::Kind::person_disabled : audit::Kind::person_updated, person),
         context.now);
  planned.edit = [person](Directory::Contents& contents) {
    replace_in(contents.people, person.id, person);
  };
  out = person;
  return planned;
}

}  // namespace preloop::identity

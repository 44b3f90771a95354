#include "api/routes/routes.h"
#include "api/views_json.h"

namespace preloop::api {
namespace {

using core::Code;
using core::fail;
using core::Result;
using core::Task;
using net::Response;

Response respond(int status, const identity::Person& person) {
  return reply_revision(status, person.revision, view(person));
}

Result<identity::Person> find(const Call& call) {
  PRELOOP_TRY(const auto id, call.id<core::PersonId>());
  const auto directory = call.directory();
  const identity::Person* const person = directory->find_person(id);
  if (person == nullptr || person->account != call.services.account) {
    return fail(Code::not_found, "there is no such person");
  }
  return *person;
}

Task<Result<Response>> list(Call& call) {
  std::vector<identity::Person> people;
  for (const identity::Person& person : call.directory()->people()) {
    if (person.account == call.services.account) {
      people.push_back(person);
    }
  }
  co_return reply(200, list_view(people));
}

Task<Result<Response>> get(Call& call) {
  PRELOOP_CO_TRY(const identity::Person person, find(call));
  co_return respond(200, person);
}

Task<Result<Response>> create(Call& call) {
  identity::NewPerson input;
  input.email = call.text("email");
  input.display_name = call.text("display_name");
  input.role = identity::parse_role(call.text("role")).value_or(identity::Role::viewer);
  PRELOOP_CO_TRY(const auto person,
                 co_await call.services.management.create_person(call.actor(), std::move(input)));
  co_return respond(201, person);
}

Task<Result<Response>> update(Call& call) {
  PRELOOP_CO_TRY(const identity::Person before, find(call));
  identity::PersonPatch patch;
  patch.display_name = call.optional_text("display_name");
  if (const auto role = call.optional_text("role")) {
    patch.role = identity::parse_role(*role);
  }
  if (const auto status = call.optional_text("status")) {
    patch.standing = identity::parse_standing(*status);
  }
  PRELOOP_CO_TRY(
      const auto person,
      co_await call.services.management.update_person(
          call.actor(), before.id, call.revision.value_or(before.revision), std::move(patch)));
  co_return respond(200, person);
}

Task<Result<Response>> make_link(Call& call) {
  PRELOOP_CO_TRY(const identity::Person person, find(call));
  const auto purpose =
      identity::parse_link_purpose(call.text("purpose")).value_or(identity::LinkPurpose::reset);
  PRELOOP_CO_TRY(const auto made,
                 co_await call.services.links.create(call.actor(), purpose, person.id));
  std::string out;
  core::JsonWriter(out)
      .begin_object()
      .field("url", identity::link_url(call.services.public_url, purpose, made.token).reveal())
      .field("expires_at", core::to_rfc3339(made.expires_at))
      .end_object();
  co_return reply(201, std::move(out));
}

Task<Result<Response>> permissions(Call&) {
  co_return reply(200, list_view(identity::permission_table()));
}

constexpr Route k_routes[] = {
    {"list_users", list},
    {"get_user", get},
    {"create_user", create},
    {"update_user", update},
    {"create_user_link", make_link},
    {"list_permissions", permissions},
};

}  // namespace

std::span<const Route> people_routes() {
  return k_routes;
}

}  // namespace preloop::api

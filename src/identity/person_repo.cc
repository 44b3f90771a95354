#include "identity/person_repo.h"

namespace preloop::identity {

using store::statement;

core::Task<core::Result<std::vector<Person>>> PersonRepo::all(store::Database& database) {
  PRELOOP_CO_TRY(const store::Rows rows,
                 co_await database.query(statement(
                     "SELECT account, id, email, display_name, role, status, "
                     "CASE WHEN password_hash IS NULL THEN 0 ELSE 1 END, created_at, revision "
                     "FROM person ORDER BY account, id")));
  std::vector<Person> out;
  out.reserve(rows.size());
  for (const store::Row& row : rows) {
    store::RowReader read(row);
    Person person;
    person.account = read.id<core::AccountId>();
    person.id = read.id<core::PersonId>();
    person.email = read.text();
    person.display_name = read.text();
    const auto role = parse_role(read.text());
    const auto standing = parse_standing(read.text());
    person.has_password = read.boolean();
    person.created_at = read.time();
    person.revision = read.integer();
    PRELOOP_CO_CHECK(read.status());
    if (!role || !standing) {
      co_return core::fail(core::Code::data_loss, "a person's row has an unknown role or status");
    }
    person.role = *role;
    person.standing = *standing;
    out.push_back(std::move(person));
  }
  co_return out;
}

core::Task<core::Result<std::optional<std::string>>> PersonRepo::password_hash(
    store::Database& database, core::AccountId account, core::PersonId id) {
  PRELOOP_CO_TRY(
      const store::Rows rows,
      co_await database.query(statement(
          "SELECT password_hash FROM person WHERE account = $1 AND id = $2", account, id)));
  if (rows.empty()) {
    co_return std::nullopt;
  }
  store::RowReader read(rows.front());
  auto hash = read.optional_text();
  PRELOOP_CO_CHECK(read.status());
  co_return hash;
}

store::Statement PersonRepo::insert(const Person& person,
                                    const std::optional<std::string>& password_hash) {
  return statement(
      "INSERT INTO person (account, id, email, display_name, role, status, password_hash, "
      "created_at, revision) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
      person.account,
      person.id,
      person.email,
      person.display_name,
      to_string(person.role),
      to_string(person.standing),
      password_hash,
      person.created_at,
      person.revision);
}

store::Statement PersonRepo::update(const Person& person, std::int64_t before) {
  return statement(
      "UPDATE person SET email = $1, display_name = $2, role = $3, status = $4, revision = $5 "
      "WHERE account = $6 AND id = $7 AND revision = $8",
      person.email,
      person.display_name,
      to_string(person.role),
      to_string(person.standing),
      person.revision,
      person.account,
      person.id,
      before);
}

store::Statement PersonRepo::set_password(core::AccountId account,
                                          core::PersonId id,
                                          const std::string& password_hash) {
  return statement("UPDATE person SET password_hash = $1 WHERE account = $2 AND id = $3",
                   password_hash,
                   account,
                   id);
}

}  // namespace preloop::identity

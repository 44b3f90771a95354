#include "store/sqlite/connection.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <charconv>
#include <unordered_map>
#include <utility>
#include <vector>

namespace preloop::store::sqlite {
namespace {

using Steady = std::chrono::steady_clock;
constexpr int k_busy_ms = 5000;
constexpr int k_steps_between_time_checks = 10'000;

struct Prepared {
  sqlite3_stmt* handle = nullptr;
  /// SQLite numbers $N by first appearance; this is N of each, so that any order works.
  std::vector<std::size_t> places;
};

core::Code code_of(int result) {
  switch (result & 0xff) {
    case SQLITE_CONSTRAINT:
      return result == SQLITE_CONSTRAINT_UNIQUE || result == SQLITE_CONSTRAINT_PRIMARYKEY ||
                     result == SQLITE_CONSTRAINT_ROWID
                 ? core::Code::already_exists
                 : core::Code::failed_precondition;
    case SQLITE_FULL:
    case SQLITE_NOMEM:
      return core::Code::resource_exhausted;
    case SQLITE_TOOBIG:
      return core::Code::invalid_argument;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return core::Code::data_loss;
    case SQLITE_INTERRUPT:
      return core::Code::deadline_exceeded;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
    case SQLITE_PERM:
      return core::Code::unavailable;
    default:
      return core::Code::internal;
  }
}

core::Result<std::vector<std::size_t>> places_of(sqlite3_stmt* statement) {
  std::vector<std::size_t> out;
  const int count = sqlite3_bind_parameter_count(statement);
  for (int i = 1; i <= count; ++i) {
    const char* raw = sqlite3_bind_parameter_name(statement, i);
    const std::string_view name = raw == nullptr ? "?" : raw;
    std::size_t place = 0;
    const auto [end, error] = std::from_chars(name.data() + 1, name.data() + name.size(), place);
    if (!name.starts_with('$') || error != std::errc{} || end != name.data() + name.size() ||
        place == 0) {
      return core::fail(core::Code::internal,
                        fmt::format("placeholder '{}': write $1, $2 … and CAST()", name));
    }
    out.push_back(place - 1);
  }
  return out;
}

int bind_one(sqlite3_stmt* statement, int at, const Value& value) {
  // The parameters outlive the step, so SQLite need not copy them.
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    return sqlite3_bind_int64(statement, at, *number);
  }
  if (const auto* text = std::get_if<std::string>(&value)) {
    return sqlite3_bind_text64(
        statement, at, text->data(), text->size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  if (const auto* blob = std::get_if<Blob>(&value)) {
    return sqlite3_bind_blob64(
        statement, at, blob->bytes.data(), blob->bytes.size(), SQLITE_STATIC);
  }
  if (const auto* id = std::get_if<core::Uuid>(&value)) {
    return sqlite3_bind_blob64(statement, at, id->bytes.data(), id->bytes.size(), SQLITE_STATIC);
  }
  return sqlite3_bind_null(statement, at);
}

/// Resets the statement when the row walk ends, however it ends.
struct Reset {
  sqlite3_stmt* statement;
  ~Reset() {
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
  }
};

core::Result<Value> read_cell(sqlite3_stmt* statement, int column) {
  const auto bytes = [&](const void* data) {
    return std::string(static_cast<const char*>(data == nullptr ? "" : data),
                       static_cast<std::size_t>(sqlite3_column_bytes(statement, column)));
  };
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return Value{std::int64_t{sqlite3_column_int64(statement, column)}};
    case SQLITE_TEXT:
      return Value{bytes(sqlite3_column_text(statement, column))};
    case SQLITE_BLOB:
      return Value{Blob{bytes(sqlite3_column_blob(statement, column))}};
    case SQLITE_NULL:
      return Value{};
    default:
      return core::fail(core::Code::internal, "a query returned a floating-point column");
  }
}

std::size_t size_of(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    return text->size();
  }
  const auto* blob = std::get_if<Blob>(&value);
  return blob != nullptr ? blob->bytes.size() : 0;
}

}  // namespace

bool is_storage_fault(core::Code code) {
  return code == core::Code::unavailable || code == core::Code::resource_exhausted ||
         code == core::Code::data_loss;
}

core::Error error_of(sqlite3* handle, int result) {
  const char* text = handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(result);
  const int full_code = handle != nullptr ? sqlite3_extended_errcode(handle) : result;
  return core::Error{code_of(full_code != SQLITE_OK ? full_code : result),
                     fmt::format("SQLite: {}", text)};
}

struct Connection::Impl {
  sqlite3* handle = nullptr;
  Role role = Role::reader;
  Steady::time_point deadline = Steady::time_point::max();
  std::unordered_map<const char*, Prepared> statements;

  ~Impl() {
    for (const auto& [text, prepared] : statements) {
      sqlite3_finalize(prepared.handle);
    }
    sqlite3_close_v2(handle);
  }

  std::unexpected<core::Error> error(int result) const {
    return std::unexpected(error_of(handle, result));
  }

  core::Result<const Prepared*> prepare(const char* sql) {
    const auto found = statements.find(sql);
    if (found != statements.end()) {
      return &found->second;
    }
    sqlite3_stmt* made = nullptr;
    const char* rest = nullptr;
    const int result = sqlite3_prepare_v3(handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &made, &rest);
    if (result != SQLITE_OK) {
      return error(result);
    }
    auto places = places_of(made);
    if (!places || made == nullptr || *rest != '\0' ||
        (role == Role::reader && sqlite3_stmt_readonly(made) == 0)) {
      sqlite3_finalize(made);
      PRELOOP_CHECK(places);
      return core::fail(core::Code::internal,
                        role == Role::reader ? "a query is one statement that only reads"
                                             : "one statement at a time");
    }
    return &statements.emplace(sql, Prepared{made, std::move(*places)}).first->second;
  }

  core::Result<sqlite3_stmt*> bind(const Statement& statement) {
    PRELOOP_TRY(const Prepared* prepared, prepare(statement.sql.sqlite));
    std::size_t highest = 0;
    for (std::size_t i = 0; i < prepared->places.size(); ++i) {
      const std::size_t place = prepared->places[i];
      highest = std::max(highest, place + 1);
      if (place >= statement.parameters.size()) {
        return core::fail(core::Code::internal, "a statement has fewer parameters than $N");
      }
      const int result =
          bind_one(prepared->handle, static_cast<int>(i + 1), statement.parameters[place]);
      if (result != SQLITE_OK) {
        return error(result);
      }
    }
    if (highest != statement.parameters.size()) {
      return core::fail(core::Code::internal, "a statement has more parameters than $N");
    }
    return prepared->handle;
  }
};

Connection::Connection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Connection::~Connection() = default;

core::Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, Role role) {
  auto impl = std::make_unique<Impl>();
  impl->role = role;
  // NOMUTEX: one thread at a time is our contract, and the lock would cost on every step.
  const int result = sqlite3_open_v2(
      path.c_str(),
      &impl->handle,
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
      nullptr);
  if (result != SQLITE_OK) {
    return impl->error(result);
  }
  std::unique_ptr<Connection> out(new Connection(std::move(impl)));
  sqlite3* const handle = out->handle();
  sqlite3_busy_timeout(handle, k_busy_ms);
  // A double-quoted word is never a string, and the schema may not call functions with effects.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  PRELOOP_CHECK(
      out->script("PRAGMA trusted_schema = OFF; PRAGMA foreign_keys = ON;"
                  "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;"
                  "PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY;"));
  switch (role) {
    case Role::writer:
      PRELOOP_CHECK(out->script("PRAGMA cache_size = -1024; PRAGMA journal_size_limit = 67108864"));
      break;
    case Role::reader:
      PRELOOP_CHECK(out->script("PRAGMA cache_size = -512; PRAGMA query_only = ON"));
      sqlite3_progress_handler(
          handle,
          k_steps_between_time_checks,
          [](void* self) { return Steady::now() > static_cast<Impl*>(self)->deadline ? 1 : 0; },
          out->impl_.get());
      break;
    case Role::checkpoint:
      PRELOOP_CHECK(out->script("PRAGMA journal_size_limit = 67108864"));
      break;
  }
  return out;
}

core::Result<std::int64_t> Connection::execute(const Statement& statement) {
  PRELOOP_TRY(sqlite3_stmt * handle, impl_->bind(statement));
  const Reset reset{handle};
  std::int64_t returned = 0;
  int result = SQLITE_ROW;
  while ((result = sqlite3_step(handle)) == SQLITE_ROW) {
    ++returned;
  }
  if (result != SQLITE_DONE) {
    return impl_->error(result);
  }
  return sqlite3_stmt_readonly(handle) != 0 ? returned : sqlite3_changes64(impl_->handle);
}

core::Result<Rows> Connection::query(const Statement& statement) {
  PRELOOP_TRY(sqlite3_stmt * handle, impl_->bind(statement));
  const Reset reset{handle};
  if (impl_->role == Role::reader) {
    impl_->deadline = Steady::now() + k_query_time;
  }
  Rows out;
  std::size_t bytes = 0;
  const int columns = sqlite3_column_count(handle);
  int result = SQLITE_ROW;
  while ((result = sqlite3_step(handle)) == SQLITE_ROW) {
    Row row;
    row.reserve(static_cast<std::size_t>(columns));
    for (int i = 0; i < columns; ++i) {
      PRELOOP_TRY(Value cell, read_cell(handle, i));
      bytes += sizeof(Value) + size_of(cell);
      row.push_back(std::move(cell));
    }
    out.push_back(std::move(row));
    if (out.size() > k_query_rows || bytes > k_query_bytes) {
      return core::fail(core::Code::resource_exhausted, "a query returned too much: page by key");
    }
  }
  if (result != SQLITE_DONE) {
    return impl_->error(result);
  }
  return out;
}

core::Status Connection::script(const std::string& sql) {
  const int result = sqlite3_exec(impl_->handle, sql.c_str(), nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) {
    return impl_->error(result);
  }
  return {};
}

bool Connection::in_transaction() const {
  return sqlite3_get_autocommit(impl_->handle) == 0;
}
std::size_t Connection::cached_statements() const {
  return impl_->statements.size();
}
sqlite3* Connection::handle() const {
  return impl_->handle;
}

}  // namespace preloop::store::sqlite

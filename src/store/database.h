#pragma once
#include "core/id.h"
#include "core/result.h"
#include "core/task.h"

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace preloop::store {

/// SQL text that is known when the program is compiled: there is no way to make one from input.
/// Placeholders are $1, $2 … in both dialects; most text is common, a second spelling is given
/// where PostgreSQL needs one (casts, upserts). See store/README.md for the common subset.
struct Sql {
  consteval Sql(const char* both) : sqlite(both), postgresql(both) {}
  consteval Sql(const char* for_sqlite, const char* for_postgresql)
      : sqlite(for_sqlite), postgresql(for_postgresql) {}
  const char* sqlite;
  const char* postgresql;
};

/// Bytes: BLOB in SQLite; bytea or uuid in PostgreSQL.
struct Blob {
  std::string bytes;
  bool operator==(const Blob&) const = default;
};

/// A parameter or a cell. Times are int64 microseconds UTC, booleans 0/1. A parameter that is an id
/// is held as one, which costs no allocation; a cell that holds one is read as a Blob.
using Value = std::variant<std::monostate, std::int64_t, std::string, Blob, core::Uuid>;

inline Value null() {
  return {};
}
inline Value value(const core::Uuid& id) {
  return id;
}
template <class Tag>
Value value(const core::Id<Tag>& id) {
  return id.uuid;
}
inline Value value(core::WallTime time) {
  return core::to_micros(time);
}
inline Value value(std::string_view text) {
  return std::string(text);
}
inline Value value(std::string&& text) {
  return std::move(text);
}
inline Value value(const char* text) {
  return std::string(text);
}
inline Value value(bool flag) {
  return static_cast<std::int64_t>(flag);
}
template <std::integral T>
  requires(!std::same_as<T, bool>)
Value value(T number) {
  return static_cast<std::int64_t>(number);
}
inline Value value(Blob blob) {
  return blob;
}
template <std::same_as<Value> T>
Value value(T ready) {
  return ready;
}
template <class T>
Value value(const std::optional<T>& maybe) {
  return maybe ? value(*maybe) : Value{};
}

struct Statement {
  Sql sql;
  std::vector<Value> parameters;
};

/// A statement with its parameters: `statement("DELETE FROM x WHERE id = $1", id)`.
template <class... T>
Statement statement(Sql sql, T&&... parameters) {
  Statement out{sql, {}};
  out.parameters.reserve(sizeof...(T));
  (out.parameters.push_back(value(std::forward<T>(parameters))), ...);
  return out;
}

using Row = std::vector<Value>;
using Rows = std::vector<Row>;

/// Reads one row's cells in the order selected and remembers the first thing that does not fit, so
/// that a mapper stays a list: read all fields, then check `status()` (data_loss).
class RowReader {
 public:
  explicit RowReader(const Row& row) : row_(row) {}

  std::int64_t integer();
  bool boolean() { return integer() != 0; }
  std::string text();
  std::string blob();
  core::WallTime time() { return core::from_micros(integer()); }
  template <class IdType>
  IdType id() {
    const auto read = IdType::from_bytes(blob());
    if (!read) {
      mark_bad("id");
    }
    return read.value_or(IdType{});
  }
  std::optional<std::int64_t> optional_integer();
  std::optional<std::string> optional_text();
  std::optional<std::string> optional_blob();
  std::optional<core::WallTime> optional_time();
  template <class IdType>
  std::optional<IdType> optional_id() {
    const auto bytes = optional_blob();
    const auto read = bytes ? IdType::from_bytes(*bytes) : std::nullopt;
    if (bytes && !read) {
      mark_bad("id");
    }
    return read;
  }

  core::Status status() const;

 private:
  const Value* next();
  void mark_bad(std::string_view wanted);

  const Row& row_;
  std::size_t at_ = 0;
  std::string problem_;
};

/// An audit record as its module made it, opaque here; the Sealer turns it into rows inside the
/// transaction, where its place in the chain is known.
struct Draft {
  core::AccountId account;
  std::shared_ptr<const void> record;
};

/// What is written together, as data. Decision 18: at most one guard, then unconditional
/// statements, then drafts. A unit whose guard touched another number of rows than expected is
/// skipped whole with `aborted`; its neighbours in the batch commit.
struct Unit {
  struct Guard {
    Statement statement;
    std::int64_t expected_rows = 1;
  };
  std::optional<Guard> guard;
  std::vector<Statement> statements;
  std::vector<Draft> drafts;
  /// Set when the statements insert into `event`: wakes the live feed after the commit.
  bool announces = false;

  Unit& add(Statement more) {
    statements.push_back(std::move(more));
    return *this;
  }
};

enum class Durability : std::uint8_t {
  standard,  ///< survives kill -9 when commit returns; on the disk within a second
  strict,    ///< on the disk when commit returns
};

/// Gives drafts their place. Implemented by audit; called by the writer only, from one thread (or
/// loop) at a time, in the order begin, seal…, then committed or rolled_back.
class Sealer {
 public:
  virtual ~Sealer() = default;
  virtual void begin() = 0;
  /// Statements that store the record; an error fails the unit, never its neighbours.
  virtual core::Result<std::vector<Statement>> seal(const Draft& draft) = 0;
  virtual void committed() = 0;
  virtual void rolled_back() = 0;
};

struct Health {
  bool writable = true;
  std::string problem;          ///< one line when not writable
  std::uint64_t wal_bytes = 0;  ///< SQLite only
  std::uint64_t queued_units = 0;
  std::uint64_t units_committed = 0;
  std::uint64_t batches_committed = 0;
};

/// The one store of a server. Every member may be called from any loop; results arrive on the
/// caller's loop.
///
/// Errors: `unavailable` when the database cannot be reached, `resource_exhausted` when the
/// writer's queue (8,192 units) or the disk is full, `aborted` from a guard, `data_loss` for
/// damage. Cancellation: a query is abandoned; a commit is not: once queued it is awaited to its
/// end.
class Database {
 public:
  virtual ~Database() = default;

  virtual core::Task<core::Result<Rows>> query(Statement statement) = 0;
  virtual core::Task<core::Status> commit(Unit unit, Durability durability) = 0;

  /// Before the first commit with drafts.
  virtual void set_sealer(Sealer* sealer) = 0;
  /// Called (on any thread, must not block) after a batch with an announcing unit.
  virtual void set_commit_listener(std::function<void()> listener) = 0;
  virtual Health health() const = 0;
  /// A consistent copy while serving, into a new file of mode 0600. SQLite only; PostgreSQL answers
  /// `unimplemented` and names pg_dump.
  virtual core::Task<core::Status> backup(std::string path) = 0;
  virtual std::string_view dialect() const = 0;  ///< "sqlite" or "postgresql"
  /// Refuses new work, writes what is queued, closes. Idempotent.
  virtual core::Task<void> stop() = 0;
};

}  // namespace preloop::store

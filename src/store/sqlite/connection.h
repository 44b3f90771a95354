#pragma once
#include "store/database.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

struct sqlite3;

namespace preloop::store::sqlite {

/// What a read may cost at most; beyond it is an answer that should have been paged.
inline constexpr std::chrono::milliseconds k_query_time{1000};
inline constexpr std::size_t k_query_rows = 100'000;
inline constexpr std::size_t k_query_bytes = 64u << 20u;

enum class Role : std::uint8_t {
  writer,      ///< the one connection that changes data
  reader,      ///< refuses statements that would write; a query ends after k_query_time
  checkpoint,  ///< copies the WAL into the database, nothing else
};

/// One SQLite connection with its prepared statements, cached by the address of the literal they
/// were written as. One thread at a time; blocks.
///
/// Errors: already_exists (unique), failed_precondition (other constraints), invalid_argument (too
/// big), internal (bad SQL or parameters) concern the statement alone. is_storage_fault() names
/// the others, after which nothing is known about the transaction.
class Connection {
 public:
  static core::Result<std::unique_ptr<Connection>> open(const std::string& path, Role role);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Runs one statement; the number of rows it changed or, for a SELECT, returned.
  core::Result<std::int64_t> execute(const Statement& statement);
  /// Runs one statement for its rows. deadline_exceeded after k_query_time (readers),
  /// resource_exhausted beyond k_query_rows or k_query_bytes.
  core::Result<Rows> query(const Statement& statement);
  /// Several statements without parameters, uncached: pragmas, migrations.
  core::Status script(const std::string& sql);

  bool in_transaction() const;
  std::size_t cached_statements() const;
  /// For what only the driver does: checkpoints, backup, hooks.
  sqlite3* handle() const;

 private:
  struct Impl;
  explicit Connection(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Disk full, I/O error, damage, a foreign lock: not the statement's fault.
bool is_storage_fault(core::Code code);

/// The connection's last error as ours.
core::Error error_of(sqlite3* handle, int result);

}  // namespace preloop::store::sqlite

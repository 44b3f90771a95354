#pragma once
#include "core/result.h"

#include <memory>
#include <string>
#include <string_view>

namespace preloop::store::testing {

/// A PostgreSQL server of this process alone: a new cluster in a short-named temporary folder, on a
/// Unix socket only. It ends, and its folder goes, when this object does or the process dies,
/// however it dies: a shell holds the other end of a pipe.
///
/// Thread-safe. Blocks: for test code, which is on no loop.
class PrivatePostgres {
 public:
  /// unavailable when PostgreSQL 15 is not installed or does not start.
  static core::Result<std::unique_ptr<PrivatePostgres>> start();
  /// The one of this process, started by the first call.
  static core::Result<PrivatePostgres*> shared();
  ~PrivatePostgres();
  PrivatePostgres(const PrivatePostgres&) = delete;
  PrivatePostgres& operator=(const PrivatePostgres&) = delete;

  /// Creates an empty database and returns its URL.
  core::Result<std::string> new_database();
  /// Runs SQL as the superuser in the database of `url` and returns the first cell, if any.
  core::Result<std::string> execute(const std::string& url, const std::string& sql);
  /// The folder with the server's socket, ".s.PGSQL.5432".
  const std::string& socket_folder() const { return folder_; }

 private:
  PrivatePostgres() = default;

  std::string folder_;
  int lifeline_ = -1;
  int guardian_ = -1;
};

}  // namespace preloop::store::testing

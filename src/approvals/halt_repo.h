#pragma once
#include "approvals/halt.h"
#include "core/result.h"
#include "core/task.h"
#include "store/database.h"

#include <vector>

namespace preloop::approvals {

/// SQL of `halt`: one row for each scope that is halted now.
class HaltRepo {
 public:
  explicit HaltRepo(store::Database& database) : database_(database) {}

  static store::Statement insert(const Halt& halt);
  /// As a unit's guard.
  static store::Statement remove(const Halt& halt);
  /// Gives every request that waited through the halt its time back: what was left of it when the
  /// halt began, or when the request was made, is left of it at `now`.
  static store::Statement give_time_back(const Halt& halt, core::WallTime now);

  core::Task<core::Result<std::vector<Halt>>> all() const;

 private:
  store::Database& database_;
};

}  // namespace preloop::approvals

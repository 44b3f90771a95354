#pragma once
#include "store/database.h"
#include "store/sqlite/connection.h"

#include <optional>
#include <span>
#include <vector>

namespace preloop::store::sqlite {

/// A unit and, once its transaction has ended, what became of it.
struct BatchItem {
  const Unit* unit = nullptr;
  std::optional<core::Status> outcome;
};

/// Runs units in order in one transaction, as if each were alone (decision 18): one whose guard
/// does not hold is skipped, one that fails is left out and the others run again, because
/// savepoints would cost every batch what only a rare one needs. Returns an error when the storage
/// failed: then nothing is known about items without an outcome, and the connection must be thrown
/// away. `sealer` may be null when no unit has drafts. Blocks.
core::Status run_batch(Connection& connection, Sealer* sealer, std::span<BatchItem> items);

}  // namespace preloop::store::sqlite

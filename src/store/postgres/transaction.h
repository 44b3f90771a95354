#pragma once
#include "core/id.h"
#include "core/result.h"
#include "core/task.h"
#include "store/database.h"
#include "store/postgres/connection.h"
#include "store/postgres/waker.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace preloop::store::postgres {

/// A unit on its way through the writer.
struct CommitJob {
  Unit unit;
  Durability durability = Durability::standard;
  core::Status result;  ///< written before `waker.wake()`
  Waker waker;
};
using Jobs = std::vector<std::shared_ptr<CommitJob>>;

/// Who writes, as the transaction needs it.
struct WriterSession {
  core::Uuid id;     ///< of this connection's row in store_writer
  std::string node;  ///< what this process calls itself in notifications
  Sealer* sealer = nullptr;
};

/// How one transaction with several units ended.
struct Attempt {
  enum class End : std::uint8_t {
    committed,
    rolled_back,  ///< nothing of it is stored
    in_doubt,     ///< the connection went with the COMMIT; the sealer still waits for its verdict
  };
  End end = End::rolled_back;
  std::vector<core::Status> verdicts;  ///< of each unit if it commits: success or `aborted`
  bool announces = false;
  bool sealing = false;  ///< the sealer has begun and has no verdict
  core::Error error;     ///< why it was rolled back
  Remedy remedy = Remedy::none;
};

/// Writes the units in one transaction: BEGIN, the head, all guards; then the statements and drafts
/// of the units whose guard held, and COMMIT. Two round trips, one when there is no guard.
///
/// The head is this session's row in store_writer. Its update is the lock and the record in one: it
/// holds the `batch` id if and only if the transaction committed, and it fails when the row is
/// closed, which is how a successor stops a transaction of a lost session that has yet to begin.
core::Task<Attempt> write_together(Connection& connection,
                                   const WriterSession& session,
                                   const core::Uuid& batch,
                                   const Jobs& jobs);

}  // namespace preloop::store::postgres

#pragma once
#include "core/clock.h"
#include "core/result.h"
#include "core/task.h"
#include "store/database.h"
#include "store/postgres/codec.h"
#include "store/postgres/endpoint.h"
#include "store/postgres/server_error.h"
#include "store/postgres/socket_wait.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

struct pg_conn;

namespace preloop::store::postgres {

/// One command of a pipeline. What it borrows must live while `run` is awaited.
struct Command {
  enum class Kind : std::uint8_t {
    prepared,  ///< `sql` is a literal: parsed once a session, found again by its address
    direct,    ///< sent as text without parameters: BEGIN and COMMIT cannot be prepared
  };
  const char* sql;
  std::span<const Value> parameters;
  Kind kind = Kind::prepared;
};

/// What one command that succeeded gave.
struct Answer {
  Rows rows;
  std::int64_t touched = 0;  ///< rows inserted, updated, deleted or selected
};

/// How a pipeline ended: the answers of the commands before the first refused one, and the refusal.
/// After one the server skips the rest of the pipeline; an open transaction must be rolled back.
struct Outcome {
  std::vector<Answer> answers;
  std::optional<core::Error> refusal;
  Remedy remedy = Remedy::none;
};

/// One session with the server, without blocking: libpq in pipeline mode on the loop that opened
/// it. Belongs to that loop; one operation at a time.
///
/// Errors: `unavailable` from any operation means that the session is gone and `is_usable()` is
/// false. Cancellation: an operation that is cancelled breaks the session, because its answers are
/// still on the way. Lifetimes: destroy it only when no operation runs.
class Connection {
 public:
  /// Connects and signs in before `deadline`. `parameters` as Endpoint::resolve gives them;
  /// `endpoint` must outlive the connection.
  static core::Task<core::Result<std::unique_ptr<Connection>>> open(
      const Endpoint& endpoint, const std::vector<Parameter>& parameters, core::MonoTime deadline);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Sends the commands as one pipeline and reads the answers. Statements new to this session are
  /// prepared first, in a pipeline of their own.
  core::Task<core::Result<Outcome>> run(std::span<const Command> commands, core::MonoTime deadline);
  /// One command; a refusal becomes the error.
  core::Task<core::Result<Answer>> run_one(Command command, core::MonoTime deadline);
  /// Runs SQL text of several statements (migrations) as the simple protocol does.
  core::Task<core::Status> run_script(std::string sql, core::MonoTime deadline);
  /// Waits for a notification (LISTEN) and returns its payload.
  core::Task<core::Result<std::string>> next_notification(core::MonoTime deadline);

  /// False when the server was seen to be gone; looks at what has arrived on the socket.
  bool is_usable();
  bool is_in_transaction() const;

 private:
  struct Prepared {
    std::string name;
    std::vector<Oid> parameters;
    int result_format = 0;
  };
  struct Clear {
    void operator()(pg_result* result) const;
  };
  using ResultHandle = std::unique_ptr<pg_result, Clear>;
  struct Finish {
    void operator()(pg_conn* connection) const;
  };

  Connection(pg_conn* connection,
             const Endpoint& endpoint,
             const boost::asio::any_io_executor& executor);
  core::Task<core::Status> establish(core::MonoTime deadline);
  core::Task<core::Status> prepare(std::span<const Command> commands,
                                   Outcome& outcome,
                                   core::MonoTime deadline);
  core::Task<core::Status> wait(SocketWait::Interest interest, core::MonoTime deadline);
  core::Task<core::Status> flush(core::MonoTime deadline);
  core::Task<core::Result<std::vector<ResultHandle>>> collect(std::size_t commands,
                                                              core::MonoTime deadline);
  core::Task<core::Result<ResultHandle>> next_result(core::MonoTime deadline);
  std::unexpected<core::Error> lost(std::string_view what);

  const Endpoint& endpoint_;
  std::unique_ptr<pg_conn, Finish> connection_;
  SocketWait socket_;  // after it, so that it lets go of the socket first
  std::unordered_map<const char*, Prepared> prepared_;
  std::uint64_t last_name_ = 0;
  bool broken_ = false;
};

}  // namespace preloop::store::postgres

#include "store/postgres/connection.h"

#include "core/log.h"

#include <boost/asio/this_coro.hpp>
#include <libpq-fe.h>

#include <cstdlib>
#include <set>
#include <utility>

namespace preloop::store::postgres {
namespace asio = boost::asio;
using core::Code;
using core::MonoTime;
using core::Task;

namespace {

std::string field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text != nullptr ? text : "";
}

/// The server ends the session after such an error, and says nothing about a COMMIT on its way.
bool ends_session(const PGresult* result) {
  const std::string severity = field(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  return severity == "FATAL" || severity == "PANIC";
}

bool succeeded(const PGresult* result) {
  const ExecStatusType status = PQresultStatus(result);
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

void refuse(const PGresult* result, Outcome& outcome) {
  const ServerError error{field(result, PG_DIAG_SQLSTATE), field(result, PG_DIAG_MESSAGE_PRIMARY)};
  outcome.refusal = to_error(error);
  outcome.remedy = remedy_of(error);
}

void log_notice(void*, const PGresult* result) {
  core::log::info("PostgreSQL notice",
                  {{"severity", field(result, PG_DIAG_SEVERITY_NONLOCALIZED)},
                   {"message", field(result, PG_DIAG_MESSAGE_PRIMARY)}});
}

std::int64_t touched_by(PGresult* result) {
  return std::atoll(PQcmdTuples(result));
}

}  // namespace

void Connection::Clear::operator()(pg_result* result) const {
  PQclear(result);
}
void Connection::Finish::operator()(pg_conn* connection) const {
  PQfinish(connection);
}

Connection::~Connection() = default;

Connection::Connection(pg_conn* connection,
                       const Endpoint& endpoint,
                       const asio::any_io_executor& executor)
    : endpoint_(endpoint), connection_(connection), socket_(executor) {}

std::unexpected<core::Error> Connection::lost(std::string_view what) {
  broken_ = true;
  return core::fail(Code::unavailable,
                    "the connection to PostgreSQL was lost: " + endpoint_.scrub(what));
}

Task<core::Result<std::unique_ptr<Connection>>> Connection::open(
    const Endpoint& endpoint, const std::vector<Parameter>& parameters, MonoTime deadline) {
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  for (const Parameter& parameter : parameters) {
    keywords.push_back(parameter.keyword.c_str());
    values.push_back(parameter.value.reveal().c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  pg_conn* raw = PQconnectStartParams(keywords.data(), values.data(), 0);
  if (raw == nullptr) {
    co_return core::fail(Code::resource_exhausted, "out of memory for a database connection");
  }
  std::unique_ptr<Connection> connection(
      new Connection(raw, endpoint, co_await asio::this_coro::executor));
  PQsetNoticeReceiver(raw, log_notice, nullptr);
  if (auto done = co_await connection->establish(deadline); !done) {
    co_return std::unexpected(std::move(done).error());
  }
  co_return connection;
}

Task<core::Status> Connection::establish(MonoTime deadline) {
  PostgresPollingStatusType next = PGRES_POLLING_WRITING;
  while (next != PGRES_POLLING_OK) {
    if (next == PGRES_POLLING_FAILED || PQstatus(connection_.get()) == CONNECTION_BAD) {
      broken_ = true;
      co_return core::fail(
          Code::unavailable,
          "cannot connect to PostgreSQL: " + endpoint_.scrub(PQerrorMessage(connection_.get())));
    }
    // libpq goes through hosts and TLS on its own: the socket may be another after every poll.
    if (!socket_.watch(PQsocket(connection_.get()))) {
      co_return lost("no descriptor left for its socket");
    }
    const auto interest =
        next == PGRES_POLLING_READING ? SocketWait::Interest::read : SocketWait::Interest::write;
    PRELOOP_CO_CHECK(co_await wait(interest, deadline));
    next = PQconnectPoll(connection_.get());
  }
  if (!socket_.watch(PQsocket(connection_.get()))) {
    co_return lost("no descriptor left for its socket");
  }
  const char* encoding = PQparameterStatus(connection_.get(), "server_encoding");
  if (PQserverVersion(connection_.get()) < 150000 || encoding == nullptr ||
      std::string_view(encoding) != "UTF8") {
    broken_ = true;
    co_return core::fail(Code::failed_precondition,
                         "PostgreSQL 15 or newer with a database in UTF8 is needed");
  }
  if (PQsetnonblocking(connection_.get(), 1) != 0 || PQenterPipelineMode(connection_.get()) != 1) {
    co_return lost(PQerrorMessage(connection_.get()));
  }
  co_return core::Status();
}

Task<core::Status> Connection::wait(SocketWait::Interest interest, MonoTime deadline) {
  switch (co_await socket_.wait(interest, deadline)) {
    case core::Outcome::in_time:
      co_return core::Status();
    case core::Outcome::late:
      co_return lost("no answer in time");
    case core::Outcome::cancelled:
      break;
  }
  co_return lost("given up");
}

Task<core::Status> Connection::flush(MonoTime deadline) {
  int left = PQflush(connection_.get());
  while (left > 0) {
    // Also for reading: the server stops reading when nobody takes its answers.
    PRELOOP_CO_CHECK(co_await wait(SocketWait::Interest::both, deadline));
    if (PQconsumeInput(connection_.get()) == 0) {
      co_return lost(PQerrorMessage(connection_.get()));
    }
    left = PQflush(connection_.get());
  }
  co_return left == 0 ? core::Status() : lost(PQerrorMessage(connection_.get()));
}

/// The next result, null between commands. A session that ends is an error here.
Task<core::Result<Connection::ResultHandle>> Connection::next_result(MonoTime deadline) {
  while (PQisBusy(connection_.get()) != 0) {
    PRELOOP_CO_CHECK(co_await wait(SocketWait::Interest::read, deadline));
    if (PQconsumeInput(connection_.get()) == 0) {
      co_return lost(PQerrorMessage(connection_.get()));
    }
  }
  ResultHandle result(PQgetResult(connection_.get()));
  if (result && PQresultStatus(result.get()) == PGRES_FATAL_ERROR &&
      (ends_session(result.get()) || PQstatus(connection_.get()) == CONNECTION_BAD)) {
    co_return lost(PQresultErrorMessage(result.get()));
  }
  if (!result && PQstatus(connection_.get()) == CONNECTION_BAD) {
    co_return lost(PQerrorMessage(connection_.get()));
  }
  co_return result;
}

Task<core::Result<std::vector<Connection::ResultHandle>>> Connection::collect(std::size_t commands,
                                                                              MonoTime deadline) {
  if (PQpipelineSync(connection_.get()) != 1) {
    co_return lost(PQerrorMessage(connection_.get()));
  }
  PRELOOP_CO_CHECK(co_await flush(deadline));
  std::vector<ResultHandle> out;
  bool between = false;
  while (true) {
    PRELOOP_CO_TRY(ResultHandle result, co_await next_result(deadline));
    if (!result) {
      if (std::exchange(between, true)) {
        co_return lost("it lost count of the answers");
      }
      continue;
    }
    between = false;
    if (PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC) {
      break;
    }
    out.push_back(std::move(result));
  }
  if (out.size() != commands) {
    co_return lost("answers and commands do not match");
  }
  co_return out;
}

Task<core::Status> Connection::prepare(std::span<const Command> commands,
                                       Outcome& outcome,
                                       MonoTime deadline) {
  std::set<const char*> unknown;
  for (const Command& command : commands) {
    if (command.kind == Command::Kind::prepared && !prepared_.contains(command.sql)) {
      unknown.insert(command.sql);
    }
  }
  if (unknown.empty()) {
    co_return core::Status();
  }
  // Names are never used twice: a statement refused here may still be known to the server.
  std::vector<std::string> names;
  for (const char* sql : unknown) {
    const std::string& name = names.emplace_back("s" + std::to_string(++last_name_));
    if (PQsendPrepare(connection_.get(), name.c_str(), sql, 0, nullptr) != 1 ||
        PQsendDescribePrepared(connection_.get(), name.c_str()) != 1) {
      co_return lost(PQerrorMessage(connection_.get()));
    }
  }
  PRELOOP_CO_TRY(const std::vector<ResultHandle> results,
                 co_await collect(2 * unknown.size(), deadline));
  std::size_t at = 0;
  for (const char* sql : unknown) {
    const PGresult* parsed = results[2 * at].get();
    const PGresult* described = results[2 * at + 1].get();
    if (!succeeded(parsed) || !succeeded(described)) {
      refuse(succeeded(parsed) ? described : parsed, outcome);
      break;
    }
    Prepared entry{names[at++], {}, 0};
    for (int i = 0; i < PQnparams(described); ++i) {
      entry.parameters.push_back(PQparamtype(described, i));
    }
    std::vector<Oid> columns;
    columns.reserve(static_cast<std::size_t>(PQnfields(described)));
    for (int i = 0; i < PQnfields(described); ++i) {
      columns.push_back(PQftype(described, i));
    }
    entry.result_format = result_format(columns);
    prepared_.emplace(sql, std::move(entry));
  }
  co_return core::Status();
}

Task<core::Result<Outcome>> Connection::run(std::span<const Command> commands, MonoTime deadline) {
  if (broken_) {
    co_return lost("it is closed");
  }
  Outcome outcome;
  PRELOOP_CO_CHECK(co_await prepare(commands, outcome, deadline));
  if (outcome.refusal) {
    co_return outcome;
  }
  // All are encoded before the first is sent: a misfit then costs the caller's command only.
  std::vector<EncodedParameters> encoded;
  for (const Command& command : commands) {
    auto parameters =
        command.kind == Command::Kind::direct
            ? EncodedParameters()
            : EncodedParameters::encode(command.parameters, prepared_.at(command.sql).parameters);
    if (!parameters) {
      outcome.refusal = std::move(parameters).error();
      co_return outcome;
    }
    encoded.push_back(std::move(*parameters));
  }
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const Command& command = commands[i];
    int sent = 0;
    if (command.kind == Command::Kind::direct) {
      sent = PQsendQueryParams(connection_.get(),
                               command.sql,
                               0,
                               nullptr,
                               nullptr,
                               nullptr,
                               nullptr,
                               /*resultFormat=*/0);
    } else {
      const Prepared& prepared = prepared_.at(command.sql);
      sent = PQsendQueryPrepared(connection_.get(),
                                 prepared.name.c_str(),
                                 encoded[i].count(),
                                 encoded[i].data(),
                                 encoded[i].lengths(),
                                 encoded[i].formats(),
                                 prepared.result_format);
    }
    if (sent != 1) {
      co_return lost(PQerrorMessage(connection_.get()));
    }
  }
  PRELOOP_CO_TRY(const std::vector<ResultHandle> results,
                 co_await collect(commands.size(), deadline));
  for (const ResultHandle& result : results) {
    if (!succeeded(result.get())) {
      refuse(result.get(), outcome);
      break;
    }
    auto rows = decode(result.get());
    if (!rows) {
      outcome.refusal = std::move(rows).error();
      break;
    }
    outcome.answers.push_back(Answer{std::move(*rows), touched_by(result.get())});
  }
  co_return outcome;
}

Task<core::Result<Answer>> Connection::run_one(Command command, MonoTime deadline) {
  PRELOOP_CO_TRY(Outcome outcome, co_await run(std::span(&command, 1), deadline));
  if (outcome.refusal) {
    broken_ = broken_ || outcome.remedy == Remedy::reconnect;
    co_return std::unexpected(std::move(*outcome.refusal));
  }
  co_return std::move(outcome.answers.front());
}

Task<core::Status> Connection::run_script(std::string sql, MonoTime deadline) {
  if (PQexitPipelineMode(connection_.get()) != 1 ||
      PQsendQuery(connection_.get(), sql.c_str()) != 1) {
    co_return lost(PQerrorMessage(connection_.get()));
  }
  PRELOOP_CO_CHECK(co_await flush(deadline));
  Outcome outcome;
  while (true) {
    PRELOOP_CO_TRY(const ResultHandle result, co_await next_result(deadline));
    if (!result) {
      break;
    }
    if (!succeeded(result.get()) && !outcome.refusal) {
      refuse(result.get(), outcome);
    }
  }
  if (PQenterPipelineMode(connection_.get()) != 1) {
    co_return lost(PQerrorMessage(connection_.get()));
  }
  if (outcome.refusal) {
    co_return std::unexpected(std::move(*outcome.refusal));
  }
  co_return core::Status();
}

Task<core::Result<std::string>> Connection::next_notification(MonoTime deadline) {
  while (true) {
    if (PQconsumeInput(connection_.get()) == 0) {
      co_return lost(PQerrorMessage(connection_.get()));
    }
    if (PGnotify* const notification = PQnotifies(connection_.get()); notification != nullptr) {
      std::string payload = notification->extra;
      PQfreemem(notification);
      co_return payload;
    }
    PRELOOP_CO_CHECK(co_await wait(SocketWait::Interest::read, deadline));
  }
}

bool Connection::is_usable() {
  // Twice: the first read may take the server's farewell, the second then sees the end.
  broken_ = broken_ || PQstatus(connection_.get()) != CONNECTION_OK ||
            PQconsumeInput(connection_.get()) == 0 || PQconsumeInput(connection_.get()) == 0;
  return !broken_;
}

bool Connection::is_in_transaction() const {
  return PQtransactionStatus(connection_.get()) != PQTRANS_IDLE;
}

}  // namespace preloop::store::postgres

#include "store/postgres/writer.h"

#include "core/log.h"

#include <utility>

namespace preloop::store::postgres {
namespace {

using namespace std::chrono_literals;
using core::Code;
using core::Task;

constexpr std::size_t k_most_queued = 8'192;
constexpr std::size_t k_largest_batch = 256;
constexpr int k_tries_alone = 3;
constexpr auto k_patience = 30s;
constexpr auto k_longest_doubt = 30s;
/// Rows of sessions that ended without a successor; a live session is younger or reconnects.
constexpr auto k_session_age = std::chrono::hours(24 * 30);

constexpr const char* k_open_session =
    "INSERT INTO store_writer (id, batch, opened_at, backend, backend_start) "
    "SELECT $1, $1, $2, pid, (extract(epoch FROM backend_start) * 1000000)::bigint "
    "FROM pg_stat_activity WHERE pid = pg_backend_pid()";
constexpr const char* k_forget_old_sessions = "DELETE FROM store_writer WHERE opened_at < $1";
// A backend that hangs on a dead line would keep the row's lock until its own timeouts.
constexpr const char* k_end_backend =
    "SELECT pg_terminate_backend(activity.pid) FROM pg_stat_activity AS activity "
    "JOIN store_writer AS writer ON activity.pid = writer.backend "
    "AND (extract(epoch FROM activity.backend_start) * 1000000)::bigint = writer.backend_start "
    "WHERE writer.id = $1 AND activity.pid <> pg_backend_pid()";
constexpr const char* k_close_session =
    "UPDATE store_writer SET closed = 1 WHERE id = $1 RETURNING batch";
constexpr const char* k_forget_session = "DELETE FROM store_writer WHERE id = $1";

Value value_of(const core::Uuid& id) {
  return Blob{std::string(id.as_bytes())};
}

}  // namespace

Writer::Writer(core::Loop& owner,
               Connector& connector,
               const core::Clock& clock,
               const CommitListener& listener,
               std::string node)
    : owner_(owner),
      connector_(connector),
      clock_(clock),
      listener_(listener),
      node_(std::move(node)),
      jobs_(owner.executor(), k_most_queued),
      closing_(owner.executor()) {}

Task<core::Status> Writer::commit(Unit unit, Durability durability) {
  if (closed_) {
    co_return core::fail(Code::unavailable, "the store is closed");
  }
  if (refusing_) {
    co_return core::fail(Code::unavailable, problem());
  }
  if (queued_.fetch_add(1) >= k_most_queued) {
    --queued_;
    co_return core::fail(Code::resource_exhausted, "too many writes are waiting; retry later");
  }
  auto job = std::make_shared<CommitJob>();
  job->unit = std::move(unit);
  job->durability = durability;
  co_await job->waker.suspend(Waker::Patience::stays,
                              [this, job] { owner_.post([this, job] { accept(job); }); });
  co_return std::move(job->result);
}

void Writer::accept(const std::shared_ptr<CommitJob>& job) {
  if (!jobs_.try_push(job)) {
    answer(*job, core::fail(Code::unavailable, "the store is closed"));
  }
}

void Writer::answer(CommitJob& job, core::Status result) {
  job.result = std::move(result);
  --queued_;
  job.waker.wake();
}

void Writer::answer_all(const Jobs& jobs, const core::Error& error) {
  for (const auto& job : jobs) {
    answer(*job, std::unexpected(error));
  }
}

Health Writer::health() const {
  Health out;
  out.writable = !refusing_ && !closed_;
  out.problem = out.writable ? "" : problem();
  out.queued_units = queued_;
  out.units_committed = units_;
  out.batches_committed = batches_;
  return out;
}

Task<core::Status> Writer::start() {
  const core::WallTime oldest = clock_.wall() - k_session_age;
  PRELOOP_CO_CHECK(co_await ensure_session());
  const std::vector<Value> parameters = {value(oldest)};
  PRELOOP_CO_CHECK(
      co_await connection_->run_one({k_forget_old_sessions, parameters}, within(k_patience)));
  co_return core::Status();
}

void Writer::close() {
  closed_ = true;
  set_problem("the store is closed");
  jobs_.close();
  closing_.set();
}

Task<void> Writer::run() {
  while (true) {
    auto ready = co_await ensure_session();
    if (!ready) {
      co_await wait_for_server(std::move(ready).error());
      if (closed_ && jobs_.size() == 0) {
        break;
      }
      continue;
    }
    auto job = co_await jobs_.pop();
    if (!job) {
      break;
    }
    Jobs batch;
    for (; job; job = batch.size() < k_largest_batch ? jobs_.try_pop() : std::nullopt) {
      batch.push_back(std::move(*job));
    }
    co_await write(std::move(batch));
  }
  if (doubt_) {
    if (!doubt_->jobs.empty()) {
      answer_unknown();
    }
    if (Sealer* const sealer = sealer_; doubt_->attempt.sealing) {
      sealer->rolled_back();
    }
    doubt_.reset();
  }
  if (connection_ && connection_->is_usable()) {
    const std::vector<Value> parameters = {value_of(session_)};
    static_cast<void>(
        co_await connection_->run_one({k_forget_session, parameters}, within(k_patience)));
  }
  connection_.reset();
}

/// Answers everything that waits, then stays away for a while.
Task<void> Writer::wait_for_server(core::Error problem) {
  if (!refusing_) {
    core::log::error("the database cannot be written", {{"problem", problem.message}});
  }
  set_problem(problem.message);
  refusing_ = true;
  while (auto job = jobs_.try_pop()) {
    answer(**job, std::unexpected(core::Error{Code::unavailable, problem.message, {}}));
  }
  if (doubt_ && !doubt_->jobs.empty() &&
      std::chrono::steady_clock::now() - doubt_->since > k_longest_doubt) {
    answer_unknown();
  }
  if (!closed_) {
    co_await closing_.wait_until(back_off_.next());
  }
}

Task<core::Status> Writer::ensure_session() {
  if (connection_ && connection_->is_usable()) {
    co_return core::Status();
  }
  connection_.reset();
  PRELOOP_CO_TRY(connection_, co_await connector_.connect(Role::writer));
  auto begun = co_await begin_session();
  if (begun) {
    back_off_.reset();
    if (refusing_.exchange(false)) {
      core::log::info("the database can be written again");
    }
  } else {
    connection_.reset();
  }
  if (doubt_ && doubt_->stored) {
    settle(*doubt_->stored);
  }
  co_return begun;
}

/// Takes over from the session before: once its row is closed it can commit nothing any more, and
/// the row says what it had committed last. May be cut off and repeated at any point.
Task<core::Status> Writer::begin_session() {
  if (!session_.is_nil()) {
    const std::vector<Value> old = {value_of(session_)};
    PRELOOP_CO_CHECK(co_await connection_->run_one({k_end_backend, old}, within(k_patience)));
    PRELOOP_CO_TRY(const Answer closed,
                   co_await connection_->run_one({k_close_session, old}, within(k_patience)));
    if (doubt_) {
      doubt_->stored =
          !closed.rows.empty() && closed.rows.front().front() == value_of(doubt_->batch);
    }
    PRELOOP_CO_CHECK(co_await connection_->run_one({k_forget_session, old}, within(k_patience)));
    session_ = {};
  }
  const core::WallTime now = clock_.wall();
  const core::Uuid session = core::Uuid::v7(now);
  const std::vector<Value> row = {value_of(session), value(now)};
  PRELOOP_CO_CHECK(co_await connection_->run_one({k_open_session, row}, within(k_patience)));
  session_ = session;
  co_return core::Status();
}

void Writer::settle(bool stored) {
  Doubt doubt = std::move(*doubt_);
  doubt_.reset();
  core::log::warn("a commit was cut off", {{"stored", stored}, {"units", doubt.jobs.size()}});
  if (Sealer* const sealer = sealer_; doubt.attempt.sealing) {
    stored ? sealer->committed() : sealer->rolled_back();
  }
  if (stored) {
    finish(doubt.jobs, doubt.attempt);
  } else {
    answer_all(doubt.jobs, doubt.attempt.error);
  }
}

/// Lets the callers go; the sealer still gets its verdict when the server is back.
void Writer::answer_unknown() {
  core::log::error("a commit was cut off and nobody knows whether it is stored",
                   {{"units", doubt_->jobs.size()}});
  answer_all(std::exchange(doubt_->jobs, {}),
             {Code::deadline_exceeded,
              "the connection to PostgreSQL was lost in a commit and it is not known whether it "
              "was stored",
              {}});
}

/// One transaction; nothing when there is no session for it.
Task<std::optional<Attempt>> Writer::attempt(const Jobs& jobs) {
  if (auto ready = co_await ensure_session(); !ready) {
    answer_all(jobs, {Code::unavailable, ready.error().message, {}});
    co_return std::nullopt;
  }
  const WriterSession session{session_, node_, sealer_};
  const core::Uuid batch = core::Uuid::v7(clock_.wall());
  Attempt attempt = co_await write_together(*connection_, session, batch, jobs);
  if (attempt.remedy == Remedy::reconnect) {
    connection_.reset();
  }
  if (attempt.end == Attempt::End::in_doubt) {
    doubt_ = Doubt{batch, jobs, std::move(attempt), std::chrono::steady_clock::now()};
    co_return std::nullopt;
  }
  co_return attempt;
}

void Writer::finish(const Jobs& jobs, const Attempt& attempt) {
  ++batches_;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    units_ += attempt.verdicts[i] ? 1 : 0;
    answer(*jobs[i], attempt.verdicts[i]);
  }
  if (attempt.announces) {
    listener_.call();
  }
}

Task<void> Writer::write(Jobs jobs) {
  const auto attempt = co_await this->attempt(jobs);
  if (!attempt) {
    co_return;
  }
  if (attempt->end == Attempt::End::committed) {
    finish(jobs, *attempt);
    co_return;
  }
  for (const auto& job : jobs) {
    co_await write_alone(job);
  }
}

Task<void> Writer::write_alone(std::shared_ptr<CommitJob> job) {
  const Jobs jobs = {job};
  for (int tries = 1;; ++tries) {
    const auto attempt = co_await this->attempt(jobs);
    if (!attempt) {
      co_return;
    }
    if (attempt->end == Attempt::End::committed) {
      finish(jobs, *attempt);
      co_return;
    }
    if (attempt->remedy == Remedy::none || tries == k_tries_alone) {
      answer(*job, std::unexpected(attempt->error));
      co_return;
    }
  }
}

void Writer::set_problem(std::string problem) {
  const std::lock_guard lock(problem_mutex_);
  problem_ = std::move(problem);
}

std::string Writer::problem() const {
  const std::lock_guard lock(problem_mutex_);
  return problem_;
}

}  // namespace preloop::store::postgres

#include "store/postgres/reader_pool.h"

#include <utility>

namespace preloop::store::postgres {
namespace {

using namespace std::chrono_literals;
using core::Code;
using core::Task;

constexpr std::size_t k_most_waiting = 1'024;
constexpr auto k_patience = 35s;  // the session's statement_timeout is 30 s

}  // namespace

ReaderPool::ReaderPool(core::Loop& owner, Connector& connector, std::size_t size)
    : owner_(owner), connector_(connector), size_(size), scope_(owner.executor()) {}

Task<core::Result<Rows>> ReaderPool::query(Statement statement) {
  if (stopped_) {
    co_return core::fail(Code::unavailable, "the store is closed");
  }
  if (waiting_.fetch_add(1) >= k_most_waiting) {
    --waiting_;
    co_return core::fail(Code::resource_exhausted, "too many reads are waiting; retry later");
  }
  auto job = std::make_shared<Job>(std::move(statement));
  const auto ended = co_await job->waker.suspend(
      Waker::Patience::may_leave, [this, job] { owner_.post([this, job] { accept(job); }); });
  if (ended == Waker::Ended::left) {
    co_return core::fail(Code::cancelled, "the caller went away");
  }
  co_return std::move(job->result);
}

void ReaderPool::accept(std::shared_ptr<Job> job) {
  if (working_ == size_) {
    queue_.push_back(std::move(job));
    return;
  }
  ++working_;
  scope_.spawn("store read", work(std::move(job)));
}

Task<void> ReaderPool::work(std::shared_ptr<Job> job) {
  std::unique_ptr<Connection> connection;
  if (!idle_.empty()) {
    connection = std::move(idle_.back());
    idle_.pop_back();
  }
  while (job) {
    if (!job->waker.left()) {
      job->result = co_await answer(connection, job->statement);
    }
    --waiting_;
    job->waker.wake();
    job = nullptr;
    if (!queue_.empty()) {
      job = std::move(queue_.front());
      queue_.pop_front();
    }
  }
  if (connection) {
    idle_.push_back(std::move(connection));
  }
  --working_;
}

Task<core::Result<Rows>> ReaderPool::answer(std::unique_ptr<Connection>& connection,
                                            const Statement& statement) {
  if (connection && !connection->is_usable()) {
    connection.reset();
  }
  if (!connection) {
    if (std::chrono::steady_clock::now() < not_before_) {
      co_return core::fail(Code::unavailable, problem_);
    }
    auto opened = co_await connector_.connect(Role::reader);
    if (!opened) {
      not_before_ = back_off_.next();
      problem_ = opened.error().message;
      co_return core::fail(Code::unavailable, problem_);
    }
    connection = std::move(*opened);
    back_off_.reset();
  }
  const Command command{statement.sql.postgresql, statement.parameters, Command::Kind::prepared};
  PRELOOP_CO_TRY(Answer answer, co_await connection->run_one(command, within(k_patience)));
  co_return std::move(answer.rows);
}

Task<void> ReaderPool::stop() {
  stopped_ = true;
  co_await scope_.idle();
  idle_.clear();
}

}  // namespace preloop::store::postgres

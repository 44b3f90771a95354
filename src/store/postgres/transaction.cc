#include "store/postgres/transaction.h"

#include "store/postgres/connector.h"

#include <algorithm>
#include <utility>

namespace preloop::store::postgres {
namespace {

using namespace std::chrono_literals;
using Kind = Command::Kind;

constexpr auto k_patience = 60s;

// Division by zero is how plain SQL fails on a missing row.
constexpr const char* k_head =
    "WITH head AS (UPDATE store_writer SET batch = $2 WHERE id = $1 AND closed = 0 RETURNING 1) "
    "SELECT 1 / count(*) FROM head";
constexpr const char* k_notify = "SELECT pg_notify('preloop_event', $1)";

Command command(const Statement& statement) {
  return Command{statement.sql.postgresql, statement.parameters, Kind::prepared};
}

class Transaction {
 public:
  Transaction(Connection& connection,
              const WriterSession& session,
              const core::Uuid& batch,
              const Jobs& jobs)
      : connection_(connection), session_(session), jobs_(jobs) {
    head_ = {Blob{std::string(session.id.as_bytes())}, Blob{std::string(batch.as_bytes())}};
    notice_ = {session.node};
    attempt_.verdicts.resize(jobs.size());
  }

  core::Task<Attempt> write() {
    open();
    const bool guarded =
        std::ranges::any_of(jobs_, [](const auto& job) { return job->unit.guard.has_value(); });
    if (guarded) {
      if (!co_await ask_guards()) {
        co_return std::move(attempt_);
      }
      if (std::ranges::none_of(attempt_.verdicts, &core::Status::has_value)) {
        // Nothing to keep: each guard touched nothing, and the verdicts do not depend on a commit.
        co_await roll_back();
        attempt_.end = Attempt::End::committed;
        co_return std::move(attempt_);
      }
    }
    if (auto sealed = seal(); !sealed) {
      co_await give_up(std::move(sealed).error(), Remedy::none);
      co_return std::move(attempt_);
    }
    co_await finish();
    co_return std::move(attempt_);
  }

 private:
  void open() {
    commands_.push_back({"BEGIN", {}, Kind::direct});
    if (std::ranges::none_of(
            jobs_, [](const auto& job) { return job->durability == Durability::strict; })) {
      commands_.push_back({"SET LOCAL synchronous_commit = off", {}, Kind::direct});
    }
    head_place_ = commands_.size();
    commands_.push_back({k_head, head_, Kind::prepared});
  }

  /// False when the transaction is over.
  core::Task<bool> ask_guards() {
    const std::size_t first = commands_.size();
    for (const auto& job : jobs_) {
      if (job->unit.guard) {
        commands_.push_back(command(job->unit.guard->statement));
      }
    }
    auto outcome = co_await connection_.run(commands_, within(k_patience));
    if (!outcome) {
      attempt_.error = std::move(outcome).error();
      attempt_.remedy = Remedy::reconnect;
      co_return false;
    }
    if (outcome->refusal) {
      co_await give_up(std::move(*outcome->refusal), remedy(*outcome));
      co_return false;
    }
    commands_.clear();
    head_place_ = k_behind_us;
    std::size_t at = first;
    for (std::size_t i = 0; i < jobs_.size(); ++i) {
      if (!jobs_[i]->unit.guard) {
        continue;
      }
      const std::int64_t touched = outcome->answers[at++].touched;
      if (touched == jobs_[i]->unit.guard->expected_rows) {
        continue;
      }
      core::Error lost{core::Code::aborted, "the state changed before this was written", {}};
      if (touched != 0) {
        // What it did touch must be undone, and only the whole transaction can be.
        co_await give_up(std::move(lost), Remedy::none);
        co_return false;
      }
      attempt_.verdicts[i] = std::unexpected(std::move(lost));
    }
    co_return true;
  }

  core::Status seal() {
    for (std::size_t i = 0; i < jobs_.size(); ++i) {
      if (!attempt_.verdicts[i]) {
        continue;
      }
      for (const Draft& draft : jobs_[i]->unit.drafts) {
        if (session_.sealer == nullptr) {
          return core::fail(core::Code::internal, "a draft was written before there is a sealer");
        }
        if (!std::exchange(attempt_.sealing, true)) {
          session_.sealer->begin();
        }
        PRELOOP_TRY(std::vector<Statement> statements, session_.sealer->seal(draft));
        sealed_.push_back(std::move(statements));
      }
    }
    return {};
  }

  core::Task<void> finish() {
    for (std::size_t i = 0; i < jobs_.size(); ++i) {
      if (!attempt_.verdicts[i]) {
        continue;
      }
      attempt_.announces = attempt_.announces || jobs_[i]->unit.announces;
      for (const Statement& statement : jobs_[i]->unit.statements) {
        commands_.push_back(command(statement));
      }
    }
    for (const std::vector<Statement>& statements : sealed_) {
      for (const Statement& statement : statements) {
        commands_.push_back(command(statement));
      }
    }
    if (attempt_.announces) {
      commands_.push_back({k_notify, notice_, Kind::prepared});
    }
    commands_.push_back({"COMMIT", {}, Kind::direct});
    auto outcome = co_await connection_.run(commands_, within(k_patience));
    if (!outcome) {
      attempt_.end = Attempt::End::in_doubt;
      attempt_.error = std::move(outcome).error();
      attempt_.remedy = Remedy::reconnect;
    } else if (outcome->refusal) {
      co_await give_up(std::move(*outcome->refusal), remedy(*outcome));
    } else {
      attempt_.end = Attempt::End::committed;
      if (std::exchange(attempt_.sealing, false)) {
        session_.sealer->committed();
      }
    }
  }

  /// A session whose row is gone cannot write any more.
  Remedy remedy(const Outcome& outcome) const {
    return outcome.answers.size() == head_place_ ? Remedy::reconnect : outcome.remedy;
  }

  core::Task<void> give_up(core::Error error, Remedy remedy) {
    attempt_.error = std::move(error);
    attempt_.remedy = remedy;
    if (std::exchange(attempt_.sealing, false)) {
      session_.sealer->rolled_back();
    }
    co_await roll_back();
  }

  core::Task<void> roll_back() {
    if (connection_.is_in_transaction()) {
      // When this fails the session is gone and the server rolls back by itself.
      static_cast<void>(
          co_await connection_.run_one({"ROLLBACK", {}, Kind::direct}, within(k_patience)));
    }
  }

  static constexpr std::size_t k_behind_us = static_cast<std::size_t>(-1);

  Connection& connection_;
  const WriterSession& session_;
  const Jobs& jobs_;
  std::vector<Value> head_;
  std::vector<Value> notice_;
  std::vector<Command> commands_;
  std::size_t head_place_ = 0;
  std::vector<std::vector<Statement>> sealed_;
  Attempt attempt_;
};

}  // namespace

core::Task<Attempt> write_together(Connection& connection,
                                   const WriterSession& session,
                                   const core::Uuid& batch,
                                   const Jobs& jobs) {
  Transaction transaction(connection, session, batch, jobs);
  co_return co_await transaction.write();
}

}  // namespace preloop::store::postgres

#include "store/sqlite/batch.h"

#include <cstddef>
#include <cstdint>
#include <utility>

namespace preloop::store::sqlite {
namespace {

/// Leaving out one unit costs a run of the others; with more bad ones each unit runs alone.
constexpr int k_reruns = 4;

const Statement k_begin = statement("BEGIN IMMEDIATE");
const Statement k_commit = statement("COMMIT");
const Statement k_rollback = statement("ROLLBACK");

/// Tells the sealer how the transaction ended, if it was begun.
class Seals {
 public:
  explicit Seals(Sealer* sealer) : sealer_(sealer) {}

  core::Result<std::vector<Statement>> seal(const Draft& draft) {
    if (sealer_ == nullptr) {
      return core::fail(core::Code::failed_precondition, "no sealer for the unit's records");
    }
    if (!std::exchange(begun_, true)) {
      sealer_->begin();
    }
    return sealer_->seal(draft);
  }
  void committed() {
    if (std::exchange(begun_, false)) {
      sealer_->committed();
    }
  }
  void rolled_back() {
    if (std::exchange(begun_, false)) {
      sealer_->rolled_back();
    }
  }

 private:
  Sealer* sealer_;
  bool begun_ = false;
};

/// What running a unit's statements showed.
struct Step {
  enum class Kind : std::uint8_t {
    done,
    skipped,  ///< its guard changed nothing: nothing to undo
    refused,  ///< its own fault: to be undone
    fault,    ///< the storage's
  };
  Kind kind = Kind::done;
  core::Error error;
};

Step failed(core::Error error) {
  const auto kind = is_storage_fault(error.code) ? Step::Kind::fault : Step::Kind::refused;
  return {kind, std::move(error)};
}

Step run_unit(Connection& connection, Seals& seals, const Unit& unit) {
  if (unit.guard) {
    const auto touched = connection.execute(unit.guard->statement);
    if (!touched) {
      return failed(touched.error());
    }
    if (*touched != unit.guard->expected_rows) {
      return {*touched == 0 ? Step::Kind::skipped : Step::Kind::refused,
              {core::Code::aborted, "a concurrent change won", {}}};
    }
  }
  for (const Statement& next : unit.statements) {
    if (const auto done = connection.execute(next); !done) {
      return failed(done.error());
    }
  }
  for (const Draft& draft : unit.drafts) {
    const auto sealed = seals.seal(draft);
    if (!sealed) {
      return {Step::Kind::refused, sealed.error()};
    }
    for (const Statement& next : *sealed) {
      if (const auto done = connection.execute(next); !done) {
        return failed(done.error());
      }
    }
  }
  return {};
}

class Batch {
 public:
  Batch(Connection& connection, Sealer* sealer) : connection_(connection), seals_(sealer) {}

  /// One transaction with `items`. True: it committed and all have outcomes. False: it was rolled
  /// back; at most one item got an outcome, the others are to run again.
  core::Result<bool> run_once(std::span<BatchItem* const> items) {
    PRELOOP_CHECK(connection_.execute(k_begin));
    std::vector<core::Status> outcomes(items.size());
    for (std::size_t i = 0; i < items.size(); ++i) {
      Step step = run_unit(connection_, seals_, *items[i]->unit);
      switch (step.kind) {
        case Step::Kind::done:
          break;
        case Step::Kind::skipped:
          outcomes[i] = std::unexpected(std::move(step.error));
          break;
        case Step::Kind::refused:
          items[i]->outcome = std::unexpected(std::move(step.error));
          PRELOOP_CHECK(roll_back());
          return false;
        case Step::Kind::fault:
          seals_.rolled_back();
          return std::unexpected(std::move(step.error));
      }
    }
    if (auto done = connection_.execute(k_commit); !done) {
      if (is_storage_fault(done.error().code)) {
        seals_.rolled_back();
        return std::unexpected(std::move(done).error());
      }
      if (items.size() == 1) {
        items[0]->outcome = std::unexpected(std::move(done).error());
      }
      PRELOOP_CHECK(roll_back());
      return false;
    }
    seals_.committed();
    for (std::size_t i = 0; i < items.size(); ++i) {
      items[i]->outcome = std::move(outcomes[i]);
    }
    return true;
  }

 private:
  core::Status roll_back() {
    seals_.rolled_back();
    if (connection_.in_transaction()) {
      PRELOOP_CHECK(connection_.execute(k_rollback));
    }
    return {};
  }

  Connection& connection_;
  Seals seals_;
};

std::vector<BatchItem*> open_items(std::span<BatchItem> items) {
  std::vector<BatchItem*> out;
  out.reserve(items.size());
  for (BatchItem& item : items) {
    if (!item.outcome) {
      out.push_back(&item);
    }
  }
  return out;
}

}  // namespace

core::Status run_batch(Connection& connection, Sealer* sealer, std::span<BatchItem> items) {
  Batch batch(connection, sealer);
  std::vector<BatchItem*> open = open_items(items);
  for (int run = 0; run < k_reruns && !open.empty(); ++run) {
    PRELOOP_TRY(const bool committed, batch.run_once(open));
    if (committed) {
      return {};
    }
    open = open_items(items);
  }
  for (BatchItem* item : open) {
    PRELOOP_CHECK(batch.run_once({&item, 1}));
  }
  return {};
}

}  // namespace preloop::store::sqlite

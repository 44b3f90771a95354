#pragma once
#include "approvals/service.h"
#include "audit/sealer.h"
#include "core/id.h"
#include "core/loop.h"
#include "core/result.h"
#include "core/task.h"
#include "store/database.h"

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace preloop::firewall {

/// A call between its decision and its outcome.
struct InFlight {
  core::CallId id;
  core::AccountId account;
  core::AgentId agent;
  core::KeyId key;
  core::RuntimeSessionId session;
  std::string server;
  std::string tool;
  std::optional<core::ApprovalId> approval;
};

/// The calls in flight, in memory, each on the list of its own loop; and the checkpoint of them
/// from which a restart finds whose outcome is unknown (docs/design/002).
///
/// Threads: an Entry belongs to one loop; `checkpoint` to one caller at a time.
class InFlightCalls {
 public:
  InFlightCalls(core::LoopPool& loops,
                const audit::ChainSealer& record,
                approvals::ApprovalService& approvals);

  /// One call's place in the list; lives in the call's frame.
  class Entry {
   public:
    Entry() = default;
    /// A call that was sent and did not end is lost: the next checkpoint records it as `unknown`.
    ~Entry();
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

    /// Before the commit that lets the call go is queued. `call` is borrowed for life.
    void begin(InFlightCalls& calls, const InFlight& call);
    void begun();   ///< That commit has returned.
    void ending();  ///< Before the commit of what became of it is queued.
    void end();     ///< That commit has returned; or the first one failed.

   private:
    friend class InFlightCalls;
    enum class Phase : std::uint8_t { none, beginning, sent, ending };
    Phase phase_ = Phase::none;
    /// Committed before this call's latest queued commit: its record comes after.
    audit::Position after_ = 0;
    const InFlight* call_ = nullptr;
    InFlightCalls* calls_ = nullptr;
    std::size_t loop_ = 0;
    Entry* next_ = nullptr;
    Entry** link_ = nullptr;  ///< what points here
  };

  /// Writes what a restart needs, unless hardly anything happened since the last time. Regularly,
  /// and when the last call has ended.
  core::Task<core::Status> checkpoint(store::Database& database);

 private:
  /// What one loop owns.
  struct Shelf {
    Entry* first = nullptr;
    std::vector<InFlight> lost;
    std::atomic<std::uint64_t> changes = 0;  ///< written by the loop, read by checkpoint
  };
  struct Picture {
    audit::Position since = 0;
    std::vector<InFlight> calls;
  };
  core::Task<void> take_from(Shelf& shelf, Picture& picture);
  /// Of lost calls that were approved, whose requests are `executing` still.
  core::Task<core::Status> end_lost_approvals();

  core::LoopPool& loops_;
  const audit::ChainSealer& record_;
  approvals::ApprovalService& approvals_;
  std::vector<Shelf> shelves_;

  // Of checkpoint.
  std::uint64_t written_changes_ = 0;
  audit::Position written_position_ = 0;
  std::vector<InFlight> lost_;  ///< to be recorded
};

}  // namespace preloop::firewall

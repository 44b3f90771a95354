#pragma once
#include "api/call.h"
#include "core/loop.h"
#include "core/task.h"
#include "identity/revocation.h"
#include "net/http.h"

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

namespace preloop::api {

/// The live streams of /api/v1/events: references from the durable feed, as server-sent events.
///
/// A stream ends when its client goes, when it reads slower than the feed's ring turns, when the
/// server stops (with a `retry`), and at once when its credential is revoked or expires. A console
/// session is checked again each minute.
///
/// Whoever may read the record also hears `audit.written`, a few times a second at most, when it
/// grew. That is no entry of the feed: it has no number, and is not repeated for those who resume.
class LiveStreams final : public identity::RevocationListener {
 public:
  explicit LiveStreams(core::LoopPool& loops);
  ~LiveStreams() override;

  /// Answers the request until one of these; on the connection's loop.
  core::Task<core::Status> serve(Call& call, net::Responder& responder);

  /// Register with the registry before serving.
  void revoked(const identity::Revocation& what) override;
  /// For the sealer; posts to the loops that have a reader of the record, from any thread.
  std::function<void()> record_listener() const;
  /// Open streams of the calling loop.
  std::size_t open_here() const;

 private:
  struct Stream;
  struct Registration;
  struct alignas(64) PerLoop {
    std::vector<Stream*> streams;
    std::atomic<int> record_readers = 0;
    std::atomic<bool> record_posted =
        false;  ///< coalesces the commits between two turns of the loop
  };
  core::LoopPool& loops_;
  std::shared_ptr<std::vector<PerLoop>> per_loop_;  ///< shared with what is posted
};

}  // namespace preloop::api

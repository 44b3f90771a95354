#pragma once
#include "core/offload.h"
#include "core/result.h"
#include "core/task.h"
#include "store/postgres/connection.h"
#include "store/postgres/endpoint.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>

namespace preloop::store::postgres {

/// What a session is for; decides its settings.
enum class Role : std::uint8_t {
  writer,    ///< short transactions; gives up on locks and silence
  reader,    ///< read-only, so that a statement may be run twice
  listener,  ///< LISTEN: quiet for hours
  migrator,  ///< may wait and work for minutes
};

/// Opens sessions of one database. Names are looked up on a thread of its own.
class Connector {
 public:
  explicit Connector(Endpoint endpoint) : endpoint_(std::move(endpoint)), resolver_(1) {}

  /// `unavailable` when the server cannot be reached or is a standby, failed_precondition when it
  /// is too old. Gives up after 10 s. The connection must not outlive the connector.
  core::Task<core::Result<std::unique_ptr<Connection>>> connect(Role role);
  const Endpoint& endpoint() const { return endpoint_; }

 private:
  Endpoint endpoint_;
  core::Offload resolver_;
};

/// How long to stay away from a server that cannot be reached: 100 ms, doubled up to 5 s.
class BackOff {
 public:
  core::MonoTime next() {
    const core::milliseconds wait = wait_;
    wait_ = std::min(wait_ * 2, core::milliseconds(5'000));
    return std::chrono::steady_clock::now() + wait;
  }
  void reset() { wait_ = core::milliseconds(100); }

 private:
  core::milliseconds wait_{100};
};

inline core::MonoTime within(core::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

}  // namespace preloop::store::postgres

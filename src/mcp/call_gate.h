#pragma once
#include "core/call_context.h"
#include "core/clock.h"
#include "core/result.h"
#include "core/task.h"
#include "core/wakeup.h"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <list>
#include <memory>
#include <utility>

namespace preloop::mcp {

struct UpstreamLimits {
  std::size_t in_flight = 64;
  std::size_t queued = 256;
};

/// Lets so many calls to one server run at a time, the next ones wait in line, the rest are told at
/// once. One loop. Passes outlive the gate safely.
class CallGate {
  struct State;

 public:
  CallGate(const boost::asio::any_io_executor& executor, UpstreamLimits limits);

  /// A place; the next in line gets it when it goes.
  class Pass {
   public:
    explicit Pass(std::shared_ptr<State> state) : state_(std::move(state)) {}
    ~Pass();
    Pass(Pass&&) noexcept = default;
    Pass& operator=(Pass&&) = delete;

   private:
    std::shared_ptr<State> state_;
  };

  /// Is there a place right now? Then `take` it and save the coroutine.
  bool open() const;
  Pass take();
  /// In line until `deadline`: `unavailable` when the line is full or the time is up, `cancelled`
  /// when the caller goes first.
  core::Task<core::Result<Pass>> enter(const core::CancelToken& cancelled, core::MonoTime deadline);
  std::size_t in_flight() const;
  std::size_t queued() const;

 private:
  struct Waiter {
    explicit Waiter(core::Wakeup wakeup) : changed(std::move(wakeup)) {}
    core::Wakeup changed;
    bool admitted = false;
  };
  struct State {
    std::size_t in_flight = 0;
    std::list<Waiter*> line;
  };
  boost::asio::any_io_executor executor_;
  UpstreamLimits limits_;
  std::shared_ptr<State> state_;
};

}  // namespace preloop::mcp

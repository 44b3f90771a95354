#pragma once
#include "core/clock.h"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace preloop::core {

/// One thread running one event loop. Everything mutable has one owning loop and is touched only
/// there, so business code needs no mutex; crossing over is an explicit `post`.
class Loop {
 public:
  Loop(std::size_t index, std::string_view name);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// For sockets, timers and TaskScopes that this loop owns. Thread-safe.
  boost::asio::any_io_executor executor() const;
  /// Runs `work` later on this loop, in the order of posting. Thread-safe. Dropped after stop.
  void post(std::move_only_function<void()> work);
  std::size_t index() const { return index_; }
  /// Is the calling thread this loop's? For assertions: business code never branches on it.
  bool is_current() const { return current() == this; }
  /// The loop of the calling thread, or null outside any.
  static Loop* current();

 private:
  friend class LoopPool;
  struct Impl;
  void start();
  void stop();  ///< Ends the thread after the handler it is in; joins.

  std::size_t index_;
  std::unique_ptr<Impl> impl_;
};

/// The process's I/O loops, 0 to size()-1. `app` makes one and passes it down.
class LoopPool {
 public:
  explicit LoopPool(std::size_t size);
  ~LoopPool();  ///< Stops.

  void start();
  /// Ends every loop and joins its thread. Pending handlers are destroyed, not run: stop the
  /// services first.
  void stop();
  std::size_t size() const { return loops_.size(); }
  Loop& at(std::size_t index) { return *loops_[index % loops_.size()]; }

 private:
  std::vector<std::unique_ptr<Loop>> loops_;
};

}  // namespace preloop::core

#include "core/task_scope.h"

#include "core/log.h"
#include "core/wakeup.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include <list>
#include <vector>

namespace preloop::core {
namespace asio = boost::asio;

struct TaskScope::State {
  explicit State(const asio::any_io_executor& ex) : executor(ex), idle(ex) { idle.set(); }
  asio::any_io_executor executor;
  Wakeup idle;
  bool stopped = false;
  std::list<std::shared_ptr<asio::cancellation_signal>> running;
};

namespace {

Task<void> guarded(std::string_view name, Task<void> task) {
  co_await asio::this_coro::throw_if_cancelled(false);
  try {
    co_await std::move(task);
  } catch (const std::exception& error) {
    log::error("a task failed: this is a bug", {{"task", name}, {"error", error.what()}});
  } catch (...) {
    log::error("a task failed: this is a bug", {{"task", name}});
  }
}

}  // namespace

TaskScope::TaskScope(const asio::any_io_executor& executor)
    : state_(std::make_shared<State>(executor)) {}
TaskScope::~TaskScope() = default;

bool TaskScope::spawn(std::string_view name, Task<void> task) {
  if (state_->stopped) {
    return false;
  }
  state_->idle.reset();
  // The signal lives as long as the completion handler and any cancel() in progress.
  auto signal = std::make_shared<asio::cancellation_signal>();
  const auto place = state_->running.insert(state_->running.end(), signal);
  asio::co_spawn(state_->executor,
                 guarded(name, std::move(task)),
                 asio::bind_cancellation_slot(signal->slot(),
                                              [state = state_, place, signal](std::exception_ptr) {
                                                state->running.erase(place);
                                                if (state->running.empty()) {
                                                  state->idle.set();
                                                }
                                              }));
  return true;
}

std::size_t TaskScope::running() const {
  return state_->running.size();
}

void TaskScope::cancel() {
  state_->stopped = true;
  const std::vector<std::shared_ptr<asio::cancellation_signal>> signals(state_->running.begin(),
                                                                        state_->running.end());
  for (const auto& signal : signals) {
    signal->emit(asio::cancellation_type::terminal);
  }
}

Task<void> TaskScope::stop() {
  // A coroutine, so that nothing happens before it is awaited on the owning loop.
  cancel();
  co_await idle();
}

Task<void> TaskScope::idle() {
  const std::shared_ptr<State> state = state_;
  // Not a plain wait: stopping must finish even when the stopping task is itself cancelled.
  while (!state->running.empty()) {
    co_await asio::this_coro::reset_cancellation_state();
    co_await state->idle.wait();
  }
}

}  // namespace preloop::core

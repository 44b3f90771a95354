#include "store/postgres/waker.h"

#include "core/wakeup.h"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <utility>

namespace preloop::store::postgres {
namespace asio = boost::asio;

struct Waker::State {
  // Written before the work is handed over, so that the worker may read them.
  std::move_only_function<void(std::move_only_function<void()>)> post_to_caller;
  // Touched on the caller's loop only: who comes first, the answer or the cancellation, takes it.
  std::move_only_function<void()> resume;
  Ended ended = Ended::woken;
  std::atomic<bool> left = false;

  void finish(Ended how) {
    if (resume) {
      ended = how;
      std::exchange(resume, nullptr)();
    }
  }
};

Waker::Waker() : state_(std::make_shared<State>()) {}

core::Task<Waker::Ended> Waker::suspend(Patience patience,
                                        std::move_only_function<void()> hand_over) {
  const std::shared_ptr<State> state = state_;
  if (patience == Patience::may_leave && co_await core::is_cancelled()) {
    co_return Ended::left;
  }
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
      [state, patience](auto handler, std::move_only_function<void()> begin) {
        const auto executor = asio::get_associated_executor(handler);
        auto slot = asio::get_associated_cancellation_slot(handler);
        if (patience == Patience::may_leave && slot.is_connected()) {
          slot.assign([state, executor](asio::cancellation_type) {
            state->left = true;
            asio::post(executor, [state] { state->finish(Ended::left); });
          });
        }
        state->resume = std::move(handler);
        state->post_to_caller =
            [guard = asio::make_work_guard(executor)](std::move_only_function<void()> work) {
              asio::post(guard.get_executor(), std::move(work));
            };
        begin();
      },
      asio::use_awaitable,
      std::move(hand_over));
  // A worker that saw `left` skips the work and may wake us before our own departure is posted:
  // then there is no result, and nobody must take an empty one for an answer.
  co_return state->left ? Ended::left : state->ended;
}

void Waker::wake() {
  // The function is moved out: with it goes the guard that keeps the caller's loop busy.
  auto post = std::exchange(state_->post_to_caller, nullptr);
  post([state = state_] { state->finish(Ended::woken); });
}

bool Waker::left() const {
  return state_->left;
}

}  // namespace preloop::store::postgres

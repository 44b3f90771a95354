#include "core/offload.h"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>

namespace preloop::core {
namespace asio = boost::asio;

struct Offload::Impl {
  explicit Impl(std::size_t threads) : pool(threads) {}
  asio::thread_pool pool;
};

Offload::Offload(std::size_t threads) : impl_(std::make_unique<Impl>(threads)) {}
Offload::~Offload() {
  impl_->pool.stop();
  impl_->pool.join();
}

Task<void> Offload::run_erased(std::move_only_function<void()> work) {
  return asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr)>(
      [this](auto handler, std::move_only_function<void()> job) {
        // The guard keeps the caller's loop alive while nothing of it is queued there.
        auto guard = asio::make_work_guard(asio::get_associated_executor(handler));
        asio::post(
            impl_->pool,
            [handler = std::move(handler),
             job = std::move(job),
             guard = std::move(guard)]() mutable {
              std::exception_ptr thrown;
              try {
                job();
              } catch (...) {
                thrown = std::current_exception();
              }
              job = nullptr;  // what it owns dies here, not on the loop
              // The guard goes along: it must not be released here, when the loop may be gone.
              const auto loop = guard.get_executor();
              asio::post(
                  loop, [handler = std::move(handler), thrown, guard = std::move(guard)]() mutable {
                    std::move(handler)(thrown);
                  });
            });
      },
      asio::use_awaitable,
      std::move(work));
}

}  // namespace preloop::core

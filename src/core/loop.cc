#include "core/loop.h"

#include "core/log.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <pthread.h>

#include <string>
#include <thread>

namespace preloop::core {
namespace {
thread_local Loop* t_current = nullptr;
}

struct Loop::Impl {
  explicit Impl(std::string_view thread_name) : name(thread_name) {}
  // One thread runs it; the hint lets Asio skip the wake-up of others.
  boost::asio::io_context context{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{
      context.get_executor()};
  std::string name;
  std::thread thread;
};

Loop::Loop(std::size_t index, std::string_view name)
    : index_(index), impl_(std::make_unique<Impl>(name)) {}
Loop::~Loop() {
  stop();
}

Loop* Loop::current() {
  return t_current;
}

boost::asio::any_io_executor Loop::executor() const {
  return impl_->context.get_executor();
}

void Loop::post(std::move_only_function<void()> work) {
  boost::asio::post(impl_->context, std::move(work));
}

void Loop::start() {
  impl_->thread = std::thread([this] {
    t_current = this;
    pthread_setname_np(pthread_self(), impl_->name.substr(0, 15).c_str());
    while (!impl_->context.stopped()) {
      try {
        impl_->context.run();
      } catch (const std::exception& error) {
        // TaskScope catches what tasks throw; this is a bare handler's bug. The loop serves others.
        log::error("handler threw", {{"loop", impl_->name}, {"error", error.what()}});
      }
    }
    t_current = nullptr;
  });
}

void Loop::stop() {
  impl_->context.stop();
  if (impl_->thread.joinable()) {
    impl_->thread.join();
  }
}

LoopPool::LoopPool(std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    loops_.push_back(std::make_unique<Loop>(i, "io-" + std::to_string(i)));
  }
}
LoopPool::~LoopPool() {
  stop();
}

void LoopPool::start() {
  for (const auto& loop : loops_) {
    loop->start();
  }
}
void LoopPool::stop() {
  for (const auto& loop : loops_) {
    loop->stop();
  }
}

}  // namespace preloop::core

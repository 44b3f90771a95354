#pragma once
#include "core/task.h"
#include "core/wakeup.h"

#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

namespace preloop::core {

/// A bounded queue between tasks of one loop (from another loop: `post` a push). Closing keeps what
/// is buffered: the reader gets it all, then the end. One reader.
template <class T>
class Mailbox {
 public:
  Mailbox(const boost::asio::any_io_executor& executor, std::size_t capacity)
      : capacity_(capacity), ready_(executor) {}

  /// False when full or closed: the sender decides what overload means.
  bool try_push(T item) {
    if (closed_ || items_.size() >= capacity_) {
      return false;
    }
    items_.push_back(std::move(item));
    ready_.set();
    return true;
  }

  /// The next item, or nullopt at the end of the stream or when the task is cancelled.
  Task<std::optional<T>> pop() {
    while (items_.empty()) {
      if (closed_) {
        co_return std::nullopt;
      }
      ready_.reset();
      if (co_await ready_.wait() == Outcome::cancelled) {
        co_return std::nullopt;
      }
    }
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    co_return item;
  }

  std::optional<T> try_pop() {
    if (items_.empty()) {
      return std::nullopt;
    }
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    return item;
  }

  void close() {
    closed_ = true;
    ready_.set();
  }
  std::size_t size() const { return items_.size(); }
  bool is_closed() const { return closed_; }

 private:
  std::size_t capacity_;
  std::deque<T> items_;
  bool closed_ = false;
  Wakeup ready_;
};

}  // namespace preloop::core

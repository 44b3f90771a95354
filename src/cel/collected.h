#pragma once
#include "cel/frame.h"

#include <algorithm>
#include <cstddef>
#include <span>

namespace preloop::cel {

/// Items in the evaluation's memory, growing by doubling.
template <class T>
class Collected {
 public:
  explicit Collected(Frame& frame) : frame_(frame) {}

  /// False when the budget is broken.
  bool add(const T& item) {
    if (size_ == capacity_) {
      const std::size_t capacity = capacity_ == 0 ? 8 : capacity_ * 2;
      T* const to = frame_.allocate<T>(capacity);
      if (to == nullptr) {
        return false;
      }
      std::copy_n(items_, size_, to);
      items_ = to;
      capacity_ = capacity;
    }
    items_[size_++] = item;
    return true;
  }
  std::span<const T> items() const { return {items_, size_}; }

 private:
  Frame& frame_;
  T* items_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace preloop::cel

#pragma once
#include <string>
#include <utility>

namespace preloop::core {

/// Overwrites `size` bytes in a way the compiler does not remove.
void wipe(void* data, std::size_t size);

/// A string that must not be printed: no formatter, no stream operator, no comparison (use
/// `constant_time_equal` from crypto.h), wiped when it goes. `reveal()` is the only way in, and the
/// word to search for when reviewing where a secret travels.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  Secret(const Secret&) = default;
  Secret& operator=(const Secret&) = default;
  Secret(Secret&& other) noexcept : value_(std::exchange(other.value_, {})) {}
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      wipe(value_.data(), value_.size());
      value_ = std::exchange(other.value_, {});
    }
    return *this;
  }
  ~Secret() { wipe(value_.data(), value_.size()); }

  const std::string& reveal() const { return value_; }
  bool empty() const { return value_.empty(); }

 private:
  std::string value_;
};

}  // namespace preloop::core

#pragma once
#include "core/result.h"
#include "net/child_process.h"

#include <sys/types.h>
#include <unistd.h>

#include <utility>

namespace preloop::net {

/// A descriptor that is closed with its owner.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int number) : number_(number) {}
  Fd(Fd&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Fd() { reset(); }
  void reset() {
    if (number_ >= 0) {
      ::close(std::exchange(number_, -1));
    }
  }
  int get() const { return number_; }
  int release() { return std::exchange(number_, -1); }

 private:
  int number_ = -1;
};

/// A guard that has been started, and our ends of its pipes (child_wire.h).
struct LaunchedGuard {
  pid_t pid = 0;
  Fd pid_file;  ///< readable when the guard has ended
  Fd in, out, err;
  Fd lifeline;
  Fd report;
};

/// Checks the options and starts the guard, which starts the command. Does not wait for it.
core::Result<LaunchedGuard> launch_guard(const ChildOptions& options);

/// What the guard's errno means for whoever wanted the command.
core::Error start_error(const ChildOptions& options, int error);

}  // namespace preloop::net

#pragma once
#include "core/loop.h"
#include "core/result.h"
#include "core/task.h"
#include "core/wakeup.h"

#include <cstddef>
#include <deque>
#include <memory>
#include <string>

namespace preloop::identity {

/// Lets at most `places` tasks in at once, `line` wait in order, and turns the rest away with
/// resource_exhausted. Of one loop; a Turn is given back there.
class Turnstile {
  struct State;

 public:
  Turnstile(core::Loop& owner, std::size_t places, std::size_t line, std::string when_full);

  /// A place; hands itself to the next in line when it goes.
  class Turn {
   public:
    explicit Turn(std::shared_ptr<State> state) : state_(std::move(state)) {}
    ~Turn();
    Turn(Turn&&) noexcept = default;
    Turn& operator=(Turn&&) = delete;

   private:
    std::shared_ptr<State> state_;
  };

  /// Cancellation: leaves the line; `cancelled`.
  core::Task<core::Result<Turn>> enter();
  /// Inside and in line.
  std::size_t busy() const;

 private:
  struct State {
    std::size_t inside = 0;
    std::deque<std::shared_ptr<core::Wakeup>> line;
  };
  core::Loop& owner_;
  std::size_t places_;
  std::size_t longest_line_;
  std::string when_full_;
  std::shared_ptr<State> state_;
};

}  // namespace preloop::identity

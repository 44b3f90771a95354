#pragma once
#include "cel/arena.h"
#include "cel/value.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace preloop::cel {

/// A variable of one evaluation.
struct Binding {
  std::string_view name;
  Value value;
};

/// State of the embedder that its own functions need (see Function). Derive, and cast back in the
/// function.
class Host {
 protected:
  ~Host() = default;
};

/// What an expression can see. Views only: the bindings, their values and the host must outlive the
/// evaluation and its result. Lookup is a scan, so keep it short; bindings in the order of
/// CompileOptions::variables are found at the first look.
struct Activation {
  std::span<const Binding> bindings;
  const Host* host = nullptr;
};

/// Limits of one evaluation. All are counts of work, never of time, so that the same input ends the
/// same way on every machine.
struct Budget {
  std::uint64_t steps = 100'000;      ///< nodes evaluated, plus about one per 16 bytes looked at
  std::uint64_t bytes = 64 * 1024;    ///< of intermediate and result values held at once
  std::uint64_t iterations = 10'000;  ///< of all comprehensions together
};

enum class Exhausted : std::uint8_t { none, steps, bytes, iterations };
std::string_view to_string(Exhausted what);

struct Step;

/// One running evaluation: the meter, the memory and the variables. Functions get it to pay for
/// what they do and to allocate their result. When a limit is reached everything unwinds quickly
/// and the evaluation's value is discarded, so whatever is returned meanwhile does not matter.
class Frame {
 public:
  Frame(const Activation& activation, Arena& arena, const Budget& budget, Value* locals)
      : activation_(&activation),
        arena_(&arena),
        locals_(locals),
        steps_left_(static_cast<std::int64_t>(budget.steps)),
        bytes_left_(static_cast<std::int64_t>(budget.bytes)),
        iterations_left_(static_cast<std::int64_t>(budget.iterations)) {}

  /// Evaluates a step.
  Value run(const Step& step);

  /// Pays for work; false when the budget is broken, and the caller should return.
  bool spend(std::size_t steps) {
    steps_left_ -= static_cast<std::int64_t>(steps);
    return steps_left_ >= 0 || exhaust(Exhausted::steps);
  }
  /// Pays for looking at that many bytes.
  bool spend_bytes_read(std::size_t bytes) { return spend(bytes / 16); }
  /// Pays for one round of a comprehension.
  bool iterate() { return (--iterations_left_ >= 0 || exhaust(Exhausted::iterations)) && spend(1); }
  /// Memory of the evaluation; nullptr when the budget is broken.
  template <class T>
  T* allocate(std::size_t count) {
    bytes_left_ -= static_cast<std::int64_t>(count * sizeof(T));
    return bytes_left_ >= 0 || exhaust(Exhausted::bytes) ? arena_->allocate_array<T>(count)
                                                         : nullptr;
  }
  /// Runs a step whose value is used only as a bool or an error, and takes back what it allocated:
  /// a predicate over a long list then needs the memory of one round.
  Value run_condition(const Step& step);
  /// A string value that holds a copy of `text`.
  Value make_string(std::string_view text);
  Value make_optional(const Value& value);

  const Activation& activation() const { return *activation_; }
  const Host* host() const { return activation_->host; }
  Value& local(std::size_t slot) { return locals_[slot]; }

  bool broken() const { return exhausted_ != Exhausted::none; }
  Exhausted exhausted() const { return exhausted_; }
  std::int64_t steps_left() const { return steps_left_; }
  std::int64_t bytes_left() const { return bytes_left_; }
  std::int64_t iterations_left() const { return iterations_left_; }

 private:
  bool exhaust(Exhausted what);

  const Activation* activation_;
  Arena* arena_;
  Value* locals_;
  std::int64_t steps_left_;
  std::int64_t bytes_left_;
  std::int64_t iterations_left_;
  Exhausted exhausted_ = Exhausted::none;
};

}  // namespace preloop::cel

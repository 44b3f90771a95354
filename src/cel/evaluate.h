#pragma once
#include "cel/arena.h"
#include "cel/frame.h"
#include "cel/program.h"
#include "cel/value.h"
#include "core/result.h"

#include <cstdint>

namespace preloop::cel {

/// How an evaluation ended. Two kinds of failure are kept apart: the *expression* can answer an
/// error value, as the language defines it, and the *evaluation* can break its budget, in which
/// case there is no value at all.
struct Evaluation {
  Exhausted exhausted = Exhausted::none;
  /// Null when exhausted. May be an error. Points into the arena, the program and the activation.
  Value value;
  std::uint64_t steps = 0;       ///< spent
  std::uint64_t bytes = 0;       ///< held at the end
  std::uint64_t iterations = 0;  ///< spent

  bool completed() const { return exhausted == Exhausted::none; }
};

/// Runs the program. Deterministic, without locks, system calls and, in the common case, heap
/// memory (exceptions: a pattern that is not a literal, the first use of a time zone). Safe to call
/// from any thread with an arena of its own.
Evaluation evaluate(const Program& program,
                    const Activation& activation,
                    Arena& arena,
                    const Budget& budget = {});

/// The value points into the program, so a temporary one will not do.
Evaluation evaluate(const Program&& program,
                    const Activation& activation,
                    Arena& arena,
                    const Budget& budget = {}) = delete;

/// For conditions. Errors: failed_precondition for an error value and for a value that is not a
/// bool, resource_exhausted for a broken budget. Callers fail closed on both.
core::Result<bool> evaluate_bool(const Program& program,
                                 const Activation& activation,
                                 const Budget& budget = {});

/// The Error that stands for an evaluation that did not end in a usable value: broken budget or
/// error value, with the place in the source when it is known.
core::Error to_error(const Evaluation& evaluation);

}  // namespace preloop::cel

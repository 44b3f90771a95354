#pragma once
#include "cel/ast.h"
#include "cel/program.h"
#include "cel/program_impl.h"
#include "cel/steps.h"
#include "core/result.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::cel {

/// Turns a syntax tree into steps: resolves names, folds constants, compiles patterns, and notes
/// what the expression reads. Internal to `compile`; used once.
class Planner {
 public:
  static core::Result<Program> plan(std::string_view source, const CompileOptions& options);

 private:
  struct Scope {
    std::string_view name;
    std::uint32_t slot;
  };

  /// A leading dot asks for the root namespace and skips the loop variables.
  enum class NameScope : std::uint8_t { container, root };

  Planner(Program::Impl& impl, const CompileOptions& options) : impl_(impl), options_(options) {}

  // planner.cc: nodes. A problem is noted and a step returned that is never run.
  const Step* step(const Node& node);
  const Step* literal(const Node& node, Value value);
  const Step* operation(const Node& node);
  const Step* call(const Node& node);
  const Step* function_call(const Node& node,
                            std::string_view name,
                            CallStyle style,
                            std::span<const Node* const> args);
  const Step* pattern_call(const Node& node,
                           const Function& function,
                           std::span<const Step* const> args);
  const Step* collection(const Node& node);
  const Step* comprehension_step(const Node& node);
  const Step* select(const Node& node);
  const Step* fold(const Node& node, const CallStep& call);

  // planner_names.cc: variables, types and what is read.
  /// The step of an identifier or of a chain `a.b.c` that starts with one; nullptr when `node` is a
  /// select on something else.
  const Step* name(const Node& node);
  const Step* declared_name(const Node& node, std::span<const std::string> parts, NameScope scope);
  const Step* run_time_name(const Node& node, std::span<const std::string> parts, NameScope scope);
  /// The selects of `fields` on top of `base`.
  const Step* fields_of(const Node& node, const Step* base, std::size_t count);
  std::vector<std::string> candidates(std::string_view name, NameScope scope) const;
  const Scope* find_local(std::string_view name) const;
  void note_reference(const Node& node);
  std::optional<Reference> reference_of(const Node& node) const;
  const Value* type_named(std::string_view name) const;
  void report_unknown_function(const Node& node, std::string_view name);

  Site site(const Node& node, std::string_view name) const;
  void problem(const Node& node, std::string text);
  const Step* broken(const Node& node);
  template <class T>
  T* make(const Node& node, std::string_view name, StepFunction eval) {
    T out;
    out.eval = eval;
    out.site = site(node, name);
    return impl_.arena.create(out);
  }
  std::span<const Step* const> steps(std::span<const Node* const> nodes);
  static bool is_constant(const Step& step) { return step.eval == eval_constant; }

  Program::Impl& impl_;
  const CompileOptions& options_;
  std::vector<Scope> scopes_;
  std::vector<const Node*> covered_;  ///< parts of references that are noted already
  std::vector<core::ErrorDetail> problems_;
};

}  // namespace preloop::cel

#pragma once
#include "cel/check.h"
#include "cel/guards.h"
#include "cel/program_impl.h"
#include "cel/unify.h"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace preloop::cel {

/// One check of one tree: gives every node a type and collects findings. Recursion is bounded by
/// the parser. Internal to `check`; used once.
class Checker {
 public:
  Checker(const Program::Impl& program, const CheckOptions& options)
      : program_(program), options_(options) {}

  Checked run();

 private:
  struct Local {
    std::string_view name;
    TypePtr type;
    std::string path;
  };

  // checker.cc: nodes
  TypePtr visit(const Node& node);
  TypePtr type_node(const Node& node);
  TypePtr literal(const Node& node);
  TypePtr list(const Node& node);
  TypePtr map(const Node& node);
  /// The type inside of the optional an entry with `?` must be.
  TypePtr optional_entry(const Node& value);
  void condition_result();

  // check_names.cc: variables, fields
  TypePtr ident(const Node& node);
  TypePtr select(const Node& node);
  TypePtr field(const Node& node, const TypePtr& operand, std::string_view name);
  TypePtr record_field(const Node& node, const Type& record, std::string_view name);
  TypePtr index(const Node& node);
  /// The type of a variable or type name the whole chain stands for.
  std::optional<TypePtr> named(const Node& node);
  const Local* find_local(std::string_view name) const;
  std::optional<std::string> path_of(const Node& node) const;
  void unguarded(const Node& node, std::string_view name);
  bool is_guarded(const Node& node) const;

  // check_operators.cc
  TypePtr operation(const Node& node);
  TypePtr arithmetic(const Node& node);
  TypePtr equality(const Node& node);
  TypePtr membership(const Node& node);
  TypePtr conditional(const Node& node);
  TypePtr logical(const Node& node);
  std::optional<TypePtr> number_arithmetic(const Node& node, const Type& a, const Type& b);
  void choices(const Node& expression, const Node& literal);

  // check_calls.cc
  TypePtr call(const Node& node);
  TypePtr function(const Node& node,
                   std::string_view name,
                   CallStyle style,
                   std::span<const Node* const> args);
  TypePtr overload(const Node& node,
                   std::string_view name,
                   std::span<const Signature> signatures,
                   std::span<const Node* const> args);
  TypePtr optional_or(const Node& node);
  std::vector<Signature> declared(std::string_view name, CallStyle style) const;
  bool is_declared(std::string_view name, CallStyle style) const;
  void pattern(const Node& node);

  // check_comprehension.cc
  TypePtr comprehension(const Node& node);
  void loop_variables(const Node& node, const TypePtr& range);

  // check_constant.cc
  void constant(const Node& node);
  std::optional<bool> truth(const Node& node) const;
  std::optional<bool> truth_of_comparison(const Node& node) const;
  bool covers_choices(const Node& expression, const Node& list) const;
  bool is_always_present(const Node& test) const;

  /// The resolved type of a node that has been visited.
  TypePtr type_of(const Node& node) const;
  /// For a place that relies on the type: says so when it is not known, or may be null and is not
  /// guarded.
  TypePtr use(const Node& node);
  void untyped(const Node& node);
  void error(const Node& node, std::string_view code, std::string message, std::string hint = {});
  void warn(const Node& node, std::string_view code, std::string message, std::string hint = {});
  /// Runs `body` with what follows from the conditions.
  template <class Body>
  auto guarded(const Guards& more, Body&& body) {
    const Guards before = guards_;
    guards_.present.insert(guards_.present.end(), more.present.begin(), more.present.end());
    guards_.not_null.insert(guards_.not_null.end(), more.not_null.begin(), more.not_null.end());
    auto out = body();
    guards_ = before;
    return out;
  }
  Guards guards_of(const Node& condition, bool truth) const;

  const Program::Impl& program_;
  const CheckOptions& options_;
  Unifier unifier_;
  std::unordered_map<const Node*, TypePtr> types_;
  std::vector<Local> locals_;
  std::size_t scopes_ = 0;  ///< numbers the paths of loop variables
  Guards guards_;
  std::set<std::string> warned_;  ///< paths that have been warned of
  Checked out_;
};

}  // namespace preloop::cel

#pragma once
#include "cel/function.h"
#include "cel/parser.h"
#include "core/result.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::cel {

/// What happens to a variable or function that `compile` has not heard of.
enum class UnknownNames : std::uint8_t {
  reject,       ///< compile fails and suggests the nearest name
  at_run_time,  ///< evaluation looks for it, and is an error when it is not there
};

struct CompileOptions {
  /// The variables an Activation will have, best in its order; dotted names are allowed.
  std::span<const std::string_view> variables;
  /// Functions beside the library's. Bodies are static; the list itself is only read here.
  std::span<const Function> functions;
  UnknownNames unknown_names = UnknownNames::reject;
  /// Names are looked up in this namespace first ("com.example"), then outwards.
  std::string_view container;
  ParseOptions parse;
};

/// Something an expression reads: `args.items[0].price` is root "args", path ["items"], as far as
/// the names are written down.
struct Reference {
  std::string root;
  std::vector<std::string> path;
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  std::string to_string() const;  ///< "args.items"
};

struct Evaluation;
struct Checked;
struct CheckOptions;

/// A compiled expression. Immutable and thread-safe; copies share one representation. Values that
/// come out of it may point into it, so it must outlive them.
class Program {
 public:
  /// The source as given.
  const std::string& source() const;
  /// Every variable and field it reads, each once, by first appearance. Variables of its own
  /// comprehensions are not among them.
  const std::vector<Reference>& references() const;
  /// Whether it reads the variable at all.
  bool reads(std::string_view root) const;
  /// Names of the functions it calls, each once; operators and macros are not among them.
  const std::vector<std::string>& functions() const;
  /// The same for copies, different for others that live at the same time.
  const void* identity() const { return impl_.get(); }

 private:
  friend class Planner;
  friend Evaluation evaluate(const Program&, const Activation&, Arena&, const Budget&);
  friend Checked check(const Program&, const CheckOptions&);
  friend class Checker;
  struct Impl;
  explicit Program(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

/// Parses the source, resolves its names, folds constant lists, timestamps and durations, and
/// compiles literal patterns. Errors: invalid_argument; the message starts with `line:column`, and
/// details hold each problem with the path `line:column`.
core::Result<Program> compile(std::string_view source, const CompileOptions& options = {});

}  // namespace preloop::cel

#pragma once
#include "cel/arena.h"
#include "cel/value.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace preloop::cel {

enum class NodeKind : std::uint8_t {
  literal,
  ident,
  select,     ///< operand.name, operand.?name, or the test of has(operand.name)
  call,       ///< name(args) or target.name(args)
  operation,  ///< an operator of the grammar
  list,
  map,
  comprehension,  ///< a macro that introduces variables
};

/// Operators, in CEL's canonical spelling where they have one (`_+_`).
enum class Operator : std::uint8_t {
  conditional,
  logical_and,  ///< two or more operands: a && b && c is one node
  logical_or,
  logical_not,
  negate,
  add,
  subtract,
  multiply,
  divide,
  modulo,
  equals,
  not_equals,
  less,
  less_equals,
  greater,
  greater_equals,
  in,
  index,
  optional_index,
};

/// As messages print it: "+", "in", "[]".
std::string_view to_string(Operator op);

/// Macros that are more than a rewriting: each has its own evaluation.
enum class Macro : std::uint8_t {
  all,
  exists,
  exists_one,
  map,
  filter,
  transform_list,
  transform_map,
  transform_map_entry,
  sort_by,       ///< list.sortBy(name, key)
  bind,          ///< cel.bind(name, value, result)
  opt_map,       ///< optional.optMap(name, result)
  opt_flat_map,  ///< optional.optFlatMap(name, result)
};

std::string_view to_string(Macro macro);

struct Node;

/// An element of a list (no key) or an entry of a map; `is_optional` for `?x` and `?key: x`.
struct Entry {
  const Node* key = nullptr;
  const Node* value = nullptr;
  bool is_optional = false;
};

/// One node of the syntax tree. Which members mean something depends on `kind`.
struct Node {
  NodeKind kind = NodeKind::literal;
  Operator op = Operator::add;
  Macro macro = Macro::all;
  bool is_optional = false;  ///< select: `.?`
  bool is_test = false;      ///< select: inside has()
  bool is_root = false;      ///< ident and call: written with a leading dot
  bool is_quoted = false;    ///< select: name in backquotes
  std::uint32_t offset = 0;  ///< where in the source messages point to
  std::uint32_t height = 1;  ///< 1 for a leaf
  Value literal;
  std::string_view name;              ///< ident, field, function or first loop variable
  std::string_view second_name;       ///< second loop variable; empty with one
  const Node* operand = nullptr;      ///< of select; target of a call; range of a comprehension
  std::span<const Node* const> args;  ///< of call and operation
  std::span<const Entry> entries;     ///< of list and map
  const Node* filter = nullptr;       ///< comprehension: the predicate; null when there is none
  const Node* result = nullptr;       ///< comprehension: the transform, or bind's result
};

/// A syntax tree with macros expanded. Owns the nodes and the decoded text; names may point into
/// the source, which must outlive it. Movable; node addresses stay.
class Ast {
 public:
  Ast() : arena_(std::make_unique<Arena>()) {}

  const Node& root() const { return *root_; }
  Arena& arena() { return *arena_; }

 private:
  friend class Parser;
  std::unique_ptr<Arena> arena_;
  const Node* root_ = nullptr;
};

}  // namespace preloop::cel

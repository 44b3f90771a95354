#pragma once
#include "cel/arena.h"
#include "cel/value.h"
#include "core/json.h"

#include <string>
#include <string_view>

namespace preloop::cel {

/// What became of one conformance case.
struct CaseResult {
  bool passed = false;
  std::string name;    ///< "file/section/name"
  std::string detail;  ///< expected and got
};

/// Runs one line of the JSON-lines form of the CEL specification's tests: an object with `expr`,
/// `bindings`, `expect` and options, values tagged by their type ({"int": "1"}). Unless the case
/// says otherwise the expression must also pass the checker, with the types of its `type_env`.
CaseResult run_case(core::Json test);

/// Whether `value` is exactly what the tagged JSON says: same kind, same bits, maps without order.
bool matches_tagged(const Value& value, core::Json tagged);

/// The value tagged JSON stands for; containers live in the arena, text in the JSON document.
Value from_tagged(core::Json tagged, Arena& arena);

}  // namespace preloop::cel

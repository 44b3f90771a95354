#pragma once
#include "cel/ast.h"
#include "cel/function.h"
#include "cel/type.h"

#include <span>
#include <vector>

namespace preloop::cel {

/// One way a function or operator can be called. Parameters of types are the same within one.
struct Signature {
  std::vector<TypePtr> params;
  bool repeats = false;  ///< the last may come any number of times, at least once
  TypePtr result;
};

/// The text form: "(string, int) -> string; (list(A)...) -> A". What is not of this form is left
/// out; a function without signatures is not checked.
std::vector<Signature> parse_signatures(std::string_view text);

/// Of a function; the library's are parsed once.
std::vector<Signature> signatures_of(const Function& function);

/// Of an operator whose operands are all evaluated and follow ordinary overloads: arithmetic and
/// order. Empty for the others.
std::span<const Signature> signatures_of(Operator op);

}  // namespace preloop::cel

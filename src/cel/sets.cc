#include "cel/compare.h"
#include "cel/function.h"

namespace preloop::cel {
namespace {

using Args = std::span<const Value>;

bool has(Frame& frame, const Value& list, const Value& item) {
  for (std::size_t i = 0; i < list.size() && !frame.broken(); ++i) {
    if (equals(frame, list.at(i), item)) {
      return true;
    }
  }
  return false;
}

bool has_all(Frame& frame, const Value& list, const Value& items) {
  for (std::size_t i = 0; i < items.size() && frame.spend(1); ++i) {
    if (!has(frame, list, items.at(i))) {
      return false;
    }
  }
  return true;
}

bool has_any(Frame& frame, const Value& list, const Value& items) {
  for (std::size_t i = 0; i < items.size() && frame.spend(1); ++i) {
    if (has(frame, list, items.at(i))) {
      return true;
    }
  }
  return false;
}

bool equivalent(Frame& frame, const Value& a, const Value& b) {
  return has_all(frame, a, b) && has_all(frame, b, a);
}

template <bool (*k_relation)(Frame&, const Value&, const Value&)>
Value relation(Frame& frame, Args args) {
  return args[0].is(Kind::list) && args[1].is(Kind::list)
             ? Value::of_bool(k_relation(frame, args[0], args[1]))
             : Value::of_overload_error(args[0].kind(), args[1].kind());
}

constexpr std::string_view k_relation = "(list(A), list(A)) -> bool";

constexpr Function k_functions[] = {
    {"sets.contains",
     CallStyle::global,
     2,
     2,
     relation<has_all>,
     k_relation,
     "whether the first list has every element of the second"},
    {"sets.equivalent",
     CallStyle::global,
     2,
     2,
     relation<equivalent>,
     k_relation,
     "whether each list has every element of the other"},
    {"sets.intersects",
     CallStyle::global,
     2,
     2,
     relation<has_any>,
     k_relation,
     "whether the lists share an element"},
};

}  // namespace

std::span<const Function> set_functions() {
  return k_functions;
}

}  // namespace preloop::cel

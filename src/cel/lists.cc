#include "cel/code_points.h"
#include "cel/collected.h"
#include "cel/compare.h"
#include "cel/function.h"

namespace preloop::cel {
namespace {

using Args = std::span<const Value>;

Value invalid() {
  return Value::of_error(ErrorCode::invalid_argument);
}

Value distinct(Frame& frame, Args args) {
  if (!args[0].is(Kind::list)) {
    return Value::of_overload_error(args[0].kind());
  }
  Collected<Value> out(frame);
  for (std::size_t i = 0; i < args[0].size() && frame.spend(1); ++i) {
    const Value item = args[0].at(i);
    const bool seen = std::ranges::any_of(
        out.items(), [&](const Value& other) { return equals(frame, item, other); });
    if (!seen && !out.add(item)) {
      break;
    }
  }
  return Value::of_list(out.items());
}

/// Recursion ends with the nesting of values, which source and arguments bound.
bool flatten_into(Frame& frame, Collected<Value>& out, const Value& list, std::int64_t depth) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Value item = list.at(i);
    const bool going = item.is(Kind::list) && depth > 0 ? flatten_into(frame, out, item, depth - 1)
                                                        : frame.spend(1) && out.add(item);
    if (!going) {
      return false;
    }
  }
  return frame.spend(1);
}

Value flatten(Frame& frame, Args args) {
  if (!args[0].is(Kind::list) || (args.size() == 2 && !args[1].is(Kind::int_))) {
    return Value::of_overload_error(args[0].kind());
  }
  const std::int64_t depth = args.size() == 2 ? args[1].as_int() : 1;
  if (depth < 0) {
    return invalid();
  }
  Collected<Value> out(frame);
  flatten_into(frame, out, args[0], depth);
  return Value::of_list(out.items());
}

Value range(Frame& frame, Args args) {
  if (!args[0].is(Kind::int_)) {
    return Value::of_overload_error(args[0].kind());
  }
  const std::int64_t count = std::max<std::int64_t>(args[0].as_int(), 0);
  // Asked before the memory is, so that a huge count is no huge product.
  if (count > frame.bytes_left()) {
    frame.allocate<char>(static_cast<std::size_t>(frame.bytes_left()) + 1);
    return Value::null();
  }
  Value* const to = frame.allocate<Value>(static_cast<std::size_t>(count));
  if (to == nullptr || !frame.spend(static_cast<std::size_t>(count))) {
    return Value::null();
  }
  for (std::int64_t i = 0; i < count; ++i) {
    to[i] = Value::of_int(i);
  }
  return Value::of_list({to, static_cast<std::size_t>(count)});
}

Value reverse_text(Frame& frame, const Value& text) {
  char* const to = frame.allocate<char>(text.size());
  if (to == nullptr || !spend_walk(frame, text)) {
    return Value::null();
  }
  char* at = to + text.size();
  each_code_point(text.as_text(), [&](std::string_view c) {
    at -= c.size();
    std::ranges::copy(c, at);
  });
  return Value::of_string({to, text.size()});
}

Value reverse(Frame& frame, Args args) {
  if (!args[0].is(Kind::list)) {
    return args[0].is(Kind::string) ? reverse_text(frame, args[0])
                                    : Value::of_overload_error(args[0].kind());
  }
  const std::size_t size = args[0].size();
  Value* const to = frame.allocate<Value>(size);
  if (to == nullptr || !frame.spend(size)) {
    return Value::null();
  }
  for (std::size_t i = 0; i < size; ++i) {
    to[i] = args[0].at(size - 1 - i);
  }
  return Value::of_list({to, size});
}

Value slice(Frame& frame, Args args) {
  if (!args[0].is(Kind::list) || !args[1].is(Kind::int_) || !args[2].is(Kind::int_)) {
    return Value::of_overload_error(args[0].kind(), args[1].kind());
  }
  const std::int64_t start = args[1].as_int();
  const std::int64_t end = args[2].as_int();
  if (start < 0 || start > end || static_cast<std::uint64_t>(end) > args[0].size()) {
    return Value::of_error(ErrorCode::index_out_of_range);
  }
  const auto size = static_cast<std::size_t>(end - start);
  Value* const to = frame.allocate<Value>(size);
  if (to == nullptr || !frame.spend(size)) {
    return Value::null();
  }
  for (std::size_t i = 0; i < size; ++i) {
    to[i] = args[0].at(static_cast<std::size_t>(start) + i);
  }
  return Value::of_list({to, size});
}

/// first() and last().
template <bool k_first>
Value end_of(Frame& frame, Args args) {
  if (!args[0].is(Kind::list)) {
    return Value::of_overload_error(args[0].kind());
  }
  const std::size_t size = args[0].size();
  return size == 0 ? Value::of_optional(nullptr)
                   : frame.make_optional(args[0].at(k_first ? 0 : size - 1));
}

constexpr Function k_functions[] = {
    {"distinct",
     CallStyle::member,
     1,
     1,
     distinct,
     "(list(A)) -> list(A)",
     "each element once, in the order of their first appearance"},
    {"flatten",
     CallStyle::member,
     1,
     2,
     flatten,
     "(list(list(A))) -> list(A); (list(dyn)) -> list(dyn); (list(dyn), int) -> list(dyn)",
     "with lists inside replaced by their elements, one level or so many"},
    {"lists.range",
     CallStyle::global,
     1,
     1,
     range,
     "(int) -> list(int)",
     "the ints from 0 up to and without the argument"},
    {"reverse",
     CallStyle::member,
     1,
     1,
     reverse,
     "(list(A)) -> list(A); (string) -> string",
     "the elements, or a string's characters, in reverse order"},
    {"slice",
     CallStyle::member,
     3,
     3,
     slice,
     "(list(A), int, int) -> list(A)",
     "from an index up to and without another"},
    {"first",
     CallStyle::member,
     1,
     1,
     end_of<true>,
     "(list(A)) -> optional_type(A)",
     "the first element, if any"},
    {"last",
     CallStyle::member,
     1,
     1,
     end_of<false>,
     "(list(A)) -> optional_type(A)",
     "the last element, if any"},
};

}  // namespace

std::span<const Function> list_functions() {
  return k_functions;
}

}  // namespace preloop::cel

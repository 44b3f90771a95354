#include "cel/list_order.h"

#include "cel/compare.h"
#include "cel/function.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace preloop::cel {
namespace {

using Args = std::span<const Value>;

bool has_order(Kind kind) {
  switch (kind) {
    case Kind::bool_:
    case Kind::int_:
    case Kind::uint_:
    case Kind::double_:
    case Kind::string:
    case Kind::bytes:
    case Kind::timestamp:
    case Kind::duration:
      return true;
    default:
      return false;
  }
}

bool is_nan(const Value& value) {
  return value.is(Kind::double_) && std::isnan(value.as_double());
}

/// A strict weak order on values of one kind.
bool comes_before(const Value& a, const Value& b) {
  if (is_nan(a) || is_nan(b)) {
    return is_nan(a) && !is_nan(b);
  }
  return order(a, b) == std::partial_ordering::less;
}

/// Merge sort by passes: stable, and its memory is the frame's.
void merge_passes(std::span<Ranked> items, Ranked* spare) {
  Ranked* from = items.data();
  Ranked* to = spare;
  const std::size_t size = items.size();
  for (std::size_t width = 1; width < size; width *= 2) {
    for (std::size_t start = 0; start < size; start += 2 * width) {
      const std::size_t middle = std::min(start + width, size);
      const std::size_t end = std::min(start + 2 * width, size);
      std::merge(from + start,
                 from + middle,
                 from + middle,
                 from + end,
                 to + start,
                 [](const Ranked& a, const Ranked& b) { return comes_before(a.key, b.key); });
    }
    std::swap(from, to);
  }
  if (from != items.data()) {
    std::copy_n(from, size, items.data());
  }
}

Value sort(Frame& frame, Args args) {
  if (!args[0].is(Kind::list)) {
    return Value::of_overload_error(args[0].kind());
  }
  const std::size_t size = args[0].size();
  Ranked* const items = frame.allocate<Ranked>(size);
  if (items == nullptr) {
    return Value::null();
  }
  for (std::size_t i = 0; i < size; ++i) {
    items[i] = {args[0].at(i), args[0].at(i)};
  }
  return sort_ranked(frame, {items, size}) ? list_of_items(frame, {items, size})
                                           : Value::of_overload_error(Kind::list);
}

constexpr Function k_functions[] = {
    {"sort",
     CallStyle::member,
     1,
     1,
     sort,
     "(list(int)) -> list(int); (list(uint)) -> list(uint); (list(double)) -> list(double); "
     "(list(bool)) -> list(bool); (list(string)) -> list(string); (list(bytes)) -> list(bytes); "
     "(list(timestamp)) -> list(timestamp); (list(duration)) -> list(duration)",
     "in ascending order; all elements must have one type; see also sortBy"},
};

}  // namespace

bool sort_ranked(Frame& frame, std::span<Ranked> items) {
  std::size_t bytes = 0;
  for (const Ranked& item : items) {
    if (item.key.kind() != items[0].key.kind() || !has_order(item.key.kind())) {
      return false;
    }
    bytes += item.key.is(Kind::string) || item.key.is(Kind::bytes) ? item.key.size() : 0;
  }
  const auto passes = static_cast<std::size_t>(std::bit_width(items.size()));
  Ranked* const spare = frame.spend(passes * items.size()) && frame.spend_bytes_read(passes * bytes)
                            ? frame.allocate<Ranked>(items.size())
                            : nullptr;
  if (spare != nullptr) {
    merge_passes(items, spare);
  }
  return true;
}

Value list_of_items(Frame& frame, std::span<const Ranked> items) {
  Value* const to = frame.allocate<Value>(items.size());
  if (to == nullptr) {
    return Value::null();
  }
  std::ranges::transform(items, to, &Ranked::item);
  return Value::of_list({to, items.size()});
}

std::span<const Function> sort_functions() {
  return k_functions;
}

}  // namespace preloop::cel

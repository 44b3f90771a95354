#include "cel/list_order.h"
#include "cel/steps.h"

namespace preloop::cel {

/// list.sortBy(name, key): the elements in the order of what `key` makes of each.
Value eval_sort_by(Frame& frame, const Step& step) {
  const auto& self = static_cast<const ComprehensionStep&>(step);
  const Value list = frame.run(*self.range);
  if (!list.is(Kind::list)) {
    return list.is_error() ? list : Value::of_overload_error(list.kind()).with_site(&step.site);
  }
  Ranked* const items = frame.allocate<Ranked>(list.size());
  if (items == nullptr) {
    return Value::null();
  }
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (!frame.iterate()) {
      return Value::null();
    }
    frame.local(self.slot) = list.at(i);
    const Value key = frame.run(*self.result);
    if (key.is_error()) {
      return key;
    }
    items[i] = {key, list.at(i)};
  }
  const std::span<Ranked> all(items, list.size());
  return sort_ranked(frame, all) ? list_of_items(frame, all)
                                 : Value::of_overload_error(Kind::list).with_site(&step.site);
}

}  // namespace preloop::cel

#include "cel/collected.h"
#include "cel/compare.h"
#include "cel/steps.h"

namespace preloop::cel {
namespace {

/// Walks the range and binds the variables of each round: element or key, or with two variables
/// index and element, or key and value.
class Rounds {
 public:
  Rounds(Frame& frame, const ComprehensionStep& step)
      : frame_(frame), step_(step), range_(frame.run(*step.range)) {
    if (!range_.is_error() && !range_.is(Kind::list) && !range_.is(Kind::map)) {
      range_ = Value::of_overload_error(range_.kind()).with_site(&step.site);
    }
  }

  const Value& range() const { return range_; }
  bool failed() const { return range_.is_error(); }

  bool next() {
    if (at_ >= range_.size() || !frame_.iterate()) {
      return false;
    }
    const bool is_map = range_.is(Kind::map);
    if (!step_.has_second) {
      frame_.local(step_.slot) = is_map ? range_.key_at(at_) : range_.at(at_);
    } else {
      frame_.local(step_.slot) =
          is_map ? range_.key_at(at_) : Value::of_int(static_cast<std::int64_t>(at_));
      frame_.local(step_.second_slot) = is_map ? range_.value_at(at_) : range_.at(at_);
    }
    ++at_;
    return true;
  }

  /// The predicate of this round: a bool or an error.
  Value test() {
    const Value out = frame_.run_condition(*step_.filter);
    return out.is_error() ? out.with_site(&step_.site) : out;
  }

 private:
  Frame& frame_;
  const ComprehensionStep& step_;
  Value range_;
  std::size_t at_ = 0;
};

/// all and exists: the fold of && and ||, so the decisive value hides errors of other rounds.
template <bool k_decisive>
Value eval_quantifier(Frame& frame, const Step& step) {
  Rounds rounds(frame, static_cast<const ComprehensionStep&>(step));
  if (rounds.failed()) {
    return rounds.range();
  }
  Value out = Value::of_bool(!k_decisive);
  while (rounds.next()) {
    const Value value = rounds.test();
    if (value.is_error()) {
      out = out.is_error() ? out : value;
    } else if (value.as_bool() == k_decisive) {
      return value;
    }
  }
  return out;
}

Value eval_exists_one(Frame& frame, const Step& step) {
  Rounds rounds(frame, static_cast<const ComprehensionStep&>(step));
  if (rounds.failed()) {
    return rounds.range();
  }
  std::size_t found = 0;
  while (rounds.next()) {
    const Value value = rounds.test();
    if (value.is_error()) {
      return value;
    }
    found += value.as_bool() ? 1 : 0;
  }
  return Value::of_bool(found == 1);
}

/// map, filter and transformList.
Value eval_collect(Frame& frame, const Step& step) {
  const auto& self = static_cast<const ComprehensionStep&>(step);
  Rounds rounds(frame, self);
  if (rounds.failed()) {
    return rounds.range();
  }
  Collected<Value> out(frame);
  while (rounds.next()) {
    if (self.filter != nullptr) {
      const Value wanted = rounds.test();
      if (wanted.is_error()) {
        return wanted;
      }
      if (!wanted.as_bool()) {
        continue;
      }
    }
    const Value item = self.result != nullptr ? frame.run(*self.result) : frame.local(self.slot);
    if (item.is_error()) {
      return item;
    }
    if (!out.add(item)) {
      return Value::null();
    }
  }
  return Value::of_list(out.items());
}

/// The entries a round of transformMap or transformMapEntry adds; an error when it cannot.
Value add_entries(Frame& frame,
                  const ComprehensionStep& self,
                  const Value& item,
                  Collected<MapEntry>& out) {
  if (self.macro == Macro::transform_map) {
    out.add({frame.local(self.slot), item});
    return Value::null();
  }
  if (!item.is(Kind::map)) {
    return Value::of_overload_error(item.kind()).with_site(&self.site);
  }
  for (std::size_t i = 0; i < item.size(); ++i) {
    Value ignored;
    if (find_key(frame, Value::of_map(out.items()), item.key_at(i), ignored)) {
      return Value::of_error(ErrorCode::duplicate_key, &self.site);
    }
    if (!out.add({item.key_at(i), item.value_at(i)})) {
      break;
    }
  }
  return Value::null();
}

Value eval_collect_map(Frame& frame, const Step& step) {
  const auto& self = static_cast<const ComprehensionStep&>(step);
  Rounds rounds(frame, self);
  if (rounds.failed()) {
    return rounds.range();
  }
  Collected<MapEntry> out(frame);
  while (rounds.next()) {
    if (self.filter != nullptr) {
      const Value wanted = rounds.test();
      if (wanted.is_error()) {
        return wanted;
      }
      if (!wanted.as_bool()) {
        continue;
      }
    }
    const Value item = frame.run(*self.result);
    if (item.is_error()) {
      return item;
    }
    if (const Value problem = add_entries(frame, self, item, out); problem.is_error()) {
      return problem;
    }
  }
  return Value::of_map(out.items());
}

Value eval_bind(Frame& frame, const Step& step) {
  const auto& self = static_cast<const ComprehensionStep&>(step);
  // An error is bound like any value: it only counts where the name is used.
  frame.local(self.slot) = frame.run(*self.range);
  return frame.run(*self.result);
}

template <bool k_flat>
Value eval_optional_map(Frame& frame, const Step& step) {
  const auto& self = static_cast<const ComprehensionStep&>(step);
  const Value operand = frame.run(*self.range);
  if (operand.is_error()) {
    return operand;
  }
  if (!operand.is(Kind::optional)) {
    return Value::of_overload_error(operand.kind()).with_site(&step.site);
  }
  if (!operand.has_value()) {
    return operand;
  }
  frame.local(self.slot) = operand.optional_value();
  const Value out = frame.run(*self.result);
  if (out.is_error()) {
    return out;
  }
  if (!k_flat) {
    return frame.make_optional(out);
  }
  return out.is(Kind::optional) ? out : Value::of_overload_error(out.kind()).with_site(&step.site);
}

}  // namespace

StepFunction comprehension(Macro macro) {
  switch (macro) {
    case Macro::all:
      return eval_quantifier<false>;
    case Macro::exists:
      return eval_quantifier<true>;
    case Macro::exists_one:
      return eval_exists_one;
    case Macro::map:
    case Macro::filter:
    case Macro::transform_list:
      return eval_collect;
    case Macro::transform_map:
    case Macro::transform_map_entry:
      return eval_collect_map;
    case Macro::sort_by:
      return eval_sort_by;
    case Macro::bind:
      return eval_bind;
    case Macro::opt_map:
      return eval_optional_map<false>;
    case Macro::opt_flat_map:
      return eval_optional_map<true>;
  }
  return nullptr;
}

}  // namespace preloop::cel

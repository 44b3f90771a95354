#include "cel/frame.h"

#include <algorithm>

namespace preloop::cel {

std::string_view to_string(Exhausted what) {
  switch (what) {
    case Exhausted::none:
      return "none";
    case Exhausted::steps:
      return "steps";
    case Exhausted::bytes:
      return "bytes";
    case Exhausted::iterations:
      return "iterations";
  }
  return "none";
}

bool Frame::exhaust(Exhausted what) {
  if (exhausted_ == Exhausted::none) {
    exhausted_ = what;
  }
  // Every further step fails at once, which unwinds the evaluation.
  steps_left_ = std::min<std::int64_t>(steps_left_, -1);
  return false;
}

Value Frame::make_string(std::string_view text) {
  char* const to = allocate<char>(text.size());
  if (to == nullptr) {
    return Value::null();
  }
  std::ranges::copy(text, to);
  return Value::of_string({to, text.size()});
}

Value Frame::make_optional(const Value& value) {
  Value* const to = allocate<Value>(1);
  if (to == nullptr) {
    return Value::null();
  }
  *to = value;
  return Value::of_optional(to);
}

}  // namespace preloop::cel

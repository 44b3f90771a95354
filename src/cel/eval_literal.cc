#include "cel/compare.h"
#include "cel/steps.h"

namespace preloop::cel {
namespace {

enum class Take : std::uint8_t { keep, skip, fail };

/// The value of an entry; that of `?x` is unwrapped, and skipped when it is empty.
Take entry_value(Frame& frame, const EntryStep& entry, const Site& site, Value& out) {
  out = frame.run(*entry.value);
  if (out.is_error()) {
    return Take::fail;
  }
  if (!entry.is_optional) {
    return Take::keep;
  }
  if (!out.is(Kind::optional)) {
    out = Value::of_overload_error(out.kind()).with_site(&site);
    return Take::fail;
  }
  if (!out.has_value()) {
    return Take::skip;
  }
  out = Value(out.optional_value());
  return Take::keep;
}

bool can_be_key(const Value& key) {
  return key.is(Kind::string) || key.is(Kind::int_) || key.is(Kind::uint_) || key.is(Kind::bool_);
}

}  // namespace

Value eval_list(Frame& frame, const Step& step) {
  const auto& literal = static_cast<const LiteralStep&>(step);
  Value* const items = frame.allocate<Value>(literal.entries.size());
  if (items == nullptr) {
    return Value::null();
  }
  std::size_t size = 0;
  for (const EntryStep& entry : literal.entries) {
    Value value;
    switch (entry_value(frame, entry, step.site, value)) {
      case Take::keep:
        items[size++] = value;
        break;
      case Take::skip:
        break;
      case Take::fail:
        return value;
    }
  }
  return Value::of_list({items, size});
}

Value eval_map(Frame& frame, const Step& step) {
  const auto& literal = static_cast<const LiteralStep&>(step);
  MapEntry* const entries = frame.allocate<MapEntry>(literal.entries.size());
  if (entries == nullptr) {
    return Value::null();
  }
  std::size_t size = 0;
  for (const EntryStep& entry : literal.entries) {
    const Value key = frame.run(*entry.key);
    if (key.is_error()) {
      return key;
    }
    if (!can_be_key(key)) {
      return Value::of_error(ErrorCode::unsupported_key, &step.site);
    }
    Value value;
    const Take take = entry_value(frame, entry, step.site, value);
    if (take == Take::fail) {
      return value;
    }
    Value ignored;
    if (find_key(frame, Value::of_map({entries, size}), key, ignored)) {
      return Value::of_error(ErrorCode::duplicate_key, &step.site);
    }
    if (take == Take::keep) {
      entries[size++] = {key, value};
    }
  }
  return Value::of_map({entries, size});
}

}  // namespace preloop::cel

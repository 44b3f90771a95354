#include "cel/testing/conforms.h"

#include <algorithm>

namespace preloop::cel {
namespace {

bool has_fields(const Value& value, const Type& type) {
  std::size_t known = 0;
  for (const Field& field : type.fields) {
    bool found = false;
    for (std::size_t i = 0; i < value.size() && !found; ++i) {
      found = value.key_at(i).as_text() == field.name;
      if (found && !conforms(value.value_at(i), *field.type)) {
        return false;
      }
    }
    if (!found && field.required) {
      return false;
    }
    known += found ? 1 : 0;
  }
  return !type.closed || known == value.size();
}

bool has_kind(const Value& value, const Type& type) {
  switch (type.kind) {
    case TypeKind::dyn:
    case TypeKind::parameter:
      return true;
    case TypeKind::null_type:
      return value.is(Kind::null_type);
    case TypeKind::nullable:
      return value.is(Kind::null_type) || conforms(value, *type.of[0]);
    case TypeKind::bool_:
      return value.is(Kind::bool_);
    case TypeKind::int_:
      // Integers beyond int are numbers that arithmetic calls an overflow.
      return value.is_number() && (value.is(Kind::int_) || value.is_json_number());
    case TypeKind::number:
    case TypeKind::json_number:
      return value.is_number();
    case TypeKind::string:
      return value.is(Kind::string);
    case TypeKind::list:
      if (!value.is(Kind::list)) {
        return false;
      }
      for (std::size_t i = 0; i < value.size(); ++i) {
        if (!conforms(value.at(i), *type.of[0])) {
          return false;
        }
      }
      return true;
    case TypeKind::map:
      if (!value.is(Kind::map)) {
        return false;
      }
      for (std::size_t i = 0; i < value.size(); ++i) {
        if (!conforms(value.value_at(i), *type.of[1])) {
          return false;
        }
      }
      return true;
    case TypeKind::record:
      return value.is(Kind::map) && has_fields(value, type);
    default:
      return false;
  }
}

}  // namespace

bool conforms(const Value& value, const Type& type) {
  return has_kind(value, type) &&
         (type.only.empty() || std::ranges::count(type.only, choice_text(value)) > 0);
}

}  // namespace preloop::cel

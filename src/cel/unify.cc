#include "cel/unify.h"

#include <algorithm>

namespace preloop::cel {
namespace {

/// Values of these types can be null where the language keeps its old habit (a list of optionals
/// and null is a list of optionals).
bool takes_null(const Type& type) {
  return type.kind == TypeKind::optional || type.kind == TypeKind::abstract ||
         type.kind == TypeKind::timestamp || type.kind == TypeKind::duration;
}

/// A number whose type is not known before there is a value.
bool is_any_number(const Type& type) {
  return type.kind == TypeKind::number || type.kind == TypeKind::json_number;
}

}  // namespace

TypePtr Unifier::fresh() {
  bindings_.push_back(nullptr);
  return make({.kind = TypeKind::parameter, .name = "?", .variable = bindings_.size() - 1});
}

const TypePtr& Unifier::known(const TypePtr& type) const {
  const TypePtr* at = &type;
  while ((*at)->kind == TypeKind::parameter && bindings_[(*at)->variable] != nullptr) {
    at = &bindings_[(*at)->variable];
  }
  return *at;
}

void Unifier::set(std::size_t variable, TypePtr type) {
  trail_.emplace_back(variable, bindings_[variable]);
  bindings_[variable] = std::move(type);
}

void Unifier::release(Mark mark) {
  while (trail_.size() > mark.trail) {
    bindings_[trail_.back().first] = std::move(trail_.back().second);
    trail_.pop_back();
  }
}

bool Unifier::occurs(std::size_t variable, const Type& in) const {
  if (in.kind == TypeKind::parameter) {
    return in.variable == variable ||
           (bindings_[in.variable] != nullptr && occurs(variable, *bindings_[in.variable]));
  }
  return std::ranges::any_of(in.of, [&](const TypePtr& part) { return occurs(variable, *part); });
}

bool Unifier::bind(const TypePtr& parameter, const TypePtr& type) {
  const TypePtr found = bindings_[parameter->variable];
  if (found == nullptr) {
    const TypePtr& target = known(type);
    if (target->kind == TypeKind::parameter && target->variable == parameter->variable) {
      return true;
    }
    if (occurs(parameter->variable, *target)) {
      return false;
    }
    set(parameter->variable, target);
    return true;
  }
  if (type->kind == TypeKind::parameter && type->variable == parameter->variable) {
    return true;
  }
  if (is_number(*found) && is_number(*type) && found->kind != type->kind &&
      (is_any_number(*found) || is_any_number(*type))) {
    set(parameter->variable, simple(TypeKind::number));
    return true;
  }
  if (found->kind == TypeKind::parameter) {
    return fits(found, type);
  }
  if (occurs(parameter->variable, *type) || (!fits(found, type) && !fits(type, found))) {
    return false;
  }
  // The parameter becomes the more general of the two.
  TypePtr wider = join(found, type);
  if (to_string(*wider) != to_string(*found)) {
    set(parameter->variable, std::move(wider));
  }
  return true;
}

bool Unifier::fits_parts(const Type& to, const Type& from) {
  return to.of.size() == from.of.size() &&
         std::ranges::equal(
             to.of, from.of, [&](const TypePtr& a, const TypePtr& b) { return fits(a, b); });
}

bool Unifier::fits(const TypePtr& to, const TypePtr& from) {
  if (to == from) {
    return true;
  }
  if (to->kind == TypeKind::parameter) {
    return bind(to, from);
  }
  if (from->kind == TypeKind::parameter) {
    // That some number is wanted does not say which the parameter is.
    return to->kind == TypeKind::number && bindings_[from->variable] == nullptr ? true
                                                                                : bind(from, to);
  }
  if (to->kind == TypeKind::dyn || from->kind == TypeKind::dyn) {
    return true;
  }
  if (to->kind == TypeKind::nullable) {
    return from->kind == TypeKind::null_type || fits(to->of[0], not_null(from));
  }
  if (from->kind == TypeKind::nullable) {
    return fits(to, from->of[0]);
  }
  if (to->kind == TypeKind::number) {
    return is_number(*from);
  }
  if (to->kind == TypeKind::map && from->kind == TypeKind::record) {
    return fits(to->of[0], simple(TypeKind::string)) && fits(to->of[1], dyn());
  }
  if (to->kind != from->kind || to->name != from->name) {
    return false;
  }
  return to->kind == TypeKind::record || to->kind == TypeKind::type || fits_parts(*to, *from);
}

bool Unifier::assignable(const TypePtr& to, const TypePtr& from) {
  const Mark before = mark();
  if (fits(to, from)) {
    return true;
  }
  release(before);
  return false;
}

bool Unifier::comparable(const TypePtr& left, const TypePtr& right) {
  const TypePtr a = known(left);
  const TypePtr b = known(right);
  if (a->kind == TypeKind::nullable || b->kind == TypeKind::nullable) {
    const auto can_be_null = [](const Type& type) {
      return type.kind == TypeKind::nullable || type.kind == TypeKind::null_type;
    };
    return (can_be_null(*a) && can_be_null(*b)) || comparable(not_null(a), not_null(b));
  }
  if (is_number(*a) && is_number(*b)) {
    return true;
  }
  const auto is_map = [](const Type& type) {
    return type.kind == TypeKind::map || type.kind == TypeKind::record;
  };
  if (is_map(*a) && is_map(*b)) {
    return a->kind == TypeKind::record || b->kind == TypeKind::record ||
           (comparable(a->of[0], b->of[0]) && comparable(a->of[1], b->of[1]));
  }
  if (a->kind == b->kind && (a->kind == TypeKind::list || a->kind == TypeKind::optional)) {
    return comparable(a->of[0], b->of[0]);
  }
  if ((a->kind == TypeKind::null_type && takes_null(*b)) ||
      (b->kind == TypeKind::null_type && takes_null(*a))) {
    return true;
  }
  return assignable(a, b) || assignable(b, a);
}

TypePtr Unifier::join(const TypePtr& a, const TypePtr& b) {
  TypePtr left = resolve(a);
  TypePtr right = resolve(b);
  if (left->kind == TypeKind::record && right->kind == TypeKind::record && left != right) {
    return dyn();
  }
  if (left->kind == TypeKind::null_type && takes_null(*right)) {
    return right;
  }
  if (right->kind == TypeKind::null_type && takes_null(*left)) {
    return left;
  }
  if (left->kind == TypeKind::dyn || right->kind == TypeKind::dyn) {
    return dyn();
  }
  if (left->kind == TypeKind::nullable || right->kind == TypeKind::nullable) {
    TypePtr inner = join(not_null(left), not_null(right));
    return inner->kind == TypeKind::dyn ? inner : composed(TypeKind::nullable, std::move(inner));
  }
  if (left->kind != right->kind && is_number(*left) && is_number(*right) &&
      (is_any_number(*left) || is_any_number(*right))) {
    return simple(TypeKind::number);
  }
  // What fits both ways is the same but for a dyn or a parameter inside, and the wider one wins.
  const Mark before = mark();
  if (fits(left, right)) {
    TypePtr wide = resolve(left);
    if (wide->of.size() == right->of.size() && !wide->of.empty()) {
      Type out = *wide;
      for (std::size_t i = 0; i < out.of.size(); ++i) {
        out.of[i] = join(out.of[i], right->of[i]);
      }
      return make(std::move(out));
    }
    return wide;
  }
  release(before);
  if (fits(right, left)) {
    return resolve(right);
  }
  release(before);
  return dyn();
}

TypePtr Unifier::instantiate(const TypePtr& type,
                             std::vector<std::pair<std::string, TypePtr>>& names) {
  if (type->kind == TypeKind::parameter) {
    const auto found = std::ranges::find(
        names, type->name, [](const auto& name) -> const auto& { return name.first; });
    return found != names.end() ? found->second : names.emplace_back(type->name, fresh()).second;
  }
  if (type->of.empty()) {
    return type;
  }
  Type out = *type;
  for (TypePtr& part : out.of) {
    part = instantiate(part, names);
  }
  return make(std::move(out));
}

std::optional<TypePtr> Unifier::apply(const Signature& signature, std::span<const TypePtr> args) {
  const std::size_t count = signature.params.size();
  if (signature.repeats ? args.size() < count : args.size() != count) {
    return std::nullopt;
  }
  std::vector<std::pair<std::string, TypePtr>> names;
  std::vector<TypePtr> params;
  params.reserve(signature.params.size());
  for (const TypePtr& param : signature.params) {
    params.push_back(instantiate(param, names));
  }
  const Mark before = mark();
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (!fits(params[std::min(i, count - 1)], args[i])) {
      release(before);
      return std::nullopt;
    }
  }
  return resolve(instantiate(signature.result, names));
}

TypePtr Unifier::resolve(const TypePtr& type, Unknown unknown) const {
  const TypePtr& found = known(type);
  if (found->kind == TypeKind::parameter) {
    return unknown == Unknown::dyn ? dyn() : found;
  }
  if (found->of.empty()) {
    return found;
  }
  Type out = *found;
  for (TypePtr& part : out.of) {
    part = resolve(part, unknown);
  }
  return make(std::move(out));
}

}  // namespace preloop::cel

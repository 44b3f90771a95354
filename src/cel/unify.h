#pragma once
#include "cel/signature.h"
#include "cel/type.h"

#include <optional>
#include <span>
#include <vector>

namespace preloop::cel {

/// The parameters of types while one expression is checked, and what they turned out to be
/// (language definition, "Type Checking"; unification with a trail to take trials back).
class Unifier {
 public:
  /// A parameter nothing is known of yet.
  TypePtr fresh();

  /// Whether a value of type `from` may stand where `to` is wanted; then what that says about
  /// parameters is kept, else nothing is.
  bool assignable(const TypePtr& to, const TypePtr& from);

  /// Whether == can be true of values of these types: also numbers of different types, and a list
  /// or map with a part for which it can.
  bool comparable(const TypePtr& a, const TypePtr& b);

  /// The type of a list whose elements have both types; dyn when they have nothing in common.
  TypePtr join(const TypePtr& a, const TypePtr& b);

  /// The result when the arguments fit the signature; then its parameters are kept, else nothing.
  std::optional<TypePtr> apply(const Signature& signature, std::span<const TypePtr> args);

  /// With parameters replaced by what is known of them; `final`: by dyn when nothing is.
  enum class Unknown : std::uint8_t { keep, dyn };
  TypePtr resolve(const TypePtr& type, Unknown unknown = Unknown::keep) const;

  struct Mark {
    std::size_t trail;
  };
  Mark mark() const { return {trail_.size()}; }
  void release(Mark mark);

 private:
  bool fits(const TypePtr& to, const TypePtr& from);
  bool fits_parts(const Type& to, const Type& from);
  bool bind(const TypePtr& parameter, const TypePtr& type);
  bool occurs(std::size_t variable, const Type& in) const;
  const TypePtr& known(const TypePtr& type) const;
  void set(std::size_t variable, TypePtr type);
  TypePtr instantiate(const TypePtr& type, std::vector<std::pair<std::string, TypePtr>>& names);

  std::vector<TypePtr> bindings_{nullptr};  ///< by variable; null: nothing known. 0 is unused
  std::vector<std::pair<std::size_t, TypePtr>> trail_;
};

}  // namespace preloop::cel

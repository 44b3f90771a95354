#pragma once
#include "core/json.h"
#include "schema/keyword.h"
#include "schema/schema.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace preloop::schema {

/// Which members or elements of one instance some keyword has looked at: the annotation the
/// unevaluated keywords depend on. Up to 256 without allocating.
class Evaluated {
 public:
  explicit Evaluated(std::size_t size);

  void mark(std::size_t index) { words()[index / 64] |= std::uint64_t{1} << index % 64; }
  bool has(std::size_t index) const { return (words()[index / 64] >> index % 64 & 1) != 0; }
  /// `other` must be of the same instance.
  void merge(const Evaluated& other);

 private:
  std::uint64_t* words() { return many_.empty() ? few_.data() : many_.data(); }
  const std::uint64_t* words() const { return many_.empty() ? few_.data() : many_.data(); }

  std::size_t count_;
  std::array<std::uint64_t, 4> few_{};
  std::vector<std::uint64_t> many_;
};

/// A step of the path from the root of the instance, on the stack.
struct Place {
  const Place* up = nullptr;
  std::string_view key;
  std::size_t index = Location::k_not_an_index;
  std::size_t depth = 0;
};

/// A failure as it is collected, with what choosing between alternatives needs.
struct Found {
  Problem problem;
  std::string_view keyword;
  std::size_t depth = 0;  ///< of the instance it is about
  TypeSet types = 0;      ///< accepted ones, when `keyword` is "type"
};

/// The state of one validation, on the stack of one thread. Quiet runs only answer and stop at the
/// first failure; explaining runs go on to collect problems.
class Run {
 public:
  enum class Mode : std::uint8_t { quiet, explain };
  enum class Stop : std::uint8_t { none, steps, recursion };

  Run(const CompileLimits& limits, Mode mode);

  /// Applies `schema` to an instance at the current place.
  bool apply(const Subschema& schema, core::Json instance, Evaluated* evaluated);
  /// Applies it to a member or element of the instance at the current place.
  bool apply_member(const Subschema& schema, std::string_view key, core::Json value);
  bool apply_element(const Subschema& schema, std::size_t index, core::Json value);

  /// Takes `steps` from the budget; false, from then on, when it is used up.
  bool spend(std::size_t steps);
  std::size_t steps_left() const { return steps_; }
  Stop stopped() const { return stop_; }

  bool explains() const { return mode_ == Mode::explain && !muted_; }
  /// Always false, so that keywords can return it; `describe()` is called only when explaining.
  template <class F>
  bool fail(const Keyword& keyword, F&& describe) {
    if (explains()) {
      report(keyword.owner().location, keyword.name(), describe(), keyword.owner().types);
    }
    return false;
  }
  /// The same about a member of the instance at the current place.
  template <class F>
  bool fail_member(const Keyword& keyword, std::string_view member, F&& describe) {
    const Place place{place_, member, Location::k_not_an_index, place_->depth + 1};
    const Place* const saved = std::exchange(place_, &place);
    fail(keyword, describe);
    place_ = saved;
    return false;
  }
  /// Runs `schema` without reporting: for conditions whose failure is no problem.
  bool test(const Subschema& schema, core::Json instance, Evaluated* evaluated);
  bool test_element(const Subschema& schema, std::size_t index, core::Json value);
  /// Runs `schema` and returns its problems apart (none when quiet).
  bool attempt(const Subschema& schema,
               core::Json instance,
               Evaluated* evaluated,
               std::vector<Found>& problems);
  void add(Found found);

  std::size_t depth() const { return place_->depth; }
  /// What `dynamic` (anchors of one name, by resource) means here: the outermost resource that is
  /// being evaluated and has one; `otherwise` when none has.
  struct DynamicAnchor {
    std::uint32_t resource = 0;
    const Subschema* schema = nullptr;
  };
  const Subschema* find_dynamic(const std::vector<DynamicAnchor>& dynamic,
                                const Subschema* otherwise) const;

  std::vector<Found>& found() { return *found_; }

 private:
  struct Scope {
    const Scope* up = nullptr;
    std::uint32_t resource = 0;
  };

  bool check_keywords(const Subschema& schema, core::Json instance, Evaluated* evaluated);
  void report(const Location* schema, std::string_view keyword, std::string message, TypeSet types);

  const CompileLimits& limits_;
  const Mode mode_;
  bool muted_ = false;
  Stop stop_ = Stop::none;
  std::size_t steps_;
  std::size_t open_ = 0;
  Place root_;
  const Place* place_ = &root_;
  const Scope* scope_ = nullptr;
  std::vector<Found> problems_;
  std::vector<Found>* found_ = &problems_;
};

}  // namespace preloop::schema

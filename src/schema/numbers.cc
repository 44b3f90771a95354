// minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf
#include "schema/compiler.h"
#include "schema/number.h"

#include <fmt/format.h>

#include <array>
#include <compare>

namespace preloop::schema {
namespace {

using core::Code;
using core::Json;
using core::Status;

struct Bound {
  std::string_view name;
  bool (*holds)(std::strong_ordering instance_to_limit);
  std::string_view wording;
};

constexpr std::array<Bound, 4> k_bounds{{
    {"minimum", [](std::strong_ordering order) { return order >= 0; }, "at least"},
    {"maximum", [](std::strong_ordering order) { return order <= 0; }, "at most"},
    {"exclusiveMinimum", [](std::strong_ordering order) { return order > 0; }, "more than"},
    {"exclusiveMaximum", [](std::strong_ordering order) { return order < 0; }, "less than"},
}};

class Limit final : public Keyword {
 public:
  Limit(const Subschema& owner, const Bound& bound, Json limit)
      : Keyword(owner, bound.name), bound_(bound), limit_(limit) {}
  bool check(Run& run, Json instance, Evaluated*) const override {
    if (!instance.is_any_number() || bound_.holds(compare_numbers(instance, limit_))) {
      return true;
    }
    return run.fail(*this,
                    [&] { return fmt::format("must be {} {}", bound_.wording, limit_.dump()); });
  }

 private:
  const Bound& bound_;
  Json limit_;
};

class MultipleOf final : public Keyword {
 public:
  MultipleOf(const Subschema& owner, Json divisor)
      : Keyword(owner, "multipleOf"), divisor_(divisor) {}
  bool check(Run& run, Json instance, Evaluated*) const override {
    if (!instance.is_any_number() || is_multiple_of(instance, divisor_)) {
      return true;
    }
    return run.fail(*this,
                    [&] { return fmt::format("must be a multiple of {}", divisor_.dump()); });
  }

 private:
  Json divisor_;
};

}  // namespace

Status add_number_keywords(Compiler&, Json json, Subschema& out) {
  for (const Bound& bound : k_bounds) {
    const Json limit = json.find(bound.name);
    if (!limit.exists()) {
      continue;
    }
    if (!limit.is_any_number()) {
      return schema_error(Code::invalid_argument, out.location, bound.name, "must be a number");
    }
    out.keywords.push_back(std::make_unique<Limit>(out, bound, limit));
  }
  if (const Json divisor = json.find("multipleOf"); divisor.exists()) {
    if (!divisor.is_any_number() || *divisor.as_double() <= 0) {
      return schema_error(
          Code::invalid_argument, out.location, "multipleOf", "must be a number above 0");
    }
    out.keywords.push_back(std::make_unique<MultipleOf>(out, divisor));
  }
  return {};
}

}  // namespace preloop::schema

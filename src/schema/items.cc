// prefixItems, items, additionalItems, contains, minContains, maxContains
#include "schema/compiler.h"

#include <fmt/format.h>

#include <limits>
#include <utility>

namespace preloop::schema {
namespace {

using core::Code;
using core::Json;
using core::Status;

/// The first elements by position, the others by one schema (or not at all).
class Items final : public Keyword {
 public:
  Items(const Subschema& owner,
        std::string_view name,
        std::vector<const Subschema*> prefix,
        const Subschema* rest)
      : Keyword(owner, name), prefix_(std::move(prefix)), rest_(rest) {}

  bool check(Run& run, Json instance, Evaluated* evaluated) const override {
    if (!instance.is_array()) {
      return true;
    }
    const std::size_t checked =
        rest_ != nullptr ? instance.size() : std::min(instance.size(), prefix_.size());
    if (rest_ != nullptr && rest_->always == false && instance.size() > prefix_.size()) {
      return run.fail(*this, [&] {
        return fmt::format("expected at most {} elements, got {}", prefix_.size(), instance.size());
      });
    }
    bool ok = true;
    for (std::size_t i = 0; i < checked; ++i) {
      if (evaluated != nullptr) {
        evaluated->mark(i);
      }
      const Subschema& schema = i < prefix_.size() ? *prefix_[i] : *rest_;
      ok = run.apply_element(schema, i, instance.at(i)) && ok;
      if (run.stopped() != Run::Stop::none || (!ok && !run.explains())) {
        return false;
      }
    }
    return ok;
  }

 private:
  std::vector<const Subschema*> prefix_;
  const Subschema* rest_;
};

class Contains final : public Keyword {
 public:
  Contains(const Subschema& owner, const Subschema& schema, std::uint64_t least, std::uint64_t most)
      : Keyword(owner, "contains"), schema_(schema), least_(least), most_(most) {}

  bool check(Run& run, Json instance, Evaluated* evaluated) const override {
    if (!instance.is_array()) {
      return true;
    }
    constexpr std::uint64_t k_unlimited = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < instance.size(); ++i) {
      if (evaluated == nullptr && most_ == k_unlimited && count >= least_) {
        return true;
      }
      const bool matches = run.test_element(schema_, i, instance.at(i));
      if (run.stopped() != Run::Stop::none) {
        return false;
      }
      if (matches) {
        ++count;
        if (evaluated != nullptr) {
          evaluated->mark(i);
        }
      }
    }
    if (count >= least_ && count <= most_) {
      return true;
    }
    return run.fail(*this, [&] {
      return fmt::format("expected at {} {} elements that match \"contains\", got {}",
                         count < least_ ? "least" : "most",
                         count < least_ ? least_ : most_,
                         count);
    });
  }

 private:
  const Subschema& schema_;
  std::uint64_t least_, most_;
};

core::Result<std::vector<const Subschema*>> read_prefix(Compiler& compiler,
                                                        Json schemas,
                                                        const Subschema& owner,
                                                        std::string_view keyword) {
  if (!schemas.is_array()) {
    return schema_error(Code::invalid_argument, owner.location, keyword, "must be an array");
  }
  std::vector<const Subschema*> out;
  for (const core::JsonNode& schema : schemas.elements()) {
    PRELOOP_TRY(const Subschema* compiled, compiler.child(owner, keyword, Json(&schema)));
    out.push_back(compiled);
  }
  return out;
}

}  // namespace

Status add_item_keywords(Compiler& compiler, Json json, Subschema& out) {
  const bool draft_07 = compiler.dialect(out) == Dialect::draft_07;
  const Json items = json.find("items");
  if (!draft_07 && items.is_array()) {
    return schema_error(Code::invalid_argument,
                        out.location,
                        "items",
                        "a list of schemas is draft-07 (declare it in $schema) or prefixItems");
  }
  // Draft-07 spells prefixItems and items as items and additionalItems.
  const bool tuple = draft_07 && items.is_array();
  const Json first = tuple ? items : draft_07 ? Json() : json.find("prefixItems");
  const std::string_view rest_name = tuple ? "additionalItems" : "items";
  const Json others = json.find(rest_name);
  std::vector<const Subschema*> prefix;
  if (first.exists()) {
    PRELOOP_TRY(prefix, read_prefix(compiler, first, out, tuple ? "items" : "prefixItems"));
  }
  const Subschema* rest = nullptr;
  if (others.exists()) {
    PRELOOP_TRY(rest, compiler.child(out, rest_name, others));
  }
  if (!prefix.empty() || rest != nullptr) {
    out.keywords.push_back(std::make_unique<Items>(out, rest_name, std::move(prefix), rest));
  }

  const Json contained = json.find("contains");
  std::uint64_t least = 1, most = std::numeric_limits<std::uint64_t>::max();
  if (!draft_07) {
    PRELOOP_TRY(const auto min, read_count(json, out, "minContains"));
    PRELOOP_TRY(const auto max, read_count(json, out, "maxContains"));
    least = min.value_or(least);
    most = max.value_or(most);
  }
  if (contained.exists()) {
    PRELOOP_TRY(const Subschema* schema, compiler.child(out, "contains", contained));
    out.keywords.push_back(std::make_unique<Contains>(out, *schema, least, most));
  }
  return {};
}

}  // namespace preloop::schema

// properties, patternProperties, additionalProperties: one walk over the members for all three
#include "schema/compiler.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

namespace preloop::schema {
namespace {

using core::Code;
using core::Json;
using core::JsonMember;
using core::Status;

struct Named {
  std::string_view name;
  const Subschema* schema = nullptr;
};
struct Matched {
  const Pattern* pattern = nullptr;
  const Subschema* schema = nullptr;
};

/// Shorter names first: most lookups are decided by the length alone.
bool before(std::string_view a, std::string_view b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

class Properties final : public Keyword {
 public:
  Properties(const Subschema& owner,
             std::vector<Named> named,
             std::vector<Matched> matched,
             const Subschema* additional)
      : Keyword(owner, additional == nullptr ? "properties" : "additionalProperties"),
        named_(std::move(named)),
        matched_(std::move(matched)),
        additional_(additional) {
    std::ranges::sort(named_, before, &Named::name);
  }

  bool check(Run& run, Json instance, Evaluated* evaluated) const override {
    bool ok = true;
    for (std::size_t i = 0; i < instance.members().size(); ++i) {
      const JsonMember& member = instance.members()[i];
      bool known = false;
      ok = check_member(run, member, known) && ok;
      if (known && evaluated != nullptr) {
        evaluated->mark(i);
      }
      if (run.stopped() != Run::Stop::none || (!ok && !run.explains())) {
        return false;
      }
    }
    return ok;
  }

 private:
  bool check_member(Run& run, const JsonMember& member, bool& known) const {
    if (!run.spend(1)) {
      return false;
    }
    bool ok = true;
    const auto named = std::ranges::lower_bound(named_, member.key, before, &Named::name);
    if (named != named_.end() && named->name == member.key) {
      known = true;
      ok = apply(run, *named->schema, member);
    }
    for (const Matched& matched : matched_) {
      if (!run.spend(matched.pattern->cost(member.key.size()))) {
        return false;
      }
      if (matched.pattern->found_in(member.key)) {
        known = true;
        ok = apply(run, *matched.schema, member) && ok;
      }
    }
    if (!known && additional_ != nullptr) {
      known = true;
      return apply(run, *additional_, member);
    }
    return ok;
  }

  bool apply(Run& run, const Subschema& schema, const JsonMember& member) const {
    if (schema.always == false) {
      return run.fail_member(*this, member.key, [&] { return describe_refusal(); });
    }
    return run.apply_member(schema, member.key, member.value());
  }

  std::string describe_refusal() const {
    constexpr std::size_t k_shown = 12;
    std::string known;
    std::size_t shown = 0;
    for (const Named& named : named_) {
      if (named.schema->always != false && shown++ < k_shown) {
        known += (known.empty() ? "" : ", ") + quoted(named.name);
      }
    }
    if (known.empty() || !matched_.empty()) {
      return "this property is not allowed";
    }
    return fmt::format(
        "this property is not allowed; known ones are {}{}", known, shown > k_shown ? ", …" : "");
  }

  std::vector<Named> named_;
  std::vector<Matched> matched_;
  const Subschema* additional_;
};

}  // namespace

Status add_property_keywords(Compiler& compiler, Json json, Subschema& out) {
  const Json properties = json.find("properties");
  const Json by_pattern = json.find("patternProperties");
  const Json additional = json.find("additionalProperties");
  for (const auto& [name, value] :
       {std::pair("properties", properties), std::pair("patternProperties", by_pattern)}) {
    if (value.exists() && !value.is_object()) {
      return schema_error(Code::invalid_argument, out.location, name, "must be an object");
    }
  }
  std::vector<Named> named;
  for (const JsonMember& member : properties.members()) {
    PRELOOP_TRY(const Subschema* schema, compiler.child(out, "properties", member.value()));
    named.push_back({member.key, schema});
  }
  std::vector<Matched> matched;
  for (const JsonMember& member : by_pattern.members()) {
    PRELOOP_TRY(const Pattern* pattern, compiler.pattern(out, "patternProperties", member.key));
    PRELOOP_TRY(const Subschema* schema, compiler.child(out, "patternProperties", member.value()));
    matched.push_back({pattern, schema});
  }
  const Subschema* rest = nullptr;
  if (additional.exists()) {
    PRELOOP_TRY(rest, compiler.child(out, "additionalProperties", additional));
  }
  if (!named.empty() || !matched.empty() || rest != nullptr) {
    out.keywords.push_back(
        std::make_unique<Properties>(out, std::move(named), std::move(matched), rest));
  }
  return {};
}

}  // namespace preloop::schema

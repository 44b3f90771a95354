// unevaluatedItems, unevaluatedProperties
#include "schema/compiler.h"

#include <string>

namespace preloop::schema {
namespace {

using core::Json;
using core::Status;

class UnevaluatedItems final : public Keyword {
 public:
  UnevaluatedItems(const Subschema& owner, const Subschema& schema)
      : Keyword(owner, "unevaluatedItems"), schema_(schema) {}
  bool check(Run& run, Json instance, Evaluated* evaluated) const override {
    bool ok = true;
    if (!instance.is_array() || evaluated == nullptr) {
      return true;
    }
    for (std::size_t i = 0; i < instance.size() && (ok || run.explains()); ++i) {
      if (!evaluated->has(i)) {
        evaluated->mark(i);
        ok = run.apply_element(schema_, i, instance.at(i)) && ok;
      }
    }
    return ok;
  }

 private:
  const Subschema& schema_;
};

class UnevaluatedProperties final : public Keyword {
 public:
  UnevaluatedProperties(const Subschema& owner, const Subschema& schema)
      : Keyword(owner, "unevaluatedProperties"), schema_(schema) {}
  bool check(Run& run, Json instance, Evaluated* evaluated) const override {
    bool ok = true;
    if (!instance.is_object() || evaluated == nullptr) {
      return true;
    }
    for (std::size_t i = 0; i < instance.size() && (ok || run.explains()); ++i) {
      if (!evaluated->has(i)) {
        evaluated->mark(i);
        ok = apply(run, instance.members()[i]) && ok;
      }
    }
    return ok;
  }

 private:
  bool apply(Run& run, const core::JsonMember& member) const {
    if (schema_.always == false) {
      return run.fail_member(
          *this, member.key, [] { return std::string("this property is not allowed"); });
    }
    return run.apply_member(schema_, member.key, member.value());
  }
  const Subschema& schema_;
};

}  // namespace

Status add_unevaluated_keywords(Compiler& compiler, Json json, Subschema& out) {
  if (compiler.dialect(out) == Dialect::draft_07) {
    return {};
  }
  if (const Json items = json.find("unevaluatedItems"); items.exists()) {
    PRELOOP_TRY(const Subschema* schema, compiler.child(out, "unevaluatedItems", items));
    out.late.push_back(std::make_unique<UnevaluatedItems>(out, *schema));
    out.has_unevaluated = true;
  }
  if (const Json properties = json.find("unevaluatedProperties"); properties.exists()) {
    PRELOOP_TRY(const Subschema* schema, compiler.child(out, "unevaluatedProperties", properties));
    out.late.push_back(std::make_unique<UnevaluatedProperties>(out, *schema));
    out.has_unevaluated = true;
  }
  return {};
}

}  // namespace preloop::schema

// $ref, $dynamicRef
#include "schema/compiler.h"

#include <string>

namespace preloop::schema {
namespace {

using core::Json;
using core::Status;

class Reference final : public Keyword {
 public:
  Reference(const Subschema& owner, const Subschema& target)
      : Keyword(owner, "$ref"), target_(target) {}
  bool check(Run& run, Json instance, Evaluated* evaluated) const override {
    return run.apply(target_, instance, evaluated);
  }

 private:
  const Subschema& target_;
};

/// A reference to a `$dynamicAnchor`: the outermost schema resource that is being evaluated and has
/// an anchor of that name decides what it means.
class DynamicReference final : public Keyword {
 public:
  DynamicReference(const Subschema& owner,
                   const std::vector<Run::DynamicAnchor>& anchors,
                   const Subschema& otherwise)
      : Keyword(owner, "$dynamicRef"), anchors_(anchors), otherwise_(otherwise) {}
  bool check(Run& run, Json instance, Evaluated* evaluated) const override {
    return run.apply(*run.find_dynamic(anchors_, &otherwise_), instance, evaluated);
  }

 private:
  const std::vector<Run::DynamicAnchor>& anchors_;
  const Subschema& otherwise_;
};

}  // namespace

Status add_reference_keywords(Compiler& compiler, Json json, Subschema& out) {
  std::string anchor;
  if (const Json reference = json.find("$ref"); reference.exists()) {
    PRELOOP_TRY(const Subschema* target, compiler.target(out, "$ref", reference, anchor));
    out.in_place.push_back(target);
    out.keywords.push_back(std::make_unique<Reference>(out, *target));
  }
  const Json dynamic = json.find("$dynamicRef");
  if (!dynamic.exists() || compiler.dialect(out) == Dialect::draft_07) {
    return {};
  }
  anchor.clear();
  PRELOOP_TRY(const Subschema* target, compiler.target(out, "$dynamicRef", dynamic, anchor));
  if (anchor.empty()) {
    out.in_place.push_back(target);
    out.keywords.push_back(std::make_unique<Reference>(out, *target));
  } else {
    out.keywords.push_back(
        std::make_unique<DynamicReference>(out, *compiler.dynamic_anchors(anchor), *target));
  }
  return {};
}

}  // namespace preloop::schema

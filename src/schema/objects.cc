// minProperties, maxProperties, required, dependentRequired, dependentSchemas, dependencies,
// propertyNames
#include "schema/compiler.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace preloop::schema {
namespace {

using core::Code;
using core::Json;
using core::JsonMember;
using core::Status;

class MemberCount final : public Keyword {
 public:
  MemberCount(const Subschema& owner,
              std::string_view name,
              std::uint64_t least,
              std::uint64_t most)
      : Keyword(owner, name), least_(least), most_(most) {}
  bool check(Run& run, Json instance, Evaluated*) const override {
    if (!instance.is_object() || (instance.size() >= least_ && instance.size() <= most_)) {
      return true;
    }
    const bool few = instance.size() < least_;
    return run.fail(*this, [&] {
      return fmt::format("expected at {} {} properties, got {}",
                         few ? "least" : "most",
                         few ? least_ : most_,
                         instance.size());
    });
  }

 private:
  std::uint64_t least_, most_;
};

/// Names in sorted order without repetition. Members of an instance have distinct names, so
/// counting those that are listed tells whether all are there: linear in the instance.
class NameSet {
 public:
  explicit NameSet(std::vector<std::string_view> names) : names_(std::move(names)) {
    std::ranges::sort(names_);
    const auto repeated = std::ranges::unique(names_);
    names_.erase(repeated.begin(), repeated.end());
  }
  bool all_in(Json object) const {
    if (object.size() < names_.size()) {
      return false;
    }
    std::size_t present = 0;
    for (const JsonMember& member : object.members()) {
      present += std::ranges::binary_search(names_, member.key) ? 1 : 0;
    }
    return present == names_.size();
  }
  const std::vector<std::string_view>& names() const { return names_; }

 private:
  std::vector<std::string_view> names_;
};

class Required final : public Keyword {
 public:
  /// `trigger`: required only when that member is present.
  Required(const Subschema& owner,
           std::string_view name,
           std::vector<std::string_view> names,
           std::optional<std::string_view> trigger)
      : Keyword(owner, name), names_(std::move(names)), trigger_(trigger) {}

  bool check(Run& run, Json instance, Evaluated*) const override {
    if (!instance.is_object() || !run.spend(instance.size() / 8) ||
        (trigger_ && !instance.find(*trigger_).exists()) || names_.all_in(instance)) {
      return run.stopped() == Run::Stop::none;
    }
    if (!run.explains()) {
      return false;
    }
    constexpr std::size_t k_shown = 8;
    std::size_t missing = 0;
    for (const std::string_view name : names_.names()) {
      if (missing < k_shown && run.spend(instance.size() / 8) && !instance.find(name).exists()) {
        ++missing;
        run.fail(*this, [&] {
          return fmt::format(
              "missing required property {}{}",
              quoted(name),
              trigger_ ? fmt::format(" (because {} is there)", quoted(*trigger_)) : std::string());
        });
      }
    }
    return false;
  }

 private:
  NameSet names_;
  std::optional<std::string_view> trigger_;
};

class DependentSchema final : public Keyword {
 public:
  DependentSchema(const Subschema& owner,
                  std::string_view name,
                  std::string_view trigger,
                  const Subschema& schema)
      : Keyword(owner, name), trigger_(trigger), schema_(schema) {}
  bool check(Run& run, Json instance, Evaluated* evaluated) const override {
    return !run.spend(instance.size() / 8) || !instance.find(trigger_).exists() ||
           run.apply(schema_, instance, evaluated);
  }

 private:
  std::string_view trigger_;
  const Subschema& schema_;
};

class PropertyNames final : public Keyword {
 public:
  PropertyNames(const Subschema& owner, const Subschema& schema)
      : Keyword(owner, "propertyNames"), schema_(schema) {}
  bool check(Run& run, Json instance, Evaluated*) const override {
    bool ok = true;
    for (const JsonMember& member : instance.members()) {
      core::JsonNode name;
      name.kind = core::JsonKind::string;
      name.size = static_cast<std::uint32_t>(member.key.size());
      name.text = member.key.data();
      std::vector<Found> problems;
      if (run.attempt(schema_, Json(&name), nullptr, problems)) {
        continue;
      }
      ok = false;
      if (!run.explains() || run.stopped() != Run::Stop::none) {
        return false;
      }
      run.fail_member(*this, member.key, [&] {
        return "the property name is not allowed: " +
               (problems.empty() ? "does not match" : problems.front().problem.message);
      });
    }
    return ok;
  }

 private:
  const Subschema& schema_;
};

/// `dependentRequired`, `dependentSchemas`, and `dependencies`, whose entries are either.
Status add_dependencies(Compiler& compiler, Json json, Subschema& out, std::string_view keyword) {
  const Json dependencies = json.find(keyword);
  if (!dependencies.exists()) {
    return {};
  }
  if (!dependencies.is_object()) {
    return schema_error(Code::invalid_argument, out.location, keyword, "must be an object");
  }
  const bool names_only = keyword == "dependentRequired";
  for (const JsonMember& entry : dependencies.members()) {
    if (names_only || (keyword == "dependencies" && entry.value().is_array())) {
      PRELOOP_TRY(auto names, read_names(entry.value(), out, keyword));
      out.keywords.push_back(std::make_unique<Required>(out, keyword, std::move(names), entry.key));
    } else {
      PRELOOP_TRY(const Subschema* schema, compiler.in_place(out, keyword, entry.value()));
      out.keywords.push_back(std::make_unique<DependentSchema>(out, keyword, entry.key, *schema));
    }
  }
  return {};
}

}  // namespace

Status add_object_keywords(Compiler& compiler, Json json, Subschema& out) {
  constexpr std::uint64_t k_unlimited = std::numeric_limits<std::uint64_t>::max();
  PRELOOP_TRY(const auto least, read_count(json, out, "minProperties"));
  PRELOOP_TRY(const auto most, read_count(json, out, "maxProperties"));
  if (least) {
    out.keywords.push_back(
        std::make_unique<MemberCount>(out, "minProperties", *least, k_unlimited));
  }
  if (most) {
    out.keywords.push_back(std::make_unique<MemberCount>(out, "maxProperties", 0, *most));
  }
  if (const Json required = json.find("required"); required.exists()) {
    PRELOOP_TRY(auto names, read_names(required, out, "required"));
    out.keywords.push_back(
        std::make_unique<Required>(out, "required", std::move(names), std::nullopt));
  }
  if (const Json names = json.find("propertyNames"); names.exists()) {
    PRELOOP_TRY(const Subschema* schema, compiler.child(out, "propertyNames", names));
    out.keywords.push_back(std::make_unique<PropertyNames>(out, *schema));
  }
  if (compiler.dialect(out) == Dialect::draft_07) {
    return add_dependencies(compiler, json, out, "dependencies");
  }
  PRELOOP_CHECK(add_dependencies(compiler, json, out, "dependentRequired"));
  return add_dependencies(compiler, json, out, "dependentSchemas");
}

}  // namespace preloop::schema

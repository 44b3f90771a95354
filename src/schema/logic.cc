// allOf, anyOf, oneOf, not, if, then, else
#include "schema/compiler.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

namespace preloop::schema {
namespace {

using core::Code;
using core::Json;
using core::Status;
using Schemas = std::vector<const Subschema*>;

class AllOf final : public Keyword {
 public:
  AllOf(const Subschema& owner, Schemas schemas)
      : Keyword(owner, "allOf"), schemas_(std::move(schemas)) {}
  bool check(Run& run, Json instance, Evaluated* evaluated) const override {
    bool ok = true;
    for (const Subschema* schema : schemas_) {
      ok = run.apply(*schema, instance, evaluated) && ok;
      if (!ok && !run.explains()) {
        return false;
      }
    }
    return ok;
  }

 private:
  Schemas schemas_;
};

/// `anyOf` and `oneOf`.
class Alternatives : public Keyword {
 public:
  enum class Wanted { any, exactly_one };
  Alternatives(const Subschema& owner, std::string_view name, Wanted wanted, Schemas schemas)
      : Keyword(owner, name), wanted_(wanted), schemas_(std::move(schemas)) {}

  bool check(Run& run, Json instance, Evaluated* evaluated) const override {
    std::vector<std::vector<Found>> problems(run.explains() ? schemas_.size() : 0);
    std::vector<Found> unused;
    std::optional<std::size_t> match;
    for (std::size_t i = 0; i < schemas_.size(); ++i) {
      if (!attempt(run, i, instance, evaluated, problems.empty() ? unused : problems[i])) {
        if (run.stopped() != Run::Stop::none) {
          return false;
        }
        continue;
      }
      if (match && wanted_ == Wanted::exactly_one) {
        return run.fail(*this, [&] {
          return fmt::format(
              "matches alternatives {} and {}, but must match exactly one", *match, i);
        });
      }
      if (wanted_ == Wanted::any && evaluated == nullptr) {
        return true;
      }
      match = match.value_or(i);
    }
    if (!match && run.explains()) {
      explain(run, problems);
    }
    return match.has_value();
  }

 private:
  bool attempt(Run& run,
               std::size_t i,
               Json instance,
               Evaluated* evaluated,
               std::vector<Found>& problems) const {
    if (evaluated == nullptr) {
      return run.attempt(*schemas_[i], instance, nullptr, problems);
    }
    // Only what a matching alternative looked at counts.
    if (!run.spend(instance.size() / 64)) {
      return false;
    }
    Evaluated own(instance.size());
    const bool ok = run.attempt(*schemas_[i], instance, &own, problems);
    if (ok) {
      evaluated->merge(own);
    }
    return ok;
  }

  /// Not meant: an alternative for another type, or for another value of the member that tells the
  /// alternatives apart.
  static bool is_meant(const std::vector<Found>& problems, std::size_t depth) {
    return std::ranges::none_of(problems, [&](const Found& found) {
      return (found.keyword == "type" && found.depth == depth) ||
             ((found.keyword == "const" || found.keyword == "enum") && found.depth <= depth + 1);
    });
  }

  void explain(Run& run, std::vector<std::vector<Found>>& problems) const {
    std::size_t meant = 0, meant_at = 0;
    TypeSet types = 0;
    bool only_types = !problems.empty();
    for (std::size_t i = 0; i < problems.size(); ++i) {
      if (is_meant(problems[i], run.depth())) {
        ++meant;
        meant_at = i;
      }
      const bool wrong_type = !problems[i].empty() && problems[i].front().keyword == "type" &&
                              problems[i].front().depth == run.depth();
      only_types = only_types && wrong_type;
      types |= wrong_type ? problems[i].front().types : TypeSet{0};
    }
    if (meant == 1 && !problems[meant_at].empty()) {
      for (Found& found : problems[meant_at]) {
        run.add(std::move(found));
      }
      return;
    }
    if (only_types) {
      const std::string& got = problems.front().front().problem.message;
      const auto comma = got.rfind(", got ");
      run.fail(*this, [&] {
        return "expected " + type_names(types) +
               (comma == std::string::npos ? "" : got.substr(comma));
      });
      return;
    }
    run.fail(*this, [&] { return summarize(problems); });
  }

  static std::string summarize(const std::vector<std::vector<Found>>& problems) {
    constexpr std::size_t k_shown = 4;
    std::string out = fmt::format("matches none of {} alternatives", problems.size());
    for (std::size_t i = 0; i < problems.size() && i < k_shown; ++i) {
      if (problems[i].empty()) {
        continue;
      }
      const Problem& first = problems[i].front().problem;
      out += fmt::format("; {}: {}{}{}",
                         i,
                         first.instance_path,
                         first.instance_path.empty() ? "" : " ",
                         first.message.substr(0, k_max_inner));
    }
    return out;
  }

  static constexpr std::size_t k_max_inner = 300;
  Wanted wanted_;
  Schemas schemas_;
};

class Not final : public Keyword {
 public:
  Not(const Subschema& owner, const Subschema& schema) : Keyword(owner, "not"), schema_(schema) {}
  bool check(Run& run, Json instance, Evaluated*) const override {
    return !run.test(schema_, instance, nullptr) ||
           run.fail(*this, [&] { return std::string("is what the schema's \"not\" excludes"); });
  }

 private:
  const Subschema& schema_;
};

class Conditional final : public Keyword {
 public:
  Conditional(const Subschema& owner,
              const Subschema& condition,
              const Subschema* then,
              const Subschema* otherwise)
      : Keyword(owner, "if"), condition_(condition), then_(then), else_(otherwise) {}

  bool check(Run& run, Json instance, Evaluated* evaluated) const override {
    const bool holds = evaluated == nullptr ? run.test(condition_, instance, nullptr)
                                            : test_and_collect(run, instance, *evaluated);
    const Subschema* const next = holds ? then_ : else_;
    return run.stopped() == Run::Stop::none &&
           (next == nullptr || run.apply(*next, instance, evaluated));
  }

 private:
  bool test_and_collect(Run& run, Json instance, Evaluated& evaluated) const {
    if (!run.spend(instance.size() / 64)) {
      return false;
    }
    Evaluated own(instance.size());
    const bool holds = run.test(condition_, instance, &own);
    if (holds) {
      evaluated.merge(own);
    }
    return holds;
  }

  const Subschema& condition_;
  const Subschema* then_;
  const Subschema* else_;
};

core::Result<Schemas> read_schemas(Compiler& compiler,
                                   Json json,
                                   Subschema& out,
                                   std::string_view keyword) {
  const Json list = json.find(keyword);
  if (list.exists() && (!list.is_array() || list.size() == 0)) {
    return schema_error(
        Code::invalid_argument, out.location, keyword, "must be a list of at least one schema");
  }
  Schemas schemas;
  for (const core::JsonNode& schema : list.elements()) {
    PRELOOP_TRY(const Subschema* compiled, compiler.in_place(out, keyword, Json(&schema)));
    schemas.push_back(compiled);
  }
  return schemas;
}

}  // namespace

Status add_logic_keywords(Compiler& compiler, Json json, Subschema& out) {
  PRELOOP_TRY(auto all, read_schemas(compiler, json, out, "allOf"));
  PRELOOP_TRY(auto any, read_schemas(compiler, json, out, "anyOf"));
  PRELOOP_TRY(auto one, read_schemas(compiler, json, out, "oneOf"));
  if (!all.empty()) {
    out.keywords.push_back(std::make_unique<AllOf>(out, std::move(all)));
  }
  if (!any.empty()) {
    out.keywords.push_back(
        std::make_unique<Alternatives>(out, "anyOf", Alternatives::Wanted::any, std::move(any)));
  }
  if (!one.empty()) {
    out.keywords.push_back(std::make_unique<Alternatives>(
        out, "oneOf", Alternatives::Wanted::exactly_one, std::move(one)));
  }
  if (const Json schema = json.find("not"); schema.exists()) {
    PRELOOP_TRY(const Subschema* excluded, compiler.in_place(out, "not", schema));
    out.keywords.push_back(std::make_unique<Not>(out, *excluded));
  }
  const Json condition = json.find("if"), then = json.find("then"), otherwise = json.find("else");
  if (!condition.exists()) {
    return {};
  }
  const Subschema* then_schema = nullptr;
  const Subschema* else_schema = nullptr;
  PRELOOP_TRY(const Subschema* if_schema, compiler.in_place(out, "if", condition));
  if (then.exists()) {
    PRELOOP_TRY(then_schema, compiler.in_place(out, "then", then));
  }
  if (otherwise.exists()) {
    PRELOOP_TRY(else_schema, compiler.in_place(out, "else", otherwise));
  }
  out.keywords.push_back(std::make_unique<Conditional>(out, *if_schema, then_schema, else_schema));
  return {};
}

}  // namespace preloop::schema

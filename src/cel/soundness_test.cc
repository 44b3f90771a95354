// What the checker lets through without a word never ends in a type error: for random schemas,
// random conditions, and random arguments of the schema.
#include "cel/check.h"
#include "cel/evaluate.h"
#include "cel/schema_type.h"
#include "cel/testing/conforms.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <random>
#include <string>
#include <vector>

namespace preloop::cel {
namespace {

/// Repeatable: a failure names its seed.
class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  std::size_t below(std::size_t limit) { return engine_() % limit; }
  bool chance(std::size_t percent) { return below(100) < percent; }
  template <std::size_t N>
  std::string_view pick(const std::array<std::string_view, N>& from) {
    return from[below(N)];
  }

 private:
  std::mt19937 engine_;
};

/// A schema as text, and how to make an instance of it and to name a part of it.
struct Shape {
  enum class Kind { integer, number, text, choice, boolean, list, object, nullable, any } kind{};
  std::vector<std::string> fields;  ///< of an object; `of` are their shapes
  std::vector<bool> required;
  std::vector<Shape> of;

  std::string schema() const {
    switch (kind) {
      case Kind::integer:
        return R"({"type":"integer"})";
      case Kind::number:
        return R"({"type":"number"})";
      case Kind::text:
        return R"({"type":"string"})";
      case Kind::choice:
        return R"({"enum":["a","b","c"]})";
      case Kind::boolean:
        return R"({"type":"boolean"})";
      case Kind::list:
        return fmt::format(R"({{"type":"array","items":{}}})", of[0].schema());
      case Kind::nullable:
        return fmt::format(R"({{"anyOf":[{},{{"type":"null"}}]}})", of[0].schema());
      case Kind::any:
        return "{}";
      case Kind::object:
        break;
    }
    std::string properties, names;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      properties += fmt::format(R"({}"{}":{})", i == 0 ? "" : ",", fields[i], of[i].schema());
      if (required[i]) {
        names += fmt::format(R"({}"{}")", names.empty() ? "" : ",", fields[i]);
      }
    }
    return fmt::format(
        R"({{"type":"object","properties":{{{}}},"required":[{}],"additionalProperties":false}})",
        properties,
        names);
  }

  std::string instance(Random& random) const {
    static constexpr std::array<std::string_view, 6> k_integers = {
        "0", "1", "-7", "5.0", "9007199254740993", "1e3"};
    static constexpr std::array<std::string_view, 5> k_numbers = {"0", "1.5", "-2", "1e300", "3.0"};
    static constexpr std::array<std::string_view, 4> k_texts = {
        R"("")", R"("abc")", R"("é12")", R"("10.0.0.1")"};
    static constexpr std::array<std::string_view, 3> k_choices = {R"("a")", R"("b")", R"("c")"};
    static constexpr std::array<std::string_view, 5> k_any = {"1", R"("x")", "null", "[]", "{}"};
    switch (kind) {
      case Kind::integer:
        return std::string(random.pick(k_integers));
      case Kind::number:
        return std::string(random.pick(k_numbers));
      case Kind::text:
        return std::string(random.pick(k_texts));
      case Kind::choice:
        return std::string(random.pick(k_choices));
      case Kind::boolean:
        return random.chance(50) ? "true" : "false";
      case Kind::nullable:
        return random.chance(30) ? "null" : of[0].instance(random);
      case Kind::any:
        return std::string(random.pick(k_any));
      case Kind::list: {
        std::string out = "[";
        for (std::size_t n = random.below(4); n > 0; --n) {
          out += of[0].instance(random) + (n > 1 ? "," : "");
        }
        return out + "]";
      }
      case Kind::object:
        break;
    }
    std::string out;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (required[i] || random.chance(50)) {
        out +=
            fmt::format(R"({}"{}":{})", out.empty() ? "" : ",", fields[i], of[i].instance(random));
      }
    }
    return "{" + out + "}";
  }
};

Shape random_shape(Random& random, int depth) {
  Shape out;
  out.kind = static_cast<Shape::Kind>(random.below(depth > 0 ? 9 : 5));
  if (out.kind == Shape::Kind::list || out.kind == Shape::Kind::nullable) {
    out.of.push_back(random_shape(random, depth - 1));
  } else if (out.kind == Shape::Kind::object) {
    for (const std::string name : {"p", "q", "r"}) {
      out.fields.push_back(name);
      out.of.push_back(random_shape(random, depth - 1));
      out.required.push_back(random.chance(70));
    }
  }
  return out;
}

Shape random_arguments(Random& random) {
  Shape out;
  out.kind = Shape::Kind::object;
  for (const std::string name : {"a", "b", "c", "d"}) {
    out.fields.push_back(name);
    out.of.push_back(random_shape(random, 2));
    out.required.push_back(random.chance(80));
  }
  return out;
}

/// Grows text from templates: `$` stands for another expression, `#` for a field's name.
class Conditions {
 public:
  explicit Conditions(Random& random) : random_(random) {}

  std::string condition() {
    static constexpr std::array<std::string_view, 22> k_forms = {"$ == $",
                                                                 "$ != $",
                                                                 "$ < $",
                                                                 "$ >= $",
                                                                 "$ in $",
                                                                 "$ && $",
                                                                 "$ || $",
                                                                 "!$",
                                                                 "has($v)",
                                                                 "$.startsWith($)",
                                                                 "$.matches('^a$')",
                                                                 "$.exists(x, $)",
                                                                 "$.all(x, $)",
                                                                 "$.contains($)",
                                                                 "$v != null && $",
                                                                 "has($v) && $",
                                                                 "$ ? $ : $",
                                                                 "isIP($)",
                                                                 "$.exists_one(x, $)",
                                                                 "sets.contains($, $)",
                                                                 "$.?#.hasValue()",
                                                                 "$.all(k, x, $)"};
    return fill(random_.pick(k_forms), 3);
  }

 private:
  std::string value(int depth) {
    static constexpr std::array<std::string_view, 12> k_leaves = {"1",
                                                                  "2.5",
                                                                  "3u",
                                                                  "'a'",
                                                                  "true",
                                                                  "null",
                                                                  "[1, 2]",
                                                                  "['a', 'b']",
                                                                  "x",
                                                                  "k",
                                                                  "duration('1h')",
                                                                  "{'p': 1}"};
    static constexpr std::array<std::string_view, 30> k_forms = {"$ + $",
                                                                 "$ - $",
                                                                 "$ * $",
                                                                 "$ / $",
                                                                 "$ % $",
                                                                 "-$",
                                                                 "size($)",
                                                                 "int($)",
                                                                 "double($)",
                                                                 "string($)",
                                                                 "$[0]",
                                                                 "$['p']",
                                                                 "$.map(x, $)",
                                                                 "$.filter(x, $)",
                                                                 "$.lowerAscii()",
                                                                 "$.split(',')",
                                                                 "$.join('-')",
                                                                 "math.abs($)",
                                                                 "math.greatest($, $)",
                                                                 "math.floor($)",
                                                                 "$.?#.orValue($)",
                                                                 "$ ? $ : $",
                                                                 "$.sort()",
                                                                 "$.sortBy(x, $)",
                                                                 "$.distinct()",
                                                                 "cel.bind(x, $, $)",
                                                                 "[$, $]",
                                                                 "'%s'.format([$])",
                                                                 "$.first().orValue($)",
                                                                 "$ == $"};
    if (depth <= 0 || random_.chance(55)) {
      return random_.chance(70) ? variable() : std::string(random_.pick(k_leaves));
    }
    return "(" + fill(random_.pick(k_forms), depth - 1) + ")";
  }

  std::string variable() {
    static constexpr std::array<std::string_view, 4> k_roots = {
        "args.a", "args.b", "args.c", "args.d"};
    std::string out(random_.pick(k_roots));
    while (random_.chance(30)) {
      out += "." + field();
    }
    return out;
  }
  std::string field() {
    static constexpr std::array<std::string_view, 3> k_fields = {"p", "q", "r"};
    return std::string(random_.pick(k_fields));
  }

  std::string fill(std::string_view form, int depth) {
    std::string out;
    for (std::size_t i = 0; i < form.size(); ++i) {
      const bool is_pattern = form[i] == '$' && form.substr(i + 1).starts_with("')");
      if (form[i] == '#') {
        out += field();
      } else if (form[i] != '$' || is_pattern) {
        out += form[i];
      } else if (form.substr(i + 1).starts_with("v")) {
        out += variable();
        ++i;
      } else {
        out += value(depth);
      }
    }
    return out;
  }

  Random& random_;
};

bool is_type_error(ErrorCode code) {
  return code == ErrorCode::no_such_overload || code == ErrorCode::not_a_bool ||
         code == ErrorCode::no_such_key || code == ErrorCode::unsupported_key ||
         code == ErrorCode::unknown_variable || code == ErrorCode::unknown_function;
}

TEST_CASE("what checked without a word never ends in a type error") {
  constexpr std::array<std::string_view, 1> k_variables = {"args"};
  int checked_cleanly = 0;
  int evaluated = 0;
  for (unsigned seed = 0; seed < 4'000; ++seed) {
    Random random(seed);
    const Shape shape = random_arguments(random);
    const auto schema = core::JsonDocument::parse(shape.schema());
    REQUIRE(schema);
    const TypePtr type = type_of_arguments(schema->root());
    const std::array variables = {Variable{"args", type}};
    std::vector<core::JsonDocument> instances;
    for (int i = 0; i < 3; ++i) {
      auto instance = core::JsonDocument::parse(shape.instance(random));
      REQUIRE(instance);
      CHECK_MESSAGE(conforms(Value::of_json(instance->root()), *type), seed);
      instances.push_back(std::move(*instance));
    }
    Conditions conditions(random);
    for (int i = 0; i < 12; ++i) {
      const std::string source = conditions.condition();
      const auto program = compile(source, {.variables = k_variables});
      if (!program) {
        continue;
      }
      const Checked checked =
          check(*program, {.variables = variables, .purpose = CheckOptions::Purpose::condition});
      if (!checked.findings.empty()) {
        continue;
      }
      ++checked_cleanly;
      for (const core::JsonDocument& instance : instances) {
        const std::array bindings = {Binding{"args", Value::of_json(instance.root())}};
        Arena arena;
        const Evaluation out = evaluate(*program, {bindings}, arena);
        ++evaluated;
        const bool wrong =
            out.completed() && (out.value.is_error() ? is_type_error(out.value.error_code())
                                                     : !out.value.is(Kind::bool_));
        const std::string about = fmt::format("seed {}\n{}\n{}\n{}\n{}",
                                              seed,
                                              source,
                                              shape.schema(),
                                              instance.root().dump(),
                                              to_text(out.value));
        CHECK_MESSAGE(!wrong, about);
      }
    }
  }
  MESSAGE(checked_cleanly << " conditions checked cleanly, " << evaluated << " evaluations");
  CHECK(checked_cleanly > 500);
}

}  // namespace
}  // namespace preloop::cel

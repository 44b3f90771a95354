#include "cel/evaluate.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <string>

// Both sanitizers of the presets can report allocations; a plain build counts none.
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#include <sanitizer/allocator_interface.h>
#endif

namespace {

thread_local std::size_t heap_allocations = 0;

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
const int k_hook = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void*, std::size_t) { ++heap_allocations; }, [](const volatile void*) {});

TEST_CASE("allocations are counted") {
  REQUIRE(k_hook > 0);
  const std::size_t before = heap_allocations;
  CHECK(std::string(100, 'x').size() == 100);
  CHECK(heap_allocations > before);
}
#endif

}  // namespace

namespace preloop::cel {
namespace {

constexpr std::array<std::string_view, 1> k_variables = {"args"};

struct Run {
  core::JsonDocument document;
  std::array<Binding, 1> bindings;
  Arena arena;
  Evaluation result;
  std::size_t heap = 0;

  Run(std::string_view source, std::string json, const Budget& budget = {})
      : document(*core::JsonDocument::parse(std::move(json))),
        bindings{Binding{"args", Value::of_json(document.root())}} {
    const auto program = compile(source, {.variables = k_variables});
    REQUIRE_MESSAGE(program, program.error().message);
    // Once for what RE2 builds on first use.
    evaluate(*program, {bindings}, arena, budget);
    arena.reset();
    const std::size_t before = heap_allocations;
    result = evaluate(*program, {bindings}, arena, budget);
    heap = heap_allocations - before;
  }
};

std::string list_of(std::size_t count, std::string_view item) {
  std::string out = R"({"list":[)";
  for (std::size_t i = 0; i < count; ++i) {
    out += i == 0 ? "" : ",";
    out += item;
  }
  return out + "]}";
}

TEST_CASE("ordinary conditions take nothing from the heap") {
  const std::string args =
      R"({"amount":1500,"environment":"production","replicas":3,"dry_run":false,
          "path":"/home/max/.ssh/id","recipients":["a@example.com","b@example.com","c@evil.com"]})";
  for (const std::string_view source :
       {"args.amount > 1000",
        "args.environment == 'production'",
        "args.environment in ['production','staging'] && args.replicas <= 10 && !args.dry_run",
        "args.path.startsWith('/etc/') || args.path.matches('^/home/[a-z]+/[.]ssh/')",
        "args.recipients.exists(r, !r.endsWith('@example.com'))",
        "args.?missing.orValue(0) > 1 || args.amount == 1500.0",
        "timestamp('2026-01-01T00:00:00Z') + duration('1h') > timestamp(0)"}) {
    const Run run(source, args);
    CHECK_MESSAGE(run.result.value.is_true(), source);
    CHECK_MESSAGE(run.heap == 0, source);
  }
}

TEST_CASE("nested loops end with the iterations") {
  const Run run("args.list.all(a, args.list.all(b, args.list.all(c, true)))", list_of(100, "1"));
  CHECK(run.result.exhausted == Exhausted::iterations);
  CHECK(run.result.value.is(Kind::null_type));
  CHECK(run.result.iterations == Budget{}.iterations);
  CHECK(to_error(run.result).code == core::Code::resource_exhausted);
}

TEST_CASE("text that doubles ends with the bytes") {
  std::string source = "'0123456789abcdef'";
  for (int i = 0; i < 20; ++i) {
    source = fmt::format("cel.bind(x{0}, {1}, x{0} + x{0})", i, source);
  }
  const Run run(source + " != ''", "{}");
  CHECK(run.result.exhausted == Exhausted::bytes);
}

TEST_CASE("lists that double end with the bytes") {
  std::string source = "[1, 2, 3, 4]";
  for (int i = 0; i < 20; ++i) {
    source = fmt::format("cel.bind(x{0}, {1}, x{0} + x{0})", i, source);
  }
  CHECK(Run(source, "{}").result.exhausted == Exhausted::bytes);
}

TEST_CASE("work on big inputs ends with the steps") {
  const std::string big = list_of(5'000, "\"" + std::string(100, 'a') + "\"");
  for (const std::string_view source :
       {"args.list.all(x, args.list[0] == x && x in args.list)",
        "args.list.exists(x, args.list != args.list)",
        "args.list.all(x, x.matches('^(a|aa)*$') && x.matches('a$'))"}) {
    const Run run(source, big);
    CHECK_MESSAGE(run.result.exhausted == Exhausted::steps, source);
  }
  const std::string text = R"({"text":")" + std::string(4'000'000, 'a') + R"("})";
  for (const std::string_view source : {"args.text.contains('b')",
                                        "size(args.text) > 1",
                                        "args.text == args.text",
                                        "args.text < args.text",
                                        "args.text.matches('b')"}) {
    const Run run(source, text);
    CHECK_MESSAGE(run.result.exhausted == Exhausted::steps, source);
  }
}

TEST_CASE("patterns made while evaluating are dear, short and bounded") {
  CHECK(Run("args.list.all(p, 'x'.matches(p))", list_of(1'000, R"("x{1,100}")")).result.exhausted ==
        Exhausted::steps);
  CHECK(to_text(Run("'x'.matches(args.p)", R"({"p":")" + std::string(257, 'x') + R"("})")
                    .result.value) == "error(invalid_regex)");
  CHECK(to_text(Run("'x'.matches(args.p)", R"({"p":"((a{100}){100}){100}"})").result.value) ==
        "error(invalid_regex)");
}

TEST_CASE("a predicate needs the memory of one round, however long the list") {
  const std::string big = list_of(5'000, R"({"price":1})");
  for (const std::string_view source :
       {"args.list.all(x, x.?price.orValue(0) < 10)",
        "args.list.all(x, [x, x, x, x, x, x] != [])",
        "args.list.exists(x, 'aaaaaaaaaaaaaaaaaaaaaaaa' + 'bbbbbbbbbbbbbbbbb' == '') == false",
        "args.list.filter(x, x.?price.orValue(0) > 1) == []"}) {
    const Run run(source, big);
    CHECK_MESSAGE(run.result.value.is_true(), source);
  }
  // One round that needs too much still does.
  CHECK(Run("args.list.exists(x, (args.list + args.list) == [])", big).result.exhausted ==
        Exhausted::bytes);
}

TEST_CASE("a broken budget is not an error value and cannot be absorbed") {
  const Run run("args.list.all(a, args.list.all(b, true)) || true", list_of(200, "1"));
  CHECK(run.result.exhausted == Exhausted::iterations);
  const Run first("true || args.list.all(a, args.list.all(b, true))", list_of(200, "1"));
  CHECK(first.result.completed());
}

TEST_CASE("the same input spends the same") {
  const std::string_view source = "args.list.filter(x, x > 1).map(x, x * 2).size() == 0";
  const Run first(source, list_of(50, "1"));
  const Run second(source, list_of(50, "1"));
  CHECK(first.result.completed());
  CHECK(first.result.steps == second.result.steps);
  CHECK(first.result.bytes == second.result.bytes);
  CHECK(first.result.iterations == 50);

  // One step less than it needs is too little, exactly what it needs is enough.
  const Budget enough{.steps = first.result.steps};
  CHECK(Run(source, list_of(50, "1"), enough).result.completed());
  const Budget scant{.steps = first.result.steps - 1};
  CHECK(Run(source, list_of(50, "1"), scant).result.exhausted == Exhausted::steps);
}

}  // namespace
}  // namespace preloop::cel

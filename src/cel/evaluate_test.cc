#include "cel/evaluate.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <string>
#include <thread>
#include <vector>

namespace preloop::cel {
namespace {

constexpr std::array<std::string_view, 2> k_variables = {"args", "session"};

Program must_compile(std::string_view source, const CompileOptions& options) {
  auto program = compile(source, options);
  REQUIRE_MESSAGE(program, program.error().message);
  return *program;
}
Program must_compile(std::string_view source) {
  return must_compile(source, {.variables = k_variables});
}

/// Evaluates with `args` given as JSON.
struct Run {
  core::JsonDocument document;
  std::array<Binding, 1> bindings;
  Arena arena;
  Evaluation result;

  Run(const Program& program, std::string json, const Budget& budget = {})
      : document(*core::JsonDocument::parse(std::move(json))),
        bindings{Binding{"args", Value::of_json(document.root())}} {
    result = evaluate(program, {bindings}, arena, budget);
  }
};

TEST_CASE("a condition answers a bool, and everything else is an error") {
  const auto ask = [](std::string_view source, std::string json) {
    const Program program = must_compile(source);
    const auto document = core::JsonDocument::parse(std::move(json));
    const std::array bindings = {Binding{"args", Value::of_json(document->root())}};
    return evaluate_bool(program, {bindings});
  };
  CHECK(*ask("args.amount > 1000", R"({"amount":1500})") == true);
  CHECK(*ask("args.amount > 1000", R"({"amount":1000})") == false);

  const auto missing = ask("1 == 1 && args.amount > 1000", "{}");
  REQUIRE(!missing);
  CHECK(missing.error().code == core::Code::failed_precondition);
  CHECK(missing.error().message == "1:16: no such key 'amount'");
  CHECK(missing.error().details.front().path == "1:16");

  const auto wrong = ask("args.amount > 1000", R"({"amount":"lots"})");
  CHECK(wrong.error().message == "1:13: no matching overload of '>' for (string, int)");
  const auto other = ask("args.amount", R"({"amount":1})");
  CHECK(other.error().message == "the expression answered a value of type int, not a bool");
}

TEST_CASE("messages never repeat values from outside") {
  const Program program = must_compile("{'a': 1}[args.secret]");
  const Run run(program, R"({"secret":"hunter2"})");
  REQUIRE(run.result.value.is_error());
  CHECK(!to_error(run.result).message.contains("hunter2"));
}

TEST_CASE("all problems with names are reported, each with its place") {
  const auto error =
      compile("arg.x == 1 &&\n  siz(args.y) > sesion.calls", {.variables = k_variables}).error();
  REQUIRE(error.details.size() == 3);
  CHECK(error.message == "1:1: unknown variable 'arg'; did you mean 'args'?");
  CHECK(error.details[1].path == "2:3");
  CHECK(error.details[1].message == "unknown function 'siz'; did you mean 'size'?");
  CHECK(error.details[2].message == "unknown variable 'sesion'; did you mean 'session'?");
}

TEST_CASE("references name what is read, each once and as far as it is written") {
  const auto read = [](std::string_view source) {
    std::string out;
    for (const Reference& reference : must_compile(source).references()) {
      out += fmt::format("{}@{}:{} ", reference.to_string(), reference.line, reference.column);
    }
    return out;
  };
  CHECK(read("args.amount > 1000 && args.amount < 2000") == "args.amount@1:1 ");
  CHECK(read("has(args.a.b) ? session.calls : args['k'].x") ==
        "args.a.b@1:5 session.calls@1:17 args.k.x@1:33 ");
  CHECK(read("args.items.exists(i, i.price > args.?limit.orValue(1))") ==
        "args.items@1:1 args.limit@1:32 ");
  CHECK(read("args[session.key].x") == "args@1:1 session.key@1:6 ");
  CHECK(read("args == {} || int == type(1) || google.protobuf.Timestamp == int") == "args@1:1 ");
  CHECK(read("[1].all(args, args > 0)") == "");
  CHECK(must_compile("session.calls > 1").reads("session"));
  CHECK_FALSE(must_compile("session.calls > 1").reads("args"));
}

TEST_CASE("the functions an expression calls are known") {
  const Program program = must_compile("size(args.x) > 1 && args.x.startsWith('a') && size(1) > 0");
  CHECK(program.functions() == std::vector<std::string>{"size", "startsWith"});
}

struct Counter final : Host {
  std::int64_t calls = 0;
};

Value count_calls(Frame& frame, std::span<const Value> args) {
  if (frame.host() == nullptr) {
    return Value::of_error(ErrorCode::unavailable);
  }
  if (!args[0].is(Kind::string) || !args[1].is(Kind::duration)) {
    return Value::of_overload_error(args[0].kind(), args[1].kind());
  }
  return Value::of_int(static_cast<const Counter*>(frame.host())->calls);
}

TEST_CASE("functions of the embedder see its state") {
  constexpr std::array functions = {
      Function{"calls", CallStyle::global, 2, 2, count_calls, "calls of a tool lately"}};
  const Program program = must_compile("calls('pay', duration('1h')) < 3",
                                       {.variables = k_variables, .functions = functions});
  Counter counter;
  counter.calls = 2;
  CHECK(*evaluate_bool(program, {{}, &counter}) == true);
  counter.calls = 3;
  CHECK(*evaluate_bool(program, {{}, &counter}) == false);
  CHECK(evaluate_bool(program, {}).error().message == "1:1: no answer from 'calls'");
}

TEST_CASE("bindings may come in any order, and may be missing") {
  const Program program = must_compile("session + args");
  const std::array swapped = {Binding{"session", Value::of_int(1)},
                              Binding{"args", Value::of_int(2)}};
  Arena arena;
  CHECK(to_text(evaluate(program, {swapped}, arena).value) == "3");
  CHECK(to_text(evaluate(program, {}, arena).value) == "error(unknown_variable)");
}

TEST_CASE("a container is searched from the inside out") {
  constexpr std::array<std::string_view, 3> variables = {"a.b.x", "a.x", "x"};
  const std::array bindings = {Binding{"a.b.x", Value::of_int(1)},
                               Binding{"a.x", Value::of_int(2)},
                               Binding{"x", Value::of_int(3)}};
  const auto answer = [&](std::string_view source, std::string_view container) {
    Arena arena;
    const Program program = must_compile(source, {.variables = variables, .container = container});
    return to_text(evaluate(program, {bindings}, arena).value);
  };
  CHECK(answer("x", "a.b") == "1");
  CHECK(answer("x", "a") == "2");
  CHECK(answer("x", "c.d") == "3");
  CHECK(answer(".x", "a.b") == "3");
  CHECK(answer("b.x", "a") == "1");
}

TEST_CASE("a program is shared by threads") {
  const Program program = must_compile("args.list.exists(x, x.matches('^b+$'))");
  std::vector<int> found(4);
  std::vector<std::thread> threads;
  for (int& slot : found) {
    threads.emplace_back([&slot, program] {
      const auto document = core::JsonDocument::parse(R"({"list":["a","bbb"]})");
      const std::array bindings = {Binding{"args", Value::of_json(document->root())}};
      for (int i = 0; i < 200; ++i) {
        slot += evaluate_bool(program, {bindings}).value_or(false) ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(found == std::vector<int>{200, 200, 200, 200});
}

TEST_CASE("a program outlives its source text and its copies") {
  auto first = std::make_unique<Program>(must_compile(std::string("'a' + args.x")));
  const Program copy = *first;
  first.reset();
  const Run run(copy, R"({"x":"b"})");
  CHECK(to_text(run.result.value) == "\"ab\"");
  CHECK(copy.source() == "'a' + args.x");
}

}  // namespace
}  // namespace preloop::cel

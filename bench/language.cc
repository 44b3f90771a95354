// Conditions and argument checks, one after the other on this thread: bench_language
// [MILLISECONDS]. Prints one line of JSON: nanoseconds (median of rounds), heap allocations and
// budget steps of each. Cost tracking is on, as in the server; there is no way to switch it off.
#include "cel/evaluate.h"
#include "language_cases.h"
#include "run_length.h"
#include "schema/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

namespace {

std::size_t allocations = 0;

}  // namespace

void* operator new(std::size_t bytes) {
  ++allocations;
  if (void* const out = std::malloc(bytes)) {
    return out;
  }
  throw std::bad_alloc();
}
void operator delete(void* at) noexcept {
  std::free(at);
}
void operator delete(void* at, std::size_t) noexcept {
  std::free(at);
}

namespace preloop {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int k_rounds = 9;

struct Figure {
  double nanoseconds = 0;
  double allocations = 0;
  std::uint64_t steps = 0;
};

/// Median of rounds, each long enough to be told from the clock's own noise.
template <class Body>
Figure measure(std::chrono::milliseconds length, Body&& body) {
  std::size_t batch = 1;
  const auto run = [&] {
    const auto start = Clock::now();
    for (std::size_t i = 0; i < batch; ++i) {
      body();
    }
    return std::chrono::duration<double, std::nano>(Clock::now() - start).count();
  };
  while (run() < 1e6) {
    batch *= 2;
  }
  batch = std::max<std::size_t>(1,
                                static_cast<std::size_t>(static_cast<double>(batch) *
                                                         length.count() * 1e6 / k_rounds / run()));
  std::array<double, k_rounds> times{};
  const std::size_t before = allocations;
  for (double& time : times) {
    time = run() / static_cast<double>(batch);
  }
  Figure out;
  out.allocations =
      static_cast<double>(allocations - before) / static_cast<double>(batch) / k_rounds;
  std::ranges::sort(times);
  out.nanoseconds = times[k_rounds / 2];
  return out;
}

Figure condition(std::string_view source, core::Json args, std::chrono::milliseconds length) {
  static constexpr std::array<std::string_view, 1> k_variables = {"args"};
  const auto program = cel::compile(source, {.variables = k_variables});
  if (!program) {
    fmt::print(stderr, "{}\n", program.error().message);
    std::exit(1);
  }
  const std::array bindings = {cel::Binding{"args", cel::Value::of_json(args)}};
  cel::Arena arena;
  const cel::Evaluation once = cel::evaluate(*program, {bindings}, arena);
  if (!once.completed() || !once.value.is_true()) {
    fmt::print(stderr, "{} is not true\n", source);
    std::exit(1);
  }
  arena.reset();
  Figure out = measure(length, [&] {
    const cel::Evaluation done = cel::evaluate(*program, {bindings}, arena);
    if (!done.value.is_true()) [[unlikely]] {
      std::abort();
    }
    arena.reset();
  });
  out.steps = once.steps;
  return out;
}

Figure validation(std::chrono::milliseconds length) {
  const auto schema_text = core::JsonDocument::parse(std::string(bench::k_tool_schema));
  const auto args = core::JsonDocument::parse(bench::tool_arguments());
  const auto schema = schema::Schema::compile(schema_text->root());
  if (!args || !schema || !schema->validate(args->root()).valid()) {
    fmt::print(stderr, "the arguments do not fit the schema\n");
    std::exit(1);
  }
  return measure(length, [&] {
    if (!schema->validate(args->root()).valid()) [[unlikely]] {
      std::abort();
    }
  });
}

}  // namespace
}  // namespace preloop

int main(int argc, char** argv) {
  using namespace preloop;
  const std::chrono::milliseconds length = bench::run_length(argc, argv);
  const auto args = core::JsonDocument::parse(std::string(bench::k_condition_arguments));
  std::string out;
  const auto add = [&](std::string_view name, const Figure& figure) {
    out += fmt::format(R"({}"{}":{{"ns":{:.1f},"allocations":{:.3f},"steps":{}}})",
                       out.empty() ? "" : ",",
                       name,
                       figure.nanoseconds,
                       figure.allocations,
                       figure.steps);
  };
  for (const bench::Condition& each : bench::k_conditions) {
    add(each.name, condition(each.source, args->root(), length));
  }
  add("schema", validation(length));
  fmt::print("{{{}}}\n", out);
}

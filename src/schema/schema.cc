#include "schema/schema.h"

#include "schema/compiler.h"
#include "schema/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace preloop::schema {
namespace {

using core::Code;
using core::Json;
using core::JsonMember;
using core::JsonNode;

/// Recursion is bounded by the depth it checks.
core::Status check_size(Json value,
                        std::size_t depth,
                        std::size_t& count,
                        const CompileLimits& limits) {
  if (depth > limits.max_depth) {
    return core::fail(Code::resource_exhausted,
                      fmt::format("the schema is nested deeper than {}", limits.max_depth));
  }
  if (++count > limits.max_values) {
    return core::fail(Code::resource_exhausted,
                      fmt::format("the schema has more than {} values", limits.max_values));
  }
  for (const JsonNode& element : value.elements()) {
    PRELOOP_CHECK(check_size(Json(&element), depth + 1, count, limits));
  }
  for (const JsonMember& member : value.members()) {
    PRELOOP_CHECK(check_size(member.value(), depth + 1, count, limits));
  }
  return {};
}

Problem undecided(Run::Stop stop, const CompileLimits& limits) {
  return {"",
          "",
          stop == Run::Stop::recursion
              ? fmt::format("could not be checked: the schema recurses deeper than {}",
                            limits.max_recursion)
              : fmt::format("could not be checked within {} steps", limits.max_steps)};
}

}  // namespace

core::Result<Schema> Schema::compile(Json schema,
                                     const CompileLimits& limits,
                                     std::span<const KnownDocument> documents) {
  if (!schema.is_object() && !schema.is(core::JsonKind::boolean)) {
    return core::fail(Code::invalid_argument,
                      "the schema cannot be used: it must be an object or a boolean");
  }
  std::size_t count = 0;
  PRELOOP_CHECK(check_size(schema, 1, count, limits));
  core::JsonBuilder builder;
  core::JsonDocument document = builder.build(builder.copy(schema));
  const Json root = document.root();

  auto compiled = std::make_shared<Compiled>();
  compiled->limits = limits;
  Registry registry(compiled->limits, documents);
  PRELOOP_CHECK(registry.add(std::move(document), ""));
  compiled->dialect = registry.resources().front().dialect;
  PRELOOP_CHECK(Compiler(*compiled, registry).run(root));
  compiled->storage = registry.take_storage();
  return Schema(std::move(compiled));
}

Validation Schema::validate(Json instance) const {
  const CompileLimits& limits = compiled_->limits;
  Validation out;
  Run quiet(limits, Run::Mode::quiet);
  const bool valid = quiet.apply(*compiled_->root, instance, nullptr);
  if (quiet.stopped() != Run::Stop::none) {
    out.problems.push_back(undecided(quiet.stopped(), limits));
    return out;
  }
  if (valid) {
    out.outcome = Outcome::valid;
    return out;
  }
  // The answer is known; wording it has a budget of its own, and may end early.
  out.outcome = Outcome::invalid;
  Run explaining(limits, Run::Mode::explain);
  explaining.apply(*compiled_->root, instance, nullptr);
  for (Found& found : explaining.found()) {
    if (std::ranges::find(out.problems, found.problem) == out.problems.end()) {
      out.problems.push_back(std::move(found.problem));
    }
  }
  if (out.problems.empty()) {
    out.problems.push_back({"", "", "does not match the schema"});
  }
  return out;
}

Dialect Schema::dialect() const {
  return compiled_->dialect;
}

core::Status to_status(const Validation& validation, std::string_view what) {
  if (validation.valid()) {
    return {};
  }
  std::vector<core::ErrorDetail> details;
  details.reserve(validation.problems.size());
  for (const Problem& problem : validation.problems) {
    details.push_back({problem.instance_path, problem.message});
  }
  const core::ErrorDetail& first = details.front();
  const bool invalid = validation.outcome == Outcome::invalid;
  std::string message = fmt::format(
      "{}{}: {}", what, first.path.empty() ? std::string() : " at " + first.path, first.message);
  return core::fail(invalid ? Code::invalid_argument : Code::resource_exhausted,
                    std::move(message),
                    std::move(details));
}

}  // namespace preloop::schema

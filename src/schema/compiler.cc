#include "schema/compiler.h"

#include "core/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace preloop::schema {

using core::Code;
using core::Json;
using core::Result;
using core::Status;

Status Compiler::run(Json root) {
  out_.root = enqueue(root);
  PRELOOP_CHECK(drain());
  // Compiling an anchor's schema may bring in a resource with an anchor of that name.
  std::size_t seen = 0;
  while (!dynamic_.empty() && seen != registry_.resources().size()) {
    seen = registry_.resources().size();
    for (auto& [name, anchors] : dynamic_) {
      for (std::uint32_t i = 0; i < seen; ++i) {
        const auto& named = registry_.resources()[i].anchors;
        const auto anchor = named.find(name);
        if (anchor != named.end() && anchor->second.dynamic &&
            std::ranges::find(*anchors, i, &Run::DynamicAnchor::resource) == anchors->end()) {
          anchors->push_back({i, enqueue(anchor->second.schema)});
        }
      }
    }
    const std::size_t names = dynamic_.size();
    PRELOOP_CHECK(drain());
    if (dynamic_.size() != names) {
      seen = 0;
    }
  }
  return find_loops();
}

const Subschema* Compiler::enqueue(Json schema) {
  Subschema*& known = known_[schema.node()];
  if (known == nullptr) {
    known = &out_.subschemas.emplace_back();
    known->location = registry_.site(schema).location;
    known->resource = registry_.site(schema).resource;
    queue_.emplace_back(schema, known);
  }
  return known;
}

Status Compiler::drain() {
  while (!queue_.empty()) {
    const auto [schema, subschema] = queue_.front();
    queue_.pop_front();
    PRELOOP_CHECK(compile(schema, *subschema));
  }
  return {};
}

Status Compiler::compile(Json json, Subschema& out) {
  if (const auto boolean = json.as_bool()) {
    out.always = boolean;
    return {};
  }
  if (dialect(out) == Dialect::draft_07 && json.find("$ref").exists()) {
    return add_reference_keywords(*this, json, out);  // its siblings are ignored
  }
  // Cheap ones first: a quiet run stops at the first failure.
  for (const auto add : {add_value_keywords,
                         add_number_keywords,
                         add_string_keywords,
                         add_object_keywords,
                         add_array_keywords,
                         add_property_keywords,
                         add_item_keywords,
                         add_reference_keywords,
                         add_logic_keywords,
                         add_unevaluated_keywords}) {
    PRELOOP_CHECK(add(*this, json, out));
  }
  if (out.keywords.empty() && out.late.empty()) {
    out.always = true;
  }
  return {};
}

Result<const Subschema*> Compiler::child(const Subschema& owner,
                                         std::string_view keyword,
                                         Json schema) {
  if (!schema.is_object() && !schema.is(core::JsonKind::boolean)) {
    return schema_error(
        Code::invalid_argument, owner.location, keyword, "must be an object or a boolean");
  }
  return enqueue(schema);
}

Result<const Subschema*> Compiler::in_place(Subschema& owner,
                                            std::string_view keyword,
                                            Json schema) {
  auto result = child(owner, keyword, schema);
  if (result) {
    owner.in_place.push_back(*result);
  }
  return result;
}

Result<const Subschema*> Compiler::target(const Subschema& owner,
                                          std::string_view keyword,
                                          Json reference,
                                          std::string& dynamic) {
  if (!reference.is_string()) {
    return schema_error(Code::invalid_argument, owner.location, keyword, "must be a string");
  }
  auto found = registry_.resolve(owner.resource, *reference.as_string(), dynamic);
  if (!found) {
    return schema_error(found.error().code, owner.location, keyword, found.error().message);
  }
  return enqueue(*found);
}

const std::vector<Run::DynamicAnchor>* Compiler::dynamic_anchors(const std::string& name) {
  auto*& anchors = dynamic_[name];
  if (anchors == nullptr) {
    anchors = &out_.dynamic_anchors.emplace_back();
  }
  return anchors;
}

Result<const Pattern*> Compiler::pattern(const Subschema& owner,
                                         std::string_view keyword,
                                         std::string_view text) {
  const auto refuse = [&](Code code, std::string_view why) {
    return schema_error(
        code, owner.location, keyword, fmt::format("the pattern {}: {}", quoted(text), why));
  };
  if (text.size() > out_.limits.max_pattern_bytes) {
    return refuse(Code::resource_exhausted,
                  fmt::format("longer than {} bytes", out_.limits.max_pattern_bytes));
  }
  const Pattern*& known = patterns_[std::string(text)];
  if (known != nullptr) {
    return known;
  }
  if (out_.patterns.size() >= out_.limits.max_patterns) {
    return refuse(Code::resource_exhausted,
                  fmt::format("more than {} different ones", out_.limits.max_patterns));
  }
  auto compiled = Pattern::compile(text);
  if (!compiled) {
    return refuse(compiled.error().code, compiled.error().message);
  }
  pattern_memory_ += (*compiled)->memory();
  if (pattern_memory_ > out_.limits.max_pattern_memory) {
    return refuse(Code::resource_exhausted, "with the others, it is too large");
  }
  known = out_.patterns.emplace_back(std::move(*compiled)).get();
  return known;
}

/// A subschema that is applied to the same instance again by its own references never ends. Dynamic
/// references are not known here; the recursion limit of a run stops those.
Status Compiler::find_loops() const {
  enum class State { fresh, open, done };
  std::unordered_map<const Subschema*, State> states;
  struct Frame {
    const Subschema* schema;
    std::size_t next;
  };
  for (const Subschema& start : out_.subschemas) {
    if (states[&start] != State::fresh) {
      continue;
    }
    std::vector<Frame> stack{{&start, 0}};
    states[&start] = State::open;
    while (!stack.empty()) {
      const Subschema* const schema = stack.back().schema;
      if (stack.back().next == schema->in_place.size()) {
        states[schema] = State::done;
        stack.pop_back();
        continue;
      }
      const Subschema* const next = schema->in_place[stack.back().next++];
      State& state = states[next];
      if (state == State::open) {
        return schema_error(Code::invalid_argument,
                            schema->location,
                            {},
                            "refers only to itself, so it can never be checked");
      }
      if (state == State::fresh) {
        state = State::open;
        stack.push_back({next, 0});
      }
    }
  }
  return {};
}

Result<std::optional<std::uint64_t>> read_count(Json json,
                                                const Subschema& owner,
                                                std::string_view keyword) {
  const Json value = json.find(keyword);
  if (!value.exists()) {
    return std::optional<std::uint64_t>();
  }
  if (const auto count = value.as_uint()) {
    return count;
  }
  const double real = value.is(core::JsonKind::number) ? value.node()->number : -1;
  if (!(real >= 0) || real != std::floor(real)) {
    return schema_error(
        Code::invalid_argument, owner.location, keyword, "must be a whole number of at least 0");
  }
  constexpr double k_above = 18446744073709551616.0;
  return std::optional(real < k_above ? static_cast<std::uint64_t>(real)
                                      : std::numeric_limits<std::uint64_t>::max());
}

Result<std::vector<std::string_view>> read_names(Json names,
                                                 const Subschema& owner,
                                                 std::string_view keyword) {
  std::vector<std::string_view> out;
  for (const core::JsonNode& name : names.elements()) {
    if (const auto text = Json(&name).as_string()) {
      out.push_back(*text);
    }
  }
  if (!names.is_array() || out.size() != names.size()) {
    return schema_error(
        Code::invalid_argument, owner.location, keyword, "must be an array of strings");
  }
  return out;
}

std::string quoted(std::string_view name) {
  return '"' + core::printable(name, 120) + '"';
}

}  // namespace preloop::schema

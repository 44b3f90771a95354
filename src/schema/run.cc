#include "schema/run.h"

#include "core/text.h"

#include <algorithm>
#include <utility>

namespace preloop::schema {
namespace {

constexpr std::size_t k_max_token = 80;
constexpr std::size_t k_max_path = 400;

template <class Step>
std::string pointer_to(const Step* last) {
  std::vector<const Step*> steps;
  for (; last != nullptr && last->up != nullptr; last = last->up) {
    steps.push_back(last);
  }
  std::string out;
  for (auto it = steps.rbegin(); it != steps.rend(); ++it) {
    if (out.size() > k_max_path) {
      return out + "/…";
    }
    if ((*it)->index == Location::k_not_an_index) {
      append_token(out, (*it)->key);
    } else {
      out += '/';
      out += std::to_string((*it)->index);
    }
  }
  return out;
}

}  // namespace

void append_token(std::string& out, std::string_view key) {
  out += '/';
  for (const char c : core::printable(key, k_max_token)) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
}

std::string render(const Location* location) {
  return pointer_to(location);
}

Evaluated::Evaluated(std::size_t size) : count_((size + 63) / 64) {
  if (count_ > few_.size()) {
    many_.resize(count_);
  }
}

void Evaluated::merge(const Evaluated& other) {
  for (std::size_t i = 0; i < count_; ++i) {
    words()[i] |= other.words()[i];
  }
}

Run::Run(const CompileLimits& limits, Mode mode)
    : limits_(limits), mode_(mode), steps_(limits.max_steps) {}

bool Run::spend(std::size_t steps) {
  if (steps > steps_) {
    steps_ = 0;
    if (stop_ == Stop::none) {
      stop_ = Stop::steps;
    }
    return false;
  }
  steps_ -= steps;
  return true;
}

bool Run::apply(const Subschema& schema, core::Json instance, Evaluated* evaluated) {
  if (stop_ != Stop::none || !spend(1 + schema.keywords.size())) {
    return false;
  }
  if (schema.always) {
    if (!*schema.always && explains()) {
      report(schema.location, {}, "nothing is allowed here", 0);
    }
    return *schema.always;
  }
  if (open_ >= limits_.max_recursion) {
    stop_ = Stop::recursion;
    return false;
  }
  ++open_;
  const Scope entered{scope_, schema.resource};
  const Scope* const outer = scope_;
  if (outer == nullptr || outer->resource != schema.resource) {
    scope_ = &entered;
  }
  bool ok = false;
  if (schema.has_unevaluated && (instance.is_object() || instance.is_array()) &&
      spend(instance.size() / 64)) {
    // Its unevaluated keywords see what this subschema looked at, not what its siblings did.
    Evaluated own(instance.size());
    ok = check_keywords(schema, instance, &own);
    if (ok && evaluated != nullptr) {
      evaluated->merge(own);
    }
  } else {
    ok = check_keywords(schema, instance, evaluated);
  }
  scope_ = outer;
  --open_;
  return ok;
}

bool Run::check_keywords(const Subschema& schema, core::Json instance, Evaluated* evaluated) {
  bool ok = true;
  for (const auto& keyword : schema.keywords) {
    ok = keyword->check(*this, instance, evaluated) && ok;
    if (!ok && (!explains() || found_->size() >= limits_.max_problems)) {
      return false;
    }
  }
  // What a failed keyword did not mark is no problem of its own.
  for (auto it = schema.late.begin(); ok && it != schema.late.end(); ++it) {
    ok = (*it)->check(*this, instance, evaluated);
  }
  return ok;
}

bool Run::apply_member(const Subschema& schema, std::string_view key, core::Json value) {
  const Place place{place_, key, Location::k_not_an_index, place_->depth + 1};
  const Place* const saved = std::exchange(place_, &place);
  const bool ok = apply(schema, value, nullptr);
  place_ = saved;
  return ok;
}

bool Run::apply_element(const Subschema& schema, std::size_t index, core::Json value) {
  const Place place{place_, {}, index, place_->depth + 1};
  const Place* const saved = std::exchange(place_, &place);
  const bool ok = apply(schema, value, nullptr);
  place_ = saved;
  return ok;
}

bool Run::test(const Subschema& schema, core::Json instance, Evaluated* evaluated) {
  const bool saved = std::exchange(muted_, true);
  const bool ok = apply(schema, instance, evaluated);
  muted_ = saved;
  return ok;
}

bool Run::test_element(const Subschema& schema, std::size_t index, core::Json value) {
  const bool saved = std::exchange(muted_, true);
  const bool ok = apply_element(schema, index, value);
  muted_ = saved;
  return ok;
}

bool Run::attempt(const Subschema& schema,
                  core::Json instance,
                  Evaluated* evaluated,
                  std::vector<Found>& problems) {
  std::vector<Found>* const saved = std::exchange(found_, &problems);
  const bool ok = apply(schema, instance, evaluated);
  found_ = saved;
  return ok;
}

void Run::add(Found found) {
  if (found_->size() < limits_.max_problems) {
    found_->push_back(std::move(found));
  }
}

void Run::report(const Location* schema,
                 std::string_view keyword,
                 std::string message,
                 TypeSet types) {
  if (stop_ != Stop::none || found_->size() >= limits_.max_problems) {
    return;
  }
  std::string schema_path = render(schema);
  if (!keyword.empty()) {
    append_token(schema_path, keyword);
  }
  add({{pointer_to(place_), std::move(schema_path), std::move(message)},
       keyword,
       place_->depth,
       types});
}

const Subschema* Run::find_dynamic(const std::vector<DynamicAnchor>& dynamic,
                                   const Subschema* otherwise) const {
  const Subschema* found = otherwise;
  for (const Scope* scope = scope_; scope != nullptr; scope = scope->up) {
    const auto it = std::ranges::find(dynamic, scope->resource, &DynamicAnchor::resource);
    if (it != dynamic.end()) {
      found = it->schema;
    }
  }
  return found;
}

}  // namespace preloop::schema

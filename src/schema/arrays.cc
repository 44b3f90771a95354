// minItems, maxItems, uniqueItems
#include "schema/compiler.h"
#include "schema/equality.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

namespace preloop::schema {
namespace {

using core::Code;
using core::Json;
using core::Status;

class ElementCount final : public Keyword {
 public:
  ElementCount(const Subschema& owner,
               std::string_view name,
               std::uint64_t least,
               std::uint64_t most)
      : Keyword(owner, name), least_(least), most_(most) {}
  bool check(Run& run, Json instance, Evaluated*) const override {
    if (!instance.is_array() || (instance.size() >= least_ && instance.size() <= most_)) {
      return true;
    }
    const bool few = instance.size() < least_;
    return run.fail(*this, [&] {
      return fmt::format("expected at {} {} elements, got {}",
                         few ? "least" : "most",
                         few ? least_ : most_,
                         instance.size());
    });
  }

 private:
  std::uint64_t least_, most_;
};

class UniqueItems final : public Keyword {
 public:
  explicit UniqueItems(const Subschema& owner) : Keyword(owner, "uniqueItems") {}

  bool check(Run& run, Json instance, Evaluated*) const override {
    if (!instance.is_array() || instance.size() < 2) {
      return true;
    }
    // Sorting, and comparing a few in pairs, both cost a small multiple of the array's weight.
    if (!run.spend(8 * weight(instance, run.steps_left() / 8 + 1))) {
      return false;
    }
    const auto twins = instance.size() <= k_few ? find_in_pairs(instance) : find_sorted(instance);
    return !twins || run.fail(*this, [&] {
      return fmt::format(
          "elements must be different, but {} and {} are equal", twins->first, twins->second);
    });
  }

 private:
  using Twins = std::optional<std::pair<std::size_t, std::size_t>>;
  static constexpr std::size_t k_few = 16;

  static Twins find_in_pairs(Json array) {
    for (std::size_t i = 1; i < array.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (equal(array.at(i), array.at(j))) {
          return std::pair(j, i);
        }
      }
    }
    return std::nullopt;
  }

  static Twins find_sorted(Json array) {
    std::string keys;
    std::vector<std::size_t> ends;
    ends.reserve(array.size());
    for (const core::JsonNode& element : array.elements()) {
      append_key(keys, Json(&element));
      ends.push_back(keys.size());
    }
    const auto key = [&](std::size_t i) {
      const std::size_t start = i == 0 ? 0 : ends[i - 1];
      return std::string_view(keys).substr(start, ends[i] - start);
    };
    std::vector<std::size_t> order(array.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
      const auto difference = key(a) <=> key(b);
      return difference != 0 ? difference < 0 : a < b;
    });
    const auto twin = std::ranges::adjacent_find(order, {}, key);
    return twin == order.end() ? Twins() : std::pair(*twin, *(twin + 1));
  }
};

}  // namespace

Status add_array_keywords(Compiler&, Json json, Subschema& out) {
  constexpr std::uint64_t k_unlimited = std::numeric_limits<std::uint64_t>::max();
  PRELOOP_TRY(const auto least, read_count(json, out, "minItems"));
  PRELOOP_TRY(const auto most, read_count(json, out, "maxItems"));
  if (least) {
    out.keywords.push_back(std::make_unique<ElementCount>(out, "minItems", *least, k_unlimited));
  }
  if (most) {
    out.keywords.push_back(std::make_unique<ElementCount>(out, "maxItems", 0, *most));
  }
  if (const Json unique = json.find("uniqueItems"); unique.exists()) {
    const auto wanted = unique.as_bool();
    if (!wanted) {
      return schema_error(
          Code::invalid_argument, out.location, "uniqueItems", "must be true or false");
    }
    if (*wanted) {
      out.keywords.push_back(std::make_unique<UniqueItems>(out));
    }
  }
  return {};
}

}  // namespace preloop::schema

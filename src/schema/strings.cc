// minLength, maxLength, pattern
#include "core/text.h"
#include "schema/compiler.h"

#include <fmt/format.h>

namespace preloop::schema {
namespace {

using core::Code;
using core::Json;
using core::Status;

/// Lengths are in code points.
class Length final : public Keyword {
 public:
  enum class Bound { least, most };
  Length(const Subschema& owner, std::string_view name, Bound bound, std::uint64_t limit)
      : Keyword(owner, name), bound_(bound), limit_(limit) {}
  bool check(Run& run, Json instance, Evaluated*) const override {
    const auto text = instance.as_string();
    // A code point is one to four bytes: counting is rarely needed.
    if (!text || (bound_ == Bound::most ? text->size() <= limit_ : text->size() / 4 >= limit_)) {
      return true;
    }
    if (!run.spend(text->size() / 64)) {
      return false;
    }
    const std::size_t length = core::utf8_length(*text);
    if (bound_ == Bound::most ? length <= limit_ : length >= limit_) {
      return true;
    }
    return run.fail(*this, [&] {
      return fmt::format("expected at {} {} character{}, got {}",
                         bound_ == Bound::most ? "most" : "least",
                         limit_,
                         limit_ == 1 ? "" : "s",
                         length);
    });
  }

 private:
  Bound bound_;
  std::uint64_t limit_;
};

class MatchesPattern final : public Keyword {
 public:
  MatchesPattern(const Subschema& owner, const Pattern& pattern, std::string_view text)
      : Keyword(owner, "pattern"), pattern_(pattern), text_(text) {}
  bool check(Run& run, Json instance, Evaluated*) const override {
    const auto text = instance.as_string();
    if (!text) {
      return true;
    }
    if (!run.spend(pattern_.cost(text->size()))) {
      return false;
    }
    return pattern_.found_in(*text) || run.fail(*this, [&] {
      return fmt::format("does not match the pattern {}", quoted(text_));
    });
  }

 private:
  const Pattern& pattern_;
  std::string_view text_;
};

}  // namespace

Status add_string_keywords(Compiler& compiler, Json json, Subschema& out) {
  PRELOOP_TRY(const auto least, read_count(json, out, "minLength"));
  PRELOOP_TRY(const auto most, read_count(json, out, "maxLength"));
  if (least) {
    out.keywords.push_back(
        std::make_unique<Length>(out, "minLength", Length::Bound::least, *least));
  }
  if (most) {
    out.keywords.push_back(std::make_unique<Length>(out, "maxLength", Length::Bound::most, *most));
  }
  if (const Json pattern = json.find("pattern"); pattern.exists()) {
    if (!pattern.is_string()) {
      return schema_error(Code::invalid_argument, out.location, "pattern", "must be a string");
    }
    PRELOOP_TRY(const Pattern* compiled, compiler.pattern(out, "pattern", *pattern.as_string()));
    out.keywords.push_back(std::make_unique<MatchesPattern>(out, *compiled, *pattern.as_string()));
  }
  return {};
}

}  // namespace preloop::schema

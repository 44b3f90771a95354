#include "cel/regex.h"

#include "core/text.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>

namespace preloop::cel {
namespace {

/// Instructions of RE2's program; `[a-z]{1,100}` has about 200.
constexpr int k_max_program = 5'000;

RE2::Options regex_options(Regex::Origin origin) {
  RE2::Options options;
  options.set_log_errors(false);
  // RE2 gives up on patterns that need more; compiling takes about 6 ms a megabyte.
  options.set_max_mem(origin == Regex::Origin::literal ? 1 << 20 : 1 << 16);
  return options;
}

class Re2Regex final : public Regex {
 public:
  Re2Regex(std::string_view pattern, Origin origin)
      : re_(re2::StringPiece(pattern.data(), pattern.size()), regex_options(origin)) {}

  const RE2& re() const { return re_; }
  bool search(std::string_view text) const override {
    return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), re_);
  }
  std::size_t search_cost(std::size_t bytes) const override {
    // The automaton usually costs a byte each; when its memory runs out, a program's worth.
    return 2 + bytes / 8 + bytes * static_cast<std::size_t>(re_.ProgramSize()) / 4096;
  }
  std::size_t groups() const override {
    return static_cast<std::size_t>(re_.NumberOfCapturingGroups());
  }
  bool match(std::string_view text,
             std::size_t from,
             std::span<std::string_view> pieces) const override {
    std::array<re2::StringPiece, k_max_pieces> found;
    if (!re_.Match(re2::StringPiece(text.data(), text.size()),
                   from,
                   text.size(),
                   RE2::UNANCHORED,
                   found.data(),
                   static_cast<int>(pieces.size()))) {
      return false;
    }
    std::ranges::transform(
        std::span(found).first(pieces.size()), pieces.begin(), [](re2::StringPiece piece) {
          return std::string_view(piece.data(), piece.size());
        });
    return true;
  }

 private:
  RE2 re_;
};

}  // namespace

std::expected<std::unique_ptr<Regex>, std::string> Regex::compile(std::string_view pattern,
                                                                  Origin origin) {
  auto out = std::make_unique<Re2Regex>(pattern, origin);
  if (!out->re().ok()) {
    return std::unexpected(core::printable(out->re().error(), 200));
  }
  if (out->re().ProgramSize() > k_max_program) {
    return std::unexpected(std::string("the pattern is too big; use smaller repetition counts"));
  }
  return out;
}

}  // namespace preloop::cel

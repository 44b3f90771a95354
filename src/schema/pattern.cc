#include "schema/pattern.h"

#include "core/text.h"

#include <re2/re2.h>

namespace preloop::schema {

struct Pattern::Impl {
  re2::RE2 expression;
};

namespace {

/// Bounds on one expression's program and matching states together. Nearly all fit the first;
/// dozens of repetitions of a large Unicode class need the second.
constexpr std::int64_t k_memory[] = {512 << 10, 4 << 20};

re2::RE2::Options options(std::int64_t memory) {
  re2::RE2::Options out;
  out.set_log_errors(false);
  out.set_never_capture(true);
  out.set_max_mem(memory);
  return out;
}

}  // namespace

Pattern::Pattern(std::unique_ptr<Impl> impl, std::size_t memory)
    : impl_(std::move(impl)),
      program_size_(static_cast<std::size_t>(impl_->expression.ProgramSize())),
      memory_(memory) {}
Pattern::~Pattern() = default;

core::Result<std::unique_ptr<const Pattern>> Pattern::compile(std::string_view ecma) {
  PRELOOP_TRY(const std::string translated, translate_pattern(ecma));
  std::string error;
  for (const std::int64_t memory : k_memory) {
    auto impl = std::unique_ptr<Impl>(new Impl{re2::RE2(translated, options(memory))});
    if (impl->expression.ok()) {
      return std::unique_ptr<const Pattern>(
          new Pattern(std::move(impl), static_cast<std::size_t>(memory)));
    }
    error = core::printable(impl->expression.error(), 200);
    if (impl->expression.error_code() != re2::RE2::ErrorPatternTooLarge) {
      break;
    }
  }
  return core::fail(core::Code::invalid_argument, std::move(error));
}

bool Pattern::found_in(std::string_view text) const {
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), impl_->expression);
}

}  // namespace preloop::schema

#include "cel/program.h"

#include "cel/planner.h"

#include <algorithm>

namespace preloop::cel {

std::string Reference::to_string() const {
  std::string out = root;
  for (const std::string& field : path) {
    out += '.';
    out += field;
  }
  return out;
}

const std::string& Program::source() const {
  return impl_->source;
}
const std::vector<Reference>& Program::references() const {
  return impl_->references;
}
const std::vector<std::string>& Program::functions() const {
  return impl_->functions;
}
bool Program::reads(std::string_view root) const {
  return std::ranges::count(impl_->references, root, &Reference::root) > 0;
}

core::Result<Program> compile(std::string_view source, const CompileOptions& options) {
  return Planner::plan(source, options);
}

}  // namespace preloop::cel

#include "mcp/revision.h"

#include <array>

namespace preloop::mcp {
namespace {

constexpr std::array<std::string_view, 4> k_names{
    "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"};

}  // namespace

std::string_view to_string(Revision revision) {
  return k_names[static_cast<std::size_t>(revision)];
}

std::optional<Revision> parse_revision(std::string_view text) {
  for (std::size_t i = 0; i < k_names.size(); ++i) {
    if (text == k_names[i]) {
      return static_cast<Revision>(i);
    }
  }
  return std::nullopt;
}

Revision negotiate(std::string_view requested) {
  const auto revision = parse_revision(requested);
  return revision && !is_stateless(*revision) ? *revision : k_latest_revision;
}

bool allows_batches(Revision revision) {
  return revision == Revision::r2025_03_26;
}

bool has_priming_event(Revision revision) {
  return revision == Revision::r2025_11_25;
}

}  // namespace preloop::mcp

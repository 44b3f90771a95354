#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace preloop::mcp {

/// The protocol revisions spoken towards clients, oldest first.
enum class Revision : std::uint8_t { r2025_03_26, r2025_06_18, r2025_11_25, r2026_07_28 };

/// The latest that begins with `initialize`.
constexpr Revision k_latest_revision = Revision::r2025_11_25;

std::string_view to_string(Revision revision);
/// nullopt for a revision we do not speak.
std::optional<Revision> parse_revision(std::string_view text);
/// From 2026-07-28 on there is no `initialize`, no session, no GET stream and nothing to resume;
/// every request stands alone, and a client that goes away has cancelled it.
constexpr bool is_stateless(Revision revision) {
  return revision >= Revision::r2026_07_28;
}
/// The answer to `initialize`: the client's revision when we speak it and it has one, else our
/// latest.
Revision negotiate(std::string_view requested);

/// JSON-RPC batches existed up to 2025-03-26 and are an error since.
bool allows_batches(Revision revision);
/// In 2025-11-25 a stream begins with an event that has an id and no data, from which a client can
/// resume; older clients would try to parse it.
bool has_priming_event(Revision revision);

}  // namespace preloop::mcp

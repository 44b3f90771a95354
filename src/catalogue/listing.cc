#include "catalogue/listing.h"

#include "catalogue/definition.h"

#include <algorithm>
#include <unordered_map>

namespace preloop::catalogue {
namespace {

core::Digest hash_of(const std::string& definition) {
  const auto parsed = core::JsonDocument::parse(definition);
  return parsed ? definition_hash(parsed->root()) : core::Digest{};
}

}  // namespace

ListingChange apply_listing(const Server& server,
                            const std::vector<ToolRow>& stored,
                            const std::vector<Tool>& listed,
                            core::WallTime now) {
  ListingChange change;
  change.accepts_server = !server.accepted;
  std::unordered_map<std::string_view, const ToolRow*> known;
  for (const ToolRow& row : stored) {
    known.emplace(row.name, &row);
  }
  for (std::size_t i = 0; i < listed.size(); ++i) {
    const Tool& tool = listed[i];
    const auto found = known.find(tool.name);
    ToolRow row;
    if (found == known.end()) {
      row.id = core::ToolId::make(now);
      row.server = server.id;
      row.name = tool.name;
      row.pin = server.accepted ? PinState::new_tool : PinState::accepted;
      row.accepted_definition = server.accepted ? std::string() : tool.definition;
      change.notes.push_back(tool.name +
                             (server.accepted ? ": new" : ": accepted with its server"));
    } else {
      row = *found->second;
      known.erase(found);
      const bool as_accepted = !row.accepted_definition.empty() &&
                               hash_of(row.accepted_definition) == tool.definition_hash;
      if (as_accepted && row.pin != PinState::accepted) {
        change.notes.push_back(tool.name + ": as accepted again");
      }
      if (as_accepted) {
        row.pin = PinState::accepted;
      } else if (!row.accepted_definition.empty() && row.definition != tool.definition) {
        row.pin = PinState::changed;
        change.notes.push_back(tool.name + ": changed");
      }
    }
    row.definition = tool.definition;
    row.position = static_cast<std::int64_t>(i);
    row.present = true;
    const auto before = std::ranges::find(stored, row.id, &ToolRow::id);
    if (before == stored.end() || *before != row) {
      change.changed.push_back(std::move(row));
    }
  }
  for (const auto& [name, row] : known) {
    if (row->present) {
      ToolRow gone = *row;
      gone.present = false;
      change.notes.push_back(gone.name + ": vanished");
      change.changed.push_back(std::move(gone));
    }
  }
  return change;
}

}  // namespace preloop::catalogue

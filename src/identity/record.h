#pragma once
#include "audit/types.h"
#include "core/clock.h"
#include "identity/directory.h"
#include "identity/principal.h"
#include "store/database.h"

#include <optional>
#include <string>

namespace preloop::identity {

/// What happened, for the record and the live feed.
struct Note {
  audit::Kind kind = audit::Kind::config_settings_changed;
  audit::Subject subject;
  std::optional<core::AgentId> agent;
  std::optional<core::KeyId> key;
  std::optional<core::RuntimeSessionId> session;
  std::string details;  ///< a JSON object or nothing; never a secret
};

/// As the record names an actor: a person by their e-mail address, a key by its name and person.
audit::Actor audit_actor(const Directory& directory, const Actor& actor);

/// Adds an audit draft to the unit of a change and, when readers of the live feed would see another
/// state, the event.
void record(store::Unit& unit,
            const Directory& directory,
            const Actor& by,
            const Note& note,
            core::WallTime at);

}  // namespace preloop::identity

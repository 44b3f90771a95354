#include "identity/record.h"

#include "audit/record.h"
#include "events/events.h"

#include <fmt/format.h>

namespace preloop::identity {
namespace {

/// What readers of the live feed should read again; signing in changes nothing they see.
std::optional<events::Kind> event_of(audit::Kind kind) {
  switch (kind) {
    case audit::Kind::agent_created:
    case audit::Kind::agent_updated:
    case audit::Kind::agent_suspended:
    case audit::Kind::agent_resumed:
    case audit::Kind::agent_removed:
      return events::Kind::agent_updated;
    case audit::Kind::key_created:
    case audit::Kind::key_revoked:
      return events::Kind::key_updated;
    case audit::Kind::person_created:
    case audit::Kind::person_updated:
    case audit::Kind::person_disabled:
      return events::Kind::person_updated;
    case audit::Kind::session_started:
    case audit::Kind::session_ended:
      return events::Kind::session_updated;
    default:
      return std::nullopt;
  }
}

}  // namespace

audit::Actor audit_actor(const Directory& directory, const Actor& actor) {
  const Person* person = actor.person ? directory.find_person(*actor.person) : nullptr;
  const std::string email = person != nullptr ? person->email : std::string();
  switch (actor.kind) {
    case Actor::Kind::person:
      return {
          audit::ActorClass::person, actor.person.value_or(core::PersonId{}).to_string(), email};
    case Actor::Kind::key: {
      const KeyInfo* key = actor.key ? directory.find_key(*actor.key) : nullptr;
      return {audit::ActorClass::operator_key,
              actor.key.value_or(core::KeyId{}).to_string(),
              key != nullptr ? fmt::format("{} ({})", email, key->name) : email};
    }
    case Actor::Kind::admin:
      return {audit::ActorClass::admin, {}, "preloop admin"};
    case Actor::Kind::server:
      break;
  }
  return {audit::ActorClass::system, {}, {}};
}

void record(store::Unit& unit,
            const Directory& directory,
            const Actor& by,
            const Note& note,
            core::WallTime at) {
  unit.drafts.push_back(audit::make_draft(by.account,
                                          {.kind = note.kind,
                                           .actor = audit_actor(directory, by),
                                           .subject = note.subject,
                                           .session = note.session,
                                           .agent = note.agent,
                                           .key = note.key,
                                           .details = note.details}));
  if (const auto event = event_of(note.kind)) {
    events::announce(unit, by.account, *event, note.subject.id, at);
  }
}

}  // namespace preloop::identity

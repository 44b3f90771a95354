#include "notify/record.h"

#include "audit/record.h"
#include "core/json_writer.h"
#include "core/text.h"

namespace preloop::notify {

store::Draft delivery_draft(const Message& message,
                            const Channel& channel,
                            std::string_view person) {
  audit::Record record;
  record.kind = message.state == State::failed ? audit::Kind::notification_failed
                                               : audit::Kind::notification_sent;
  record.subject = {"notification", message.id.to_string()};
  record.approval = message.request;
  core::JsonWriter writer(record.details);
  writer.begin_object()
      .field("channel", to_string(message.kind))
      .field("name", channel.name)
      .field("event", to_string(message.event))
      .field("attempts", static_cast<std::int64_t>(message.attempts));
  if (message.person) {
    writer.field("person_id", message.person->to_string()).field("person", person);
  }
  if (!message.error.empty()) {
    writer.field("error", message.error);
  }
  writer.end_object();
  return audit::make_draft(message.account, record);
}

store::Draft refused_draft(core::AccountId account,
                           const std::optional<core::ApprovalId>& request,
                           const std::optional<core::PersonId>& person,
                           Kind kind,
                           std::string_view address,
                           std::string_view why) {
  audit::Record record;
  record.kind = audit::Kind::approval_refused;
  record.actor.type = audit::ActorClass::anonymous;
  if (request) {
    record.subject = {"approval", request->to_string()};
    record.approval = request;
  }
  core::JsonWriter writer(record.details);
  writer.begin_object()
      .field("channel", to_string(kind))
      .field("address", core::printable(address, 100));
  if (person) {
    writer.field("person_id", person->to_string());
  }
  writer.field("reason", why).end_object();
  return audit::make_draft(account, record);
}

}  // namespace preloop::notify

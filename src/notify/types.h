#pragma once
#include "core/clock.h"
#include "core/id.h"
#include "core/secret.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::notify {

using ChannelId = core::Id<struct NotificationChannelTag>;
using DeviceId = core::Id<struct NotificationDeviceTag>;
using MessageId = core::Id<struct NotificationTag>;

/// How a message travels. Spelled as on the wire and in the store.
enum class Kind : std::uint8_t { webhook, email, ntfy };
inline constexpr std::size_t k_kinds = 3;
std::string_view to_string(Kind kind);
std::optional<Kind> parse_kind(std::string_view text);
/// Does it reach one person (email, ntfy), or everybody who listens (webhook)?
bool is_personal(Kind kind);

/// A way out that an administrator set up.
struct Channel {
  ChannelId id;
  core::AccountId account;
  Kind kind = Kind::webhook;
  std::string name;
  bool enabled = true;
  std::string settings;  ///< JSON object, by kind (channel_settings.h); no secret
  core::Secret secret;   ///< by kind: the signing secret, the password, the token; may be empty
  core::WallTime created_at;
  std::int64_t revision = 1;
};

/// What reaches one person on a channel: for ntfy a topic.
struct Device {
  DeviceId id;
  core::AccountId account;
  core::PersonId person;
  Kind kind = Kind::ntfy;
  std::string name;
  std::string address;  ///< tells devices apart; shown
  core::Secret secret;  ///< what a message is sent with
  core::WallTime created_at;
};

/// One request as a message tells of it, of this moment. Nothing in it is secret: arguments are
/// masked as for people who decide. Every text may be hostile: it is whatever an agent sent.
struct Ask {
  core::ApprovalId id;
  core::AccountId account;
  std::string agent;
  std::string server;
  std::string tool;
  std::string arguments;      ///< JSON object, masked
  std::string reason;         ///< why it was stopped, in the rule's words; may be empty
  std::string justification;  ///< the agent's; may be empty
  std::string state;          ///< as approvals spells it
  std::string outcome;        ///< one line once it is closed: "approved by ana@example.com"
  bool is_open = false;       ///< may still be decided
  bool needs_reason = false;
  core::WallTime created_at;
  core::WallTime expires_at;
  std::int64_t revision = 0;
  std::vector<core::PersonId> asked;  ///< who may decide now, and has not
};

enum class Event : std::uint8_t {
  approval,          ///< one message a request, which follows its state
  approval_created,  ///< webhooks: each is a message of its own
  approval_decided,
  test,
};
std::string_view to_string(Event event);
std::optional<Event> parse_event(std::string_view text);

enum class State : std::uint8_t {
  waiting,  ///< for its time, or for another try
  sent,
  failed,   ///< given up
  skipped,  ///< there was nothing left to say when its time came
};
std::string_view to_string(State state);
std::optional<State> parse_state(std::string_view text);

/// A row of the outbox; once sent, of the delivery log.
struct Message {
  MessageId id;
  core::AccountId account;
  std::string dedupe;  ///< what may exist only once
  ChannelId channel;
  Kind kind = Kind::webhook;
  Event event = Event::approval;
  std::optional<core::ApprovalId> request;
  std::optional<core::PersonId> person;
  std::optional<DeviceId> device;
  int step = 0;  ///< of the person's preferences
  State state = State::waiting;
  std::int64_t wanted = 0;  ///< revision of the request that it should show
  std::int64_t shown = 0;   ///< revision that it shows
  int attempts = 0;
  std::optional<core::WallTime> due_at;
  std::string external;  ///< its name at the other side, for updating it
  std::string error;
  core::WallTime created_at;
  std::optional<core::WallTime> sent_at;
};

}  // namespace preloop::notify

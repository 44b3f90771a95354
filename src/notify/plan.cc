#include "notify/plan.h"

#include <fmt/format.h>

#include <algorithm>

namespace preloop::notify {
namespace {

Message message_of(const Channel& channel, const Ask& ask, Event event, core::WallTime now) {
  Message message;
  message.id = MessageId::make(now);
  message.account = ask.account;
  message.channel = channel.id;
  message.kind = channel.kind;
  message.event = event;
  message.request = ask.id;
  message.wanted = ask.revision;
  message.created_at = now;
  message.due_at = now;
  return message;
}

std::string dedupe_of(const Message& message) {
  return fmt::format("{}:{}:{}:{}:{}",
                     to_string(message.event),
                     message.request->to_string(),
                     message.channel.to_string(),
                     message.person ? message.person->to_string() : "",
                     message.device ? message.device->to_string() : "");
}

void add_webhook(std::vector<Message>& out,
                 const Channel& channel,
                 const Ask& ask,
                 core::WallTime now) {
  if (ask.created_at < channel.created_at) {
    return;
  }
  out.push_back(message_of(channel, ask, Event::approval_created, now));
  if (!ask.is_open) {
    out.push_back(message_of(channel, ask, Event::approval_decided, now));
  }
}

void add_person(std::vector<Message>& out,
                core::PersonId person,
                const Routes& routes,
                const Ask& ask,
                core::WallTime now) {
  const Preference preference = routes.preference_of(person);
  // Steps that cannot reach the person cost no time: the first one that can comes at once.
  std::optional<core::seconds> first;
  for (std::size_t i = 0; i < preference.steps.size(); ++i) {
    const Preference::Step& step = preference.steps[i];
    const auto channel = std::ranges::find_if(
        routes.channels, [&](const Channel& one) { return one.kind == step.kind && one.enabled; });
    if (channel == routes.channels.end()) {
      continue;
    }
    Message message = message_of(*channel, ask, Event::approval, now);
    message.person = person;
    message.step = static_cast<int>(i);
    const auto add = [&] {
      first = first.value_or(step.after);
      message.due_at = now + (step.after - *first);
      message.dedupe.clear();
      out.push_back(message);
      message.id = MessageId::make(now);
    };
    if (step.kind == Kind::email) {
      add();
      continue;
    }
    for (const Device& device : routes.devices) {
      if (device.person == person && device.kind == step.kind) {
        message.device = device.id;
        add();
      }
    }
  }
}

}  // namespace

std::vector<Message> plan(const Ask& ask, const Routes& routes, core::WallTime now) {
  std::vector<Message> out;
  for (const Channel& channel : routes.channels) {
    if (channel.enabled && channel.kind == Kind::webhook) {
      add_webhook(out, channel, ask, now);
    }
  }
  if (ask.is_open) {
    for (const core::PersonId person : ask.asked) {
      add_person(out, person, routes, ask, now);
    }
  }
  for (Message& message : out) {
    message.dedupe = dedupe_of(message);
  }
  return out;
}

Message test_message(const Channel& channel,
                     std::optional<core::PersonId> person,
                     std::optional<DeviceId> device,
                     core::WallTime now) {
  Message message;
  message.id = MessageId::make(now);
  message.account = channel.account;
  message.dedupe = "test:" + message.id.to_string();
  message.channel = channel.id;
  message.kind = channel.kind;
  message.event = Event::test;
  message.person = person;
  message.device = device;
  message.created_at = now;
  message.due_at = now;
  return message;
}

}  // namespace preloop::notify

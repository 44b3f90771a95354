#include "notify/settings.h"

#include "core/json_writer.h"
#include "core/text.h"
#include "events/events.h"
#include "identity/record.h"
#include "notify/channel_settings.h"
#include "notify/ntfy.h"
#include "notify/webhook.h"

#include <fmt/format.h>

#include <algorithm>

namespace preloop::notify {
namespace {

using core::Code;
using core::fail;
using core::Task;

constexpr std::size_t k_max_channels = 50, k_max_devices = 20, k_max_name = 100;

core::Result<std::string> checked_name(std::string_view name) {
  const std::string_view trimmed = core::trim(name);
  if (trimmed.empty() || trimmed.size() > k_max_name || core::printable(trimmed) != trimmed) {
    return fail(Code::invalid_argument,
                "a name has 1 to 100 visible characters",
                {{"name", "1 to 100 characters"}});
  }
  return std::string(trimmed);
}

core::Status check_secret(Kind kind, const core::Secret& secret) {
  if (kind == Kind::webhook) {
    PRELOOP_CHECK(webhook_key(secret));
    return {};
  }
  const auto bad = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; };
  if (secret.reveal().size() > 4096 || std::ranges::any_of(secret.reveal(), bad)) {
    return fail(Code::invalid_argument,
                "a secret has no control characters",
                {{"secret", "too long or not a secret"}});
  }
  return {};
}

std::string channel_details(const Channel& channel) {
  std::string out;
  core::JsonWriter(out)
      .begin_object()
      .field("kind", to_string(channel.kind))
      .field("name", channel.name)
      .field("enabled", channel.enabled)
      .key("settings")
      .raw(channel.settings)
      .end_object();
  return out;
}

}  // namespace

const Channel* Routes::find(ChannelId id) const {
  const auto found = std::ranges::find(channels, id, &Channel::id);
  return found == channels.end() ? nullptr : &*found;
}

const Device* Routes::find(DeviceId id) const {
  const auto found = std::ranges::find(devices, id, &Device::id);
  return found == devices.end() ? nullptr : &*found;
}

Preference Routes::preference_of(core::PersonId person) const {
  if (const auto found = preferences.find(person); found != preferences.end()) {
    return found->second;
  }
  return default_preference(std::ranges::find(devices, person, &Device::person) != devices.end());
}

Task<core::Result<RoutesPtr>> Settings::routes() {
  auto out = std::make_shared<Routes>();
  PRELOOP_CO_TRY(out->channels, co_await repo_.channels(d_.account));
  PRELOOP_CO_TRY(out->devices, co_await repo_.devices(d_.account));
  PRELOOP_CO_TRY(out->preferences, co_await repo_.preferences(d_.account));
  co_return RoutesPtr(std::move(out));
}

void Settings::note(store::Unit& unit,
                    const identity::Actor& by,
                    std::string_view subject,
                    const std::string& id,
                    std::string details) const {
  identity::Note note;
  note.kind = audit::Kind::config_settings_changed;
  note.subject = {std::string(subject), id};
  note.details = std::move(details);
  identity::record(unit, *d_.identity.latest(), by, note, d_.clock.wall());
  events::announce(
      unit, d_.account, events::Kind::settings_updated, "notifications", d_.clock.wall());
}

Task<core::Result<Channel>> Settings::create(identity::Actor by, Kind kind, ChannelDraft draft) {
  PRELOOP_CO_TRY(const auto known, co_await repo_.channels(d_.account));
  if (known.size() >= k_max_channels) {
    co_return fail(Code::resource_exhausted, "there are 50 channels already");
  }
  if (is_personal(kind) && std::ranges::find(known, kind, &Channel::kind) != known.end()) {
    co_return fail(
        Code::already_exists,
        fmt::format("there is a channel for {} already; change that one", to_string(kind)));
  }
  Channel channel;
  channel.account = d_.account;
  channel.kind = kind;
  channel.created_at = d_.clock.wall();
  channel.id = ChannelId::make(channel.created_at);
  PRELOOP_CO_TRY(channel.name, checked_name(draft.name.value_or(std::string(to_string(kind)))));
  channel.enabled = draft.enabled.value_or(true);
  PRELOOP_CO_TRY(channel.settings, normal_settings(kind, draft.settings.value_or("{}")));
  if (draft.secret) {
    channel.secret = *draft.secret;
  } else if (kind == Kind::webhook) {
    channel.secret = make_webhook_secret();
  }
  PRELOOP_CO_CHECK(check_secret(kind, channel.secret));
  store::Unit unit;
  unit.add(repo_.insert(channel));
  note(unit, by, "notification_channel", channel.id.to_string(), channel_details(channel));
  PRELOOP_CO_CHECK(co_await d_.database.commit(std::move(unit), store::Durability::strict));
  co_return channel;
}

Task<core::Result<Channel>> Settings::update(identity::Actor by,
                                             ChannelId id,
                                             std::optional<std::int64_t> revision,
                                             ChannelDraft draft) {
  PRELOOP_CO_TRY(const RoutesPtr known, co_await routes());
  const Channel* const found = known->find(id);
  if (found == nullptr) {
    co_return fail(Code::not_found, "there is no such channel");
  }
  Channel channel = *found;
  if (revision && *revision != channel.revision) {
    co_return fail(Code::aborted, "the channel changed meanwhile");
  }
  if (draft.name) {
    PRELOOP_CO_TRY(channel.name, checked_name(*draft.name));
  }
  channel.enabled = draft.enabled.value_or(channel.enabled);
  if (draft.settings) {
    PRELOOP_CO_TRY(channel.settings, normal_settings(channel.kind, *draft.settings));
    // Who may change where a password goes must not learn it that way.
    if (channel.settings != found->settings && !draft.secret && channel.kind != Kind::webhook) {
      channel.secret = core::Secret();
    }
  }
  if (draft.secret) {
    channel.secret = *draft.secret;
    PRELOOP_CO_CHECK(check_secret(channel.kind, channel.secret));
  }
  const std::int64_t before = channel.revision++;
  store::Unit unit;
  unit.guard = store::Unit::Guard{repo_.update(channel, before)};
  note(unit, by, "notification_channel", channel.id.to_string(), channel_details(channel));
  PRELOOP_CO_CHECK(co_await d_.database.commit(std::move(unit), store::Durability::strict));
  co_return channel;
}

Task<core::Status> Settings::remove(identity::Actor by,
                                    ChannelId id,
                                    std::optional<std::int64_t> revision) {
  PRELOOP_CO_TRY(const RoutesPtr known, co_await routes());
  const Channel* const found = known->find(id);
  if (found == nullptr) {
    co_return fail(Code::not_found, "there is no such channel");
  }
  if (revision && *revision != found->revision) {
    co_return fail(Code::aborted, "the channel changed meanwhile");
  }
  store::Unit unit;
  unit.guard = store::Unit::Guard{ChannelRepo::remove(d_.account, id)};
  note(unit, by, "notification_channel", id.to_string(), R"({"removed":true})");
  co_return co_await d_.database.commit(std::move(unit), store::Durability::strict);
}

Task<core::Result<Device>> Settings::add_device(
    identity::Actor by, core::PersonId person, Kind kind, std::string name, std::string address) {
  if (kind != Kind::ntfy) {
    co_return fail(Code::invalid_argument, "only ntfy topics are devices", {{"kind", "ntfy"}});
  }
  if (address.empty()) {
    address = make_topic();
  }
  if (!is_topic(address)) {
    co_return fail(Code::invalid_argument,
                   "a topic has 1 to 64 letters, digits, _ or -",
                   {{"address", "not a topic"}});
  }
  PRELOOP_CO_TRY(const RoutesPtr known, co_await routes());
  if (std::ranges::count(known->devices, person, &Device::person) >=
      static_cast<std::ptrdiff_t>(k_max_devices)) {
    co_return fail(Code::resource_exhausted, "you have 20 devices already; remove one");
  }
  if (std::ranges::any_of(known->devices, [&](const Device& one) {
        return one.kind == kind && one.address == address;
      })) {
    co_return fail(Code::already_exists, "this address is in use already");
  }
  Device device;
  device.account = d_.account;
  device.person = person;
  device.kind = kind;
  device.created_at = d_.clock.wall();
  device.id = DeviceId::make(device.created_at);
  PRELOOP_CO_TRY(device.name, checked_name(name));
  device.address = std::move(address);
  store::Unit unit;
  unit.guard = store::Unit::Guard{repo_.insert(device)};
  std::string details;
  core::JsonWriter(details)
      .begin_object()
      .field("kind", to_string(kind))
      .field("name", device.name)
      .end_object();
  note(unit, by, "notification_device", device.id.to_string(), std::move(details));
  PRELOOP_CO_CHECK(co_await d_.database.commit(std::move(unit), store::Durability::strict));
  co_return device;
}

Task<core::Status> Settings::remove_device(identity::Actor by, core::PersonId person, DeviceId id) {
  PRELOOP_CO_TRY(const RoutesPtr known, co_await routes());
  const Device* const found = known->find(id);
  if (found == nullptr || found->person != person) {
    co_return fail(Code::not_found, "you have no such device");
  }
  store::Unit unit;
  unit.guard = store::Unit::Guard{ChannelRepo::remove(d_.account, person, id)};
  note(unit, by, "notification_device", id.to_string(), R"({"removed":true})");
  co_return co_await d_.database.commit(std::move(unit), store::Durability::strict);
}

Task<core::Result<Preference>> Settings::set_preference(identity::Actor by,
                                                        core::PersonId person,
                                                        std::string json,
                                                        std::optional<std::int64_t> revision) {
  PRELOOP_CO_TRY(Preference preference, read_preference(json));
  PRELOOP_CO_TRY(const auto known, co_await repo_.preferences(d_.account));
  const auto found = known.find(person);
  const std::int64_t before = found == known.end() ? 0 : found->second.revision;
  if (revision && *revision != before) {
    co_return fail(Code::aborted, "the settings changed meanwhile");
  }
  preference.revision = before + 1;
  store::Unit unit;
  unit.guard = store::Unit::Guard{ChannelRepo::set(d_.account, person, preference, before)};
  note(unit, by, "notification_settings", person.to_string(), write_preference(preference));
  PRELOOP_CO_CHECK(co_await d_.database.commit(std::move(unit), store::Durability::strict));
  co_return preference;
}

}  // namespace preloop::notify

#include "notify/channel_repo.h"

#include "core/crypto.h"

namespace preloop::notify {
namespace {

using core::Task;
using store::Blob;
using store::RowReader;
using store::statement;

auto damaged() {
  return core::fail(core::Code::data_loss,
                    "a stored notification setting has a kind we do not know");
}

}  // namespace

Task<core::Result<std::vector<Channel>>> ChannelRepo::channels(core::AccountId account) {
  PRELOOP_CO_TRY(const store::Rows rows,
                 co_await database_.query(statement(
                     "SELECT id, kind, name, enabled, settings, sealed, created_at, revision FROM "
                     "notification_channel WHERE account = $1 ORDER BY id",
                     account)));
  std::vector<Channel> out;
  for (const store::Row& row : rows) {
    RowReader read(row);
    Channel channel;
    channel.account = account;
    channel.id = read.id<ChannelId>();
    const auto kind = parse_kind(read.text());
    channel.name = read.text();
    channel.enabled = read.boolean();
    channel.settings = read.text();
    const std::string sealed = read.blob();
    channel.created_at = read.time();
    channel.revision = read.integer();
    PRELOOP_CO_CHECK(read.status());
    if (!kind) {
      co_return damaged();
    }
    channel.kind = *kind;
    PRELOOP_CO_TRY(channel.secret, core::aes256_gcm_open(key_, sealed, channel.id.as_bytes()));
    out.push_back(std::move(channel));
  }
  co_return out;
}

store::Statement ChannelRepo::insert(const Channel& channel) const {
  return statement(
      "INSERT INTO notification_channel (account, id, kind, name, enabled, settings, sealed, "
      "created_at, revision) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
      channel.account,
      channel.id,
      to_string(channel.kind),
      channel.name,
      channel.enabled,
      channel.settings,
      Blob{core::aes256_gcm_seal(key_, channel.secret.reveal(), channel.id.as_bytes())},
      channel.created_at,
      channel.revision);
}

store::Statement ChannelRepo::update(const Channel& channel, std::int64_t before) const {
  return statement(
      "UPDATE notification_channel SET name = $1, enabled = $2, settings = $3, sealed = $4, "
      "revision = $5 WHERE account = $6 AND id = $7 AND revision = $8",
      channel.name,
      channel.enabled,
      channel.settings,
      Blob{core::aes256_gcm_seal(key_, channel.secret.reveal(), channel.id.as_bytes())},
      channel.revision,
      channel.account,
      channel.id,
      before);
}

store::Statement ChannelRepo::remove(core::AccountId account, ChannelId id) {
  return statement("DELETE FROM notification_channel WHERE account = $1 AND id = $2", account, id);
}

Task<core::Result<std::vector<Device>>> ChannelRepo::devices(core::AccountId account) {
  PRELOOP_CO_TRY(const store::Rows rows,
                 co_await database_.query(
                     statement("SELECT id, person, kind, name, address, sealed, created_at FROM "
                               "notification_device WHERE account = $1 ORDER BY id",
                               account)));
  std::vector<Device> out;
  for (const store::Row& row : rows) {
    RowReader read(row);
    Device device;
    device.account = account;
    device.id = read.id<DeviceId>();
    device.person = read.id<core::PersonId>();
    const auto kind = parse_kind(read.text());
    device.name = read.text();
    device.address = read.text();
    const std::string sealed = read.blob();
    device.created_at = read.time();
    PRELOOP_CO_CHECK(read.status());
    if (!kind) {
      co_return damaged();
    }
    device.kind = *kind;
    PRELOOP_CO_TRY(device.secret, core::aes256_gcm_open(key_, sealed, device.id.as_bytes()));
    out.push_back(std::move(device));
  }
  co_return out;
}

store::Statement ChannelRepo::insert(const Device& device) const {
  return statement(
      "INSERT INTO notification_device (account, id, person, kind, name, address, sealed, "
      "created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
      device.account,
      device.id,
      device.person,
      to_string(device.kind),
      device.name,
      device.address,
      Blob{core::aes256_gcm_seal(key_, device.secret.reveal(), device.id.as_bytes())},
      device.created_at);
}

store::Statement ChannelRepo::remove(core::AccountId account, core::PersonId person, DeviceId id) {
  return statement("DELETE FROM notification_device WHERE account = $1 AND person = $2 AND id = $3",
                   account,
                   person,
                   id);
}

Task<core::Result<std::map<core::PersonId, Preference>>> ChannelRepo::preferences(
    core::AccountId account) {
  PRELOOP_CO_TRY(
      const store::Rows rows,
      co_await database_.query(statement(
          "SELECT person, value, revision FROM notification_preference WHERE account = $1",
          account)));
  std::map<core::PersonId, Preference> out;
  for (const store::Row& row : rows) {
    RowReader read(row);
    const auto person = read.id<core::PersonId>();
    const std::string value = read.text();
    const std::int64_t revision = read.integer();
    PRELOOP_CO_CHECK(read.status());
    PRELOOP_CO_TRY(Preference preference, read_preference(value));
    preference.revision = revision;
    out.emplace(person, std::move(preference));
  }
  co_return out;
}

store::Statement ChannelRepo::set(core::AccountId account,
                                  core::PersonId person,
                                  const Preference& preference,
                                  std::int64_t before) {
  return statement(
      "INSERT INTO notification_preference (account, person, value, revision) VALUES ($1, $2, $3, "
      "$4) ON CONFLICT (account, person) DO UPDATE SET value = excluded.value, revision = "
      "excluded.revision WHERE notification_preference.revision = $5",
      account,
      person,
      write_preference(preference),
      preference.revision,
      before);
}

}  // namespace preloop::notify

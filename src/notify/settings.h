#pragma once
#include "core/clock.h"
#include "core/result.h"
#include "core/task.h"
#include "identity/principal.h"
#include "notify/channel_repo.h"
#include "notify/preference.h"
#include "notify/types.h"
#include "store/database.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace preloop::notify {

/// Everything that says where messages go, of one moment. Immutable.
struct Routes {
  std::vector<Channel> channels;
  std::vector<Device> devices;
  std::map<core::PersonId, Preference> preferences;

  const Channel* find(ChannelId id) const;
  const Device* find(DeviceId id) const;
  /// What the person set, or the default for what they have.
  Preference preference_of(core::PersonId person) const;
};
using RoutesPtr = std::shared_ptr<const Routes>;

/// Channels, devices and preferences of one account, with their records. Who may change what is the
/// API's to check. Each change is committed strictly, recorded, and announced as settings.updated
/// ("notifications"). Any loop.
class Settings {
 public:
  struct Dependencies {
    store::Database& database;
    const identity::IdentitySnapshot& identity;
    const core::Clock& clock;
    core::AccountId account;
    core::Secret key;  ///< 32 bytes, seals the secrets
  };
  explicit Settings(Dependencies dependencies)
      : d_(std::move(dependencies)), repo_(d_.database, d_.key) {}

  core::Task<core::Result<RoutesPtr>> routes();

  struct ChannelDraft {
    std::optional<std::string> name;
    std::optional<bool> enabled;
    std::optional<std::string> settings;  ///< JSON
    std::optional<core::Secret> secret;
  };
  /// A webhook without a secret gets one. already_exists for a second channel of a personal kind:
  /// each person is reached one way.
  core::Task<core::Result<Channel>> create(identity::Actor by, Kind kind, ChannelDraft draft);
  /// `aborted` when its revision is another.
  core::Task<core::Result<Channel>> update(identity::Actor by,
                                           ChannelId id,
                                           std::optional<std::int64_t> revision,
                                           ChannelDraft draft);
  core::Task<core::Status> remove(identity::Actor by,
                                  ChannelId id,
                                  std::optional<std::int64_t> revision);

  /// Of ntfy: `address` is the topic, or empty for one that nobody can guess.
  core::Task<core::Result<Device>> add_device(
      identity::Actor by, core::PersonId person, Kind kind, std::string name, std::string address);
  core::Task<core::Status> remove_device(identity::Actor by, core::PersonId person, DeviceId id);

  core::Task<core::Result<Preference>> set_preference(identity::Actor by,
                                                      core::PersonId person,
                                                      std::string json,
                                                      std::optional<std::int64_t> revision);

 private:
  void note(store::Unit& unit,
            const identity::Actor& by,
            std::string_view subject,
            const std::string& id,
            std::string details) const;

  Dependencies d_;
  ChannelRepo repo_;
};

}  // namespace preloop::notify

#include "secrets/secret_store.h"

#include "secrets/master_key_repo.h"
#include "secrets/sealing.h"
#include "secrets/secret_repo.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace preloop::secrets {
namespace {

using core::Code;
using core::fail;
using store::Durability;

std::unexpected<core::Error> no_such(std::string_view name) {
  return fail(
      Code::not_found,
      fmt::format("there is no secret named {}; set it with: preloop secrets set {}", name, name));
}

/// Every secret and every retired key under the next key, as one unit.
core::Result<store::Unit> rotation_unit(const Keyring& before,
                                        const Keyring& after,
                                        std::vector<SecretRow> rows,
                                        core::WallTime now) {
  store::Unit unit;
  const MasterKey& next = after.current();
  unit.guard = {MasterKeyRepo::retire(before.version(),
                                      seal_retired(next, before.version(), before.current()))};
  unit.add(MasterKeyRepo::insert(after.version(), next.check_value(), now));
  for (const auto& [version, key] : before.keys()) {
    if (version != before.version()) {
      unit.add(MasterKeyRepo::reseal(version, seal_retired(next, version, key)));
    }
  }
  for (SecretRow& row : rows) {
    PRELOOP_TRY(
        const core::Secret value,
        open_secret(before, row.key_version, row.account, row.name, row.version, row.sealed));
    row.key_version = after.version();
    row.sealed = seal_secret(after, row.account, row.name, row.version, value);
    unit.add(SecretRepo::reseal(row));
  }
  return unit;
}

/// Two at once would move each other's staged file.
class OneRotation {
 public:
  explicit OneRotation(std::atomic<bool>& flag) : flag_(flag), is_ours_(!flag.exchange(true)) {}
  ~OneRotation() {
    if (is_ours_) {
      flag_ = false;
    }
  }
  OneRotation(const OneRotation&) = delete;
  OneRotation& operator=(const OneRotation&) = delete;
  bool is_ours() const { return is_ours_; }

 private:
  std::atomic<bool>& flag_;
  bool is_ours_;
};

}  // namespace

core::Status check_secret_name(std::string_view name) {
  const bool good = !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
  });
  if (!good) {
    return fail(Code::invalid_argument,
                "a secret's name has 1 to 64 characters of a-z, 0-9, '_', '.', '-'");
  }
  return {};
}

SecretStore::SecretStore(store::Database& database,
                         core::Offload& offload,
                         const core::Clock& clock,
                         KeyringPtr keyring)
    : database_(database), offload_(offload), clock_(clock), keyring_(std::move(keyring)) {}

KeyringPtr SecretStore::keyring() const {
  const std::lock_guard lock(mutex_);
  return keyring_;
}

void SecretStore::use(KeyringPtr keyring) {
  const std::lock_guard lock(mutex_);
  keyring_ = std::move(keyring);
}

core::Task<core::Result<SecretInfo>> SecretStore::set(core::AccountId account,
                                                      std::string name,
                                                      core::Secret value,
                                                      Annotate annotate) {
  PRELOOP_CO_CHECK(check_secret_name(name));
  if (value.empty() || value.reveal().size() > k_max_value) {
    co_return fail(Code::invalid_argument, "a secret has 1 byte to 64 KiB");
  }
  PRELOOP_CO_TRY(const std::optional<SecretRow> before,
                 co_await SecretRepo::find(database_, account, name));
  const KeyringPtr keys = keyring();
  SecretRow row;
  row.account = account;
  row.name = name;
  row.version = before ? before->version + 1 : 1;
  row.key_version = keys->version();
  row.sealed = seal_secret(*keys, account, name, row.version, value);
  row.updated_at = clock_.wall();
  row.created_at = before ? before->created_at : row.updated_at;

  store::Unit unit;
  unit.guard = {before ? SecretRepo::replace(row, before->version) : SecretRepo::insert(row)};
  annotate(unit, {SecretChange::Kind::set, account, name, row.version, row.updated_at});
  PRELOOP_CO_CHECK(co_await database_.commit(std::move(unit), Durability::strict));
  co_return SecretInfo{name, row.version, row.created_at, row.updated_at};
}

core::Task<core::Result<std::vector<SecretInfo>>> SecretStore::list(core::AccountId account) {
  PRELOOP_CO_TRY(const std::vector<SecretRow> rows,
                 co_await SecretRepo::of_account(database_, account));
  std::vector<SecretInfo> out;
  out.reserve(rows.size());
  for (const SecretRow& row : rows) {
    out.push_back({row.name, row.version, row.created_at, row.updated_at});
  }
  co_return out;
}

core::Task<core::Status> SecretStore::remove(core::AccountId account,
                                             std::string name,
                                             Annotate annotate) {
  PRELOOP_CO_CHECK(check_secret_name(name));
  store::Unit unit;
  unit.guard = {SecretRepo::remove(account, name)};
  annotate(unit, {SecretChange::Kind::removed, account, name, 0, clock_.wall()});
  const core::Status done = co_await database_.commit(std::move(unit), Durability::strict);
  if (!done && done.error().code == Code::aborted) {
    co_return no_such(name);
  }
  co_return done;
}

core::Task<core::Result<core::Secret>> SecretStore::resolve(core::AccountId account,
                                                            std::string name) {
  PRELOOP_CO_CHECK(check_secret_name(name));
  PRELOOP_CO_TRY(const std::optional<SecretRow> row,
                 co_await SecretRepo::find(database_, account, name));
  if (!row) {
    co_return no_such(name);
  }
  KeyringPtr keys = keyring();
  auto value = open_secret(*keys, row->key_version, account, row->name, row->version, row->sealed);
  if (!value) {
    co_return fail(
        Code::data_loss,
        fmt::format(
            "the secret {} cannot be decrypted ({}); set it again", name, value.error().message));
  }
  co_return value;
}

core::Task<core::Result<std::uint32_t>> SecretStore::rotate(MasterKey next, Annotate annotate) {
  const OneRotation mine(is_rotating_);
  if (!mine.is_ours()) {
    co_return fail(Code::failed_precondition, "the master key is being rotated already");
  }
  co_return co_await rotate_to(std::move(next), std::move(annotate));
}

core::Task<core::Result<std::uint32_t>> SecretStore::rotate_to(MasterKey next, Annotate annotate) {
  const KeyringPtr before = keyring();
  for (const auto& [version, key] : before->keys()) {
    if (key.check_value() == next.check_value()) {
      co_return fail(Code::failed_precondition, "the next master key is one that was used before");
    }
  }
  std::map<std::uint32_t, MasterKey> keys = before->keys();
  const std::uint32_t version = before->version() + 1;
  keys.emplace(version, std::move(next));
  const auto after = std::make_shared<const Keyring>(version, keys);
  // Between the commit and the end of this function others read rows under the next key already.
  const auto meanwhile = std::make_shared<const Keyring>(before->version(), std::move(keys));

  PRELOOP_CO_TRY(const std::vector<MasterKeyRow> stored, co_await MasterKeyRepo::all(database_));
  if (stored.empty() || stored.back().version != before->version()) {
    co_return fail(Code::aborted, "another process rotated the master key; restart this one");
  }
  PRELOOP_CO_TRY(std::vector<SecretRow> rows, co_await SecretRepo::all(database_));
  const core::WallTime now = clock_.wall();
  PRELOOP_CO_TRY(store::Unit unit, rotation_unit(*before, *after, std::move(rows), now));
  annotate(unit, {SecretChange::Kind::rotated, {}, {}, version, now});
  use(meanwhile);
  const core::Status done = co_await database_.commit(std::move(unit), Durability::strict);
  if (!done && done.error().code == Code::aborted) {
    use(before);
  }
  PRELOOP_CO_CHECK(done);
  use(after);
  co_return version;
}

core::Task<core::Result<std::uint32_t>> SecretStore::rotate_own_file(OwnKeyFile file,
                                                                     Annotate annotate) {
  const OneRotation mine(is_rotating_);
  if (!mine.is_ours()) {
    co_return fail(Code::failed_precondition, "the master key is being rotated already");
  }
  const MasterKey next = MasterKey::generate();
  PRELOOP_CO_CHECK(co_await offload_.run([file, next]() -> core::Status {
    PRELOOP_CHECK(discard_staged(file));
    return write_key_file(staged_path(file), next);
  }));
  const auto version = co_await rotate_to(next, std::move(annotate));
  if (!version) {
    // The staged key stays when the commit's fate is unknown; open_keyring decides at next start.
    if (version.error().code == Code::aborted) {
      PRELOOP_CO_CHECK(co_await offload_.run([file] { return discard_staged(file); }));
    }
    co_return version;
  }
  PRELOOP_CO_CHECK(co_await offload_.run([file] { return promote_staged(file); }));
  co_return version;
}

}  // namespace preloop::secrets

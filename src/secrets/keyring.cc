#include "secrets/keyring.h"

#include "core/log.h"
#include "secrets/master_key_repo.h"
#include "secrets/sealing.h"

#include <fmt/format.h>

#include <utility>

namespace preloop::secrets {
namespace {

using core::Code;
using core::fail;

/// What the source gives, of an own file also whether a staged key should be put in its place.
core::Result<MasterKey> load_matching(const KeySource& source, const std::string& check_value) {
  const auto* own = std::get_if<OwnKeyFile>(&source);
  core::Result<MasterKey> key = load_key(source);
  if (own != nullptr && (!key || key->check_value() != check_value)) {
    // A rotation committed, and we ended before its key was moved.
    auto staged = load_key(OwnKeyFile{staged_path(*own)});
    if (staged && staged->check_value() == check_value) {
      PRELOOP_CHECK(promote_staged(*own));
      core::log::info("finished the rotation of the master key");
      return staged;
    }
  }
  if (!key) {
    return fail(key.error().code == Code::not_found ? Code::failed_precondition : key.error().code,
                fmt::format("the master key of this database is needed: {}", key.error().message));
  }
  if (key->check_value() != check_value) {
    return fail(
        Code::failed_precondition,
        "this is not the master key that this database was written with; give the right one "
        "or restore keys/master.key from a backup");
  }
  if (own != nullptr) {
    PRELOOP_CHECK(discard_staged(*own));
  }
  return key;
}

core::Result<MasterKey> first_key(const KeySource& source) {
  core::Result<MasterKey> key = load_key(source);
  const auto* own = std::get_if<OwnKeyFile>(&source);
  if (key || own == nullptr || key.error().code != Code::not_found) {
    return key;
  }
  MasterKey made = MasterKey::generate();
  PRELOOP_CHECK(write_key_file(own->path, made));
  return made;
}

core::Result<KeyringPtr> unseal(MasterKey current, const std::vector<MasterKeyRow>& rows) {
  std::map<std::uint32_t, MasterKey> keys;
  for (const MasterKeyRow& row : rows) {
    if (row.sealed) {
      PRELOOP_TRY(MasterKey retired, open_retired(current, row.version, *row.sealed));
      keys.emplace(row.version, std::move(retired));
    }
  }
  const std::uint32_t version = rows.back().version;
  keys.emplace(version, std::move(current));
  return std::make_shared<const Keyring>(version, std::move(keys));
}

}  // namespace

core::Result<core::Secret> Keyring::derive(Purpose purpose, std::uint32_t version) const {
  const auto found = keys_.find(version);
  if (found == keys_.end()) {
    return fail(
        Code::data_loss,
        fmt::format("master key version {} is not known here; when another process rotated the "
                    "key, restart this one",
                    version));
  }
  return found->second.derive(purpose);
}

core::Task<core::Result<KeyringPtr>> open_keyring(store::Database& database,
                                                  core::Offload& offload,
                                                  KeySource source,
                                                  core::WallTime now) {
  PRELOOP_CO_TRY(std::vector<MasterKeyRow> rows, co_await MasterKeyRepo::all(database));
  if (rows.empty()) {
    PRELOOP_CO_TRY(MasterKey key, co_await offload.run([source] { return first_key(source); }));
    store::Unit unit;
    unit.add(MasterKeyRepo::insert(1, key.check_value(), now));
    PRELOOP_CO_CHECK(co_await database.commit(std::move(unit), store::Durability::strict));
    rows.push_back({1, key.check_value(), std::nullopt});
    co_return unseal(std::move(key), rows);
  }
  if (rows.back().sealed) {
    co_return fail(Code::data_loss, "the table master_key names no key in use");
  }
  PRELOOP_CO_TRY(MasterKey key, co_await offload.run([source, check = rows.back().check_value] {
    return load_matching(source, check);
  }));
  co_return unseal(std::move(key), rows);
}

}  // namespace preloop::secrets

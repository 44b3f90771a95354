#include "app/foundation.h"

#include "app/blocking.h"
#include "core/log.h"
#include "core/text.h"
#include "store/factory.h"

#include <sys/stat.h>

#include <utility>

namespace preloop::app {

secrets::KeySource key_source(const FoundationOptions& options) {
  if (!options.master_key_command.empty()) {
    secrets::KeyCommand command;
    for (const std::string_view word : core::split(options.master_key_command, ' ')) {
      if (!word.empty()) {
        command.arguments.emplace_back(word);
      }
    }
    return command;
  }
  if (!options.master_key_file.empty()) {
    return secrets::GivenKeyFile{options.master_key_file};
  }
  return secrets::OwnKeyFile{options.data_dir + "/keys/master.key"};
}

Foundation::Foundation(FoundationOptions given)
    : options(std::move(given)), loops(options.io_threads) {}

Foundation::~Foundation() {
  close();
}

core::Result<std::unique_ptr<Foundation>> Foundation::open(FoundationOptions options) {
  auto foundation = std::make_unique<Foundation>(std::move(options));
  PRELOOP_CHECK(foundation->open());
  return foundation;
}

core::Status Foundation::open() {
  loops.start();
  is_open_ = true;
  return run_blocking(loops.at(0), build());
}

core::Task<core::Status> Foundation::build() {
  PRELOOP_CO_TRY(database,
                 co_await store::open_database({.data_dir = options.data_dir,
                                                .database_url = options.database_url,
                                                .holder = options.holder}));
  PRELOOP_CO_TRY(const identity::AccountFound found,
                 co_await identity::ensure_account(*database, clock.wall()));
  account = found.id;
  is_new = found.is_new;
  PRELOOP_CO_TRY(
      keyring,
      co_await secrets::open_keyring(*database, offload, key_source(options), clock.wall()));

  // The record, before anything that writes one. Its payload key comes from the oldest master key,
  // which the keyring keeps, so that a rotation does not make old payloads unreadable.
  const secrets::MasterKey& first_key = keyring->keys().begin()->second;
  payload_cipher =
      std::make_unique<audit::PayloadCipher>(first_key.derive(secrets::Purpose::audit_payload));
  audit_repo = std::make_unique<audit::AuditRepo>(*database, *payload_cipher);
  const std::string key_folder = options.data_dir + "/keys";
  PRELOOP_CO_TRY(auto key, co_await offload.run([key_folder] {
    // Not there yet when the master key is the operator's.
    ::mkdir(key_folder.c_str(), 0700);
    return audit::SigningKey::load_or_create(key_folder + "/audit.key");
  }));
  signing_key = std::make_unique<audit::SigningKey>(std::move(key));
  PRELOOP_CO_TRY(sealer, co_await audit::ChainSealer::open(*audit_repo, clock, *payload_cipher));
  database->set_sealer(sealer.get());

  secrets = std::make_unique<secrets::SecretStore>(*database, offload, clock, keyring);

  registry = std::make_unique<identity::Registry>(loops.at(0), loops, *database, clock);
  PRELOOP_CO_CHECK(co_await registry->load());
  hasher = std::make_unique<identity::PasswordHasher>(loops.at(0), offload);
  management = std::make_unique<identity::Management>(*registry, *hasher);
  sign_in = std::make_unique<identity::SignIn>(*registry, *hasher);
  links = std::make_unique<identity::Links>(*registry, *hasher, *sign_in);
  cli_login = std::make_unique<identity::CliLogin>(*registry);
  key_usage = std::make_unique<identity::KeyUsage>(*registry);
  runtime_sessions = std::make_unique<identity::RuntimeSessions>(loops, *registry, *key_usage);
  registry->add_listener(*runtime_sessions);
  co_return co_await runtime_sessions->load();
}

void Foundation::close() {
  if (!std::exchange(is_open_, false)) {
    return;
  }
  run_blocking(loops.at(0), unbuild());
  loops.stop();
}

core::Task<void> Foundation::unbuild() {
  if (runtime_sessions) {
    for (const core::Status& status :
         {co_await runtime_sessions->sweep(), co_await key_usage->flush()}) {
      if (!status) {
        core::log::warn("the last activity was not written", {{"error", status.error().message}});
      }
    }
  }
  if (database) {
    co_await database->stop();
    database->set_sealer(nullptr);
  }
}

}  // namespace preloop::app

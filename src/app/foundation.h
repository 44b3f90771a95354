#pragma once
#include "audit/audit_repo.h"
#include "audit/head.h"
#include "audit/sealer.h"
#include "core/clock.h"
#include "core/loop.h"
#include "core/offload.h"
#include "core/result.h"
#include "core/secret.h"
#include "identity/bootstrap.h"
#include "identity/cli_login.h"
#include "identity/key_usage.h"
#include "identity/links.h"
#include "identity/management.h"
#include "identity/password_hasher.h"
#include "identity/registry.h"
#include "identity/runtime_sessions.h"
#include "identity/sign_in.h"
#include "secrets/keyring.h"
#include "secrets/secret_store.h"
#include "store/database.h"

#include <memory>
#include <string>

namespace preloop::app {

struct FoundationOptions {
  std::string data_dir;
  core::Secret database_url;  ///< empty: SQLite
  std::string master_key_file;
  std::string master_key_command;
  std::size_t io_threads = 1;
  std::string holder;  ///< who we are, for the one who finds the data dir locked
};

/// What the server and `preloop admin` both stand on: loops, store, record, secrets and identity,
/// in the order they are made. Members are public: this is wiring, read from top to bottom.
///
/// `close` stops everything in the reverse order.
struct Foundation {
  /// Nothing is opened and no loop runs yet.
  explicit Foundation(FoundationOptions given);
  /// Starts the loops and opens the rest. Blocking. failed_precondition when another process holds
  /// the data dir or the schema is newer.
  core::Status open();
  /// Both in one.
  static core::Result<std::unique_ptr<Foundation>> open(FoundationOptions options);
  ~Foundation();
  /// Writes what is queued and closes the database. Idempotent.
  void close();

  FoundationOptions options;
  core::SystemClock clock;
  core::LoopPool loops;
  core::Offload offload{4};
  std::unique_ptr<store::Database> database;
  bool is_new = false;  ///< the account was made just now
  core::AccountId account;

  secrets::KeyringPtr keyring;
  std::unique_ptr<audit::PayloadCipher> payload_cipher;
  std::unique_ptr<audit::AuditRepo> audit_repo;
  std::unique_ptr<audit::SigningKey> signing_key;
  std::unique_ptr<audit::ChainSealer> sealer;
  std::unique_ptr<secrets::SecretStore> secrets;

  std::unique_ptr<identity::Registry> registry;
  std::unique_ptr<identity::PasswordHasher> hasher;
  std::unique_ptr<identity::Management> management;
  std::unique_ptr<identity::SignIn> sign_in;
  std::unique_ptr<identity::Links> links;
  std::unique_ptr<identity::CliLogin> cli_login;
  std::unique_ptr<identity::KeyUsage> key_usage;
  std::unique_ptr<identity::RuntimeSessions> runtime_sessions;

 private:
  core::Task<core::Status> build();
  core::Task<void> unbuild();
  bool is_open_ = false;
};

/// Where the master key comes from, by options.
secrets::KeySource key_source(const FoundationOptions& options);

}  // namespace preloop::app

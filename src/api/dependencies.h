#pragma once
#include "approvals/service.h"
#include "audit/audit_repo.h"
#include "audit/head.h"
#include "audit/sealer.h"
#include "catalogue/service.h"
#include "core/clock.h"
#include "core/loop.h"
#include "core/offload.h"
#include "events/feed.h"
#include "identity/cli_login.h"
#include "identity/key_usage.h"
#include "identity/links.h"
#include "identity/management.h"
#include "identity/registry.h"
#include "identity/runtime_sessions.h"
#include "identity/session_cookie.h"
#include "identity/sign_in.h"
#include "notify/notifier.h"
#include "policy/service.h"
#include "secrets/secret_store.h"
#include "store/database.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace preloop::api {

/// How the server was started, for those who run it.
struct ServerFacts {
  core::WallTime started_at;
  std::vector<std::string> listen;
  std::string data_dir;
  std::size_t io_threads = 1;
  bool tls = false;
  int retention_days = 0;              ///< 0 keeps everything
  std::uint64_t disk_quota_bytes = 0;  ///< 0: only the disk's own end
};

/// Everything the API speaks to. References outlive it.
struct Dependencies {
  core::LoopPool& loops;
  const core::Clock& clock;
  core::Offload& offload;
  store::Database& database;
  core::AccountId account;

  identity::Registry& registry;
  identity::Management& management;
  identity::SignIn& sign_in;
  identity::Links& links;
  identity::CliLogin& cli_login;
  identity::KeyUsage& key_usage;
  identity::RuntimeSessions& runtime_sessions;

  catalogue::CatalogueService& catalogue;
  policy::PolicyService& policy;
  approvals::ApprovalService& approvals;
  notify::Notifier& notifier;
  secrets::SecretStore& secrets;

  audit::AuditRepo& audit;
  audit::ChainSealer& sealer;
  const audit::SigningKey& signing_key;
  events::Feed& feed;

  /// What an agent did, as rules count it. Empty: nothing is known.
  std::function<core::Task<core::Result<std::shared_ptr<const policy::Usage>>>(core::AgentId)>
      past_of;
  /// Lists a server's tools now; mcp's pool. Empty: `unavailable`.
  std::function<core::Task<core::Status>(core::ServerId)> scan;
  /// 32 bytes: MasterKey::derive(Purpose::cursor).
  core::Secret cursor_key;
  std::string public_url;  ///< decides the cookie's name; links and exports name it
  std::string version = "0";
  /// May stdio servers be added over REST (`--allow-stdio`, or listening on loopback only)?
  bool allow_stdio = false;
  ServerFacts facts;
};

}  // namespace preloop::api

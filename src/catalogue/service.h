#pragma once
#include "catalogue/catalogue.h"
#include "catalogue/types.h"
#include "core/clock.h"
#include "core/loop.h"
#include "core/task.h"
#include "store/database.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace preloop::audit {
struct Actor;
}

namespace preloop::catalogue {

/// Told, on the catalogue's owning loop, after a change is committed and before its snapshot is
/// acknowledged; must not suspend. mcp starts and stops upstreams by it.
class ServerObserver {
 public:
  virtual ~ServerObserver() = default;
  virtual void server_started(const Server& server) = 0;  ///< added, changed or loaded
  virtual void server_removed(core::ServerId id) = 0;
};

/// Changes to servers and tools. One loop owns the mutable state; members may be called from any
/// loop and hop there. A change is committed (strict, with its record and event) and in every
/// loop's snapshot when its task returns.
class CatalogueService {
 public:
  struct Dependencies {
    core::Loop& owner;
    core::LoopPool& loops;
    store::Database& database;
    const core::Clock& clock;
    core::AccountId account;
  };
  static std::unique_ptr<CatalogueService> create(Dependencies dependencies);
  virtual ~CatalogueService() = default;

  /// Reads everything and publishes it; observers hear of every server.
  virtual core::Task<core::Status> start() = 0;
  virtual void set_observer(ServerObserver* observer) = 0;  ///< before start
  virtual CatalogueSnapshot& snapshot() = 0;

  /// already_exists when the name is taken, invalid_argument from `check_config`.
  virtual core::Task<core::Result<Server>> add(const audit::Actor& actor, ServerConfig config) = 0;
  /// aborted when `revision` is not the current one. A changed transport, command or URL is another
  /// server for pins: its tools are compared with what was accepted.
  virtual core::Task<core::Result<Server>> update(const audit::Actor& actor,
                                                  core::ServerId id,
                                                  ServerConfig config,
                                                  std::int64_t revision) = 0;
  virtual core::Task<core::Status> remove(const audit::Actor& actor, core::ServerId id) = 0;
  /// A person accepts every new and changed tool of the server, or only the one named.
  virtual core::Task<core::Status> accept(const audit::Actor& actor,
                                          core::ServerId id,
                                          std::optional<core::ToolId> tool) = 0;
  virtual core::Task<core::Status> set_enabled(const audit::Actor& actor,
                                               core::ToolId tool,
                                               bool enabled) = 0;

  /// From the upstream: what it lists now (definitions already read, ambiguous ones dropped).
  virtual core::Task<core::Status> listed(core::ServerId id, std::vector<Tool> tools) = 0;
  /// From the upstream: what it lists beside its tools. Not stored, but in the snapshot.
  virtual core::Task<void> report_lists(core::ServerId id,
                                        std::shared_ptr<const ServerLists> lists) = 0;
  /// From the upstream: not stored, but in the snapshot.
  virtual core::Task<void> report_status(core::ServerId id,
                                         ServerStatus status,
                                         std::string error) = 0;
};

}  // namespace preloop::catalogue

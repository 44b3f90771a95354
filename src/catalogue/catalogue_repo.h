#pragma once
#include "catalogue/types.h"
#include "core/task.h"
#include "store/database.h"

#include <string>
#include <vector>

namespace preloop::catalogue {

/// A tool as stored: the definition is text, not yet read.
struct ToolRow {
  core::ToolId id;
  core::ServerId server;
  std::string name;
  std::int64_t position = 0;
  std::string definition;
  std::string accepted_definition;
  PinState pin = PinState::accepted;
  bool enabled = true;
  bool present = true;
  bool operator==(const ToolRow&) const = default;
};

/// SQL of the catalogue; the only file here that knows it. Statements are for units.
class CatalogueRepo {
 public:
  CatalogueRepo(store::Database& database, core::AccountId account)
      : database_(database), account_(account) {}

  core::Task<core::Result<std::vector<Server>>> servers() const;
  core::Task<core::Result<std::vector<ToolRow>>> tools() const;

  store::Statement insert_server(const Server& server, core::WallTime now) const;
  /// As a unit's guard: touches one row when `server.revision - 1` is still current.
  store::Statement update_server(const Server& server) const;
  store::Statement delete_server(core::ServerId id) const;  ///< and, by cascade, its tools
  store::Statement mark_accepted(core::ServerId id) const;
  store::Statement put_tool(const ToolRow& tool) const;

 private:
  store::Database& database_;
  core::AccountId account_;
};

}  // namespace preloop::catalogue

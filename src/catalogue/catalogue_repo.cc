#include "catalogue/catalogue_repo.h"

#include "catalogue/config_json.h"
#include "core/json.h"

namespace preloop::catalogue {
namespace {

using store::statement;

std::string config_text(const ServerConfig& config) {
  std::string out;
  core::JsonWriter writer(out);
  write_config(writer, config);
  return out;
}

core::Result<Server> read_server(const store::Row& row) {
  store::RowReader reader(row);
  Server server;
  server.id = reader.id<core::ServerId>();
  const std::string config = reader.text();
  server.accepted = reader.boolean();
  server.revision = reader.integer();
  PRELOOP_CHECK(reader.status());
  PRELOOP_TRY(const core::JsonDocument document, core::JsonDocument::parse(config));
  PRELOOP_TRY(server.config, read_config(document.root()));
  return server;
}

core::Result<ToolRow> read_tool(const store::Row& row) {
  store::RowReader reader(row);
  ToolRow tool;
  tool.id = reader.id<core::ToolId>();
  tool.server = reader.id<core::ServerId>();
  tool.name = reader.text();
  tool.position = reader.integer();
  tool.definition = reader.text();
  tool.accepted_definition = reader.text();
  const auto pin = parse_pin_state(reader.text());
  tool.pin = pin.value_or(PinState::changed);  // what cannot be read is not accepted
  tool.enabled = reader.boolean();
  tool.present = reader.boolean();
  PRELOOP_CHECK(reader.status());
  return tool;
}

template <class T>
core::Result<std::vector<T>> read_all(core::Result<store::Rows> rows,
                                      core::Result<T> (*read)(const store::Row&)) {
  PRELOOP_TRY(const store::Rows found, std::move(rows));
  std::vector<T> out;
  out.reserve(found.size());
  for (const store::Row& row : found) {
    PRELOOP_TRY(T item, read(row));
    out.push_back(std::move(item));
  }
  return out;
}

}  // namespace

core::Task<core::Result<std::vector<Server>>> CatalogueRepo::servers() const {
  co_return read_all<Server>(
      co_await database_.query(statement("SELECT id, config, accepted, revision FROM mcp_server "
                                         "WHERE account = $1 ORDER BY id",
                                         account_)),
      read_server);
}

core::Task<core::Result<std::vector<ToolRow>>> CatalogueRepo::tools() const {
  co_return read_all<ToolRow>(
      co_await database_.query(
          statement("SELECT id, server, name, position, definition, accepted_definition, pin, "
                    "enabled, present FROM tool WHERE account = $1 ORDER BY server, position, id",
                    account_)),
      read_tool);
}

store::Statement CatalogueRepo::insert_server(const Server& server, core::WallTime now) const {
  return statement(
      "INSERT INTO mcp_server (account, id, name, config, accepted, revision, created_at) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7)",
      account_,
      server.id,
      server.config.name,
      config_text(server.config),
      server.accepted,
      server.revision,
      now);
}

store::Statement CatalogueRepo::update_server(const Server& server) const {
  return statement(
      "UPDATE mcp_server SET name = $1, config = $2, revision = $3 "
      "WHERE account = $4 AND id = $5 AND revision = $6",
      server.config.name,
      config_text(server.config),
      server.revision,
      account_,
      server.id,
      server.revision - 1);
}

store::Statement CatalogueRepo::delete_server(core::ServerId id) const {
  return statement("DELETE FROM mcp_server WHERE account = $1 AND id = $2", account_, id);
}

store::Statement CatalogueRepo::mark_accepted(core::ServerId id) const {
  return statement(
      "UPDATE mcp_server SET accepted = 1 WHERE account = $1 AND id = $2", account_, id);
}

store::Statement CatalogueRepo::put_tool(const ToolRow& tool) const {
  return statement(
      "INSERT INTO tool (account, id, server, name, position, definition, accepted_definition, "
      "pin, "
      "enabled, present) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) "
      "ON CONFLICT (account, id) DO UPDATE SET position = excluded.position, "
      "definition = excluded.definition, accepted_definition = excluded.accepted_definition, "
      "pin = excluded.pin, enabled = excluded.enabled, present = excluded.present",
      account_,
      tool.id,
      tool.server,
      tool.name,
      tool.position,
      tool.definition,
      tool.accepted_definition,
      to_string(tool.pin),
      tool.enabled,
      tool.present);
}

}  // namespace preloop::catalogue

#include "catalogue/service.h"

#include "audit/record.h"
#include "catalogue/catalogue_repo.h"
#include "catalogue/config_json.h"
#include "catalogue/definition.h"
#include "catalogue/listing.h"
#include "catalogue/names.h"
#include "core/async_mutex.h"
#include "core/log.h"
#include "core/loop_call.h"
#include "events/events.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace preloop::catalogue {
namespace {

using core::Code;
using core::fail;
using core::Status;
using core::Task;

constexpr std::size_t k_max_servers = 256;
constexpr std::size_t k_max_tools_per_server = 2'000;

class Service final : public CatalogueService {
 public:
  explicit Service(Dependencies dependencies)
      : owner_(dependencies.owner),
        database_(dependencies.database),
        clock_(dependencies.clock),
        account_(dependencies.account),
        repo_(dependencies.database, dependencies.account),
        snapshot_(dependencies.loops, std::make_shared<const Catalogue>()),
        changes_(dependencies.owner.executor()) {}

  CatalogueSnapshot& snapshot() override { return snapshot_; }
  void set_observer(ServerObserver* observer) override { observer_ = observer; }

  Task<Status> start() override { return core::on_loop(owner_, do_start()); }
  Task<core::Result<Server>> add(const audit::Actor& actor, ServerConfig config) override {
    return core::on_loop(owner_, do_add(actor, std::move(config)));
  }
  Task<core::Result<Server>> update(const audit::Actor& actor,
                                    core::ServerId id,
                                    ServerConfig config,
                                    std::int64_t revision) override {
    return core::on_loop(owner_, do_update(actor, id, std::move(config), revision));
  }
  Task<Status> remove(const audit::Actor& actor, core::ServerId id) override {
    return core::on_loop(owner_, do_remove(actor, id));
  }
  Task<Status> accept(const audit::Actor& actor,
                      core::ServerId id,
                      std::optional<core::ToolId> tool) override {
    return core::on_loop(owner_, do_accept(actor, id, tool));
  }
  Task<Status> set_enabled(const audit::Actor& actor, core::ToolId tool, bool enabled) override {
    return core::on_loop(owner_, do_set_enabled(actor, tool, enabled));
  }
  Task<Status> listed(core::ServerId id, std::vector<Tool> tools) override {
    return core::on_loop(owner_, do_listed(id, std::move(tools)));
  }
  Task<void> report_lists(core::ServerId id, std::shared_ptr<const ServerLists> lists) override {
    return core::on_loop(owner_, do_report_lists(id, std::move(lists)));
  }
  Task<void> report_status(core::ServerId id, ServerStatus status, std::string error) override {
    return core::on_loop(owner_, do_report_status(id, status, std::move(error)));
  }

 private:
  /// What the owner knows of one tool: the row and, read from it once, the tool for snapshots.
  struct Entry {
    ToolRow row;
    ToolPtr tool;
  };

  Task<Status> do_start() {
    const auto turn = co_await changes_.lock();
    PRELOOP_CO_TRY(std::vector<Server> servers, co_await repo_.servers());
    PRELOOP_CO_TRY(std::vector<ToolRow> tools, co_await repo_.tools());
    for (Server& server : servers) {
      const core::ServerId id = server.id;
      servers_[id] = std::make_shared<const Server>(std::move(server));
    }
    for (ToolRow& row : tools) {
      put(std::move(row));
    }
    co_await publish();
    if (observer_ != nullptr) {
      for (const auto& [id, server] : servers_) {
        observer_->server_started(*server);
      }
    }
    co_return Status();
  }

  Task<core::Result<Server>> do_add(audit::Actor actor, ServerConfig config) {
    const auto turn = co_await changes_.lock();
    PRELOOP_CO_CHECK(check_config(config));
    if (find_name(config.name) != nullptr) {
      co_return fail(Code::already_exists,
                     fmt::format("there is a server named '{}' already", config.name));
    }
    if (servers_.size() >= k_max_servers) {
      co_return fail(Code::resource_exhausted, fmt::format("more than {} servers", k_max_servers));
    }
    Server server;
    server.id = core::ServerId::make(clock_.wall());
    server.config = std::move(config);
    store::Unit unit = change(actor, audit::Kind::config_server_added, server, config_json(server));
    unit.add(repo_.insert_server(server, clock_.wall()));
    PRELOOP_CO_CHECK(co_await database_.commit(std::move(unit), store::Durability::strict));
    co_return co_await adopt(std::move(server));
  }

  Task<core::Result<Server>> do_update(audit::Actor actor,
                                       core::ServerId id,
                                       ServerConfig config,
                                       std::int64_t revision) {
    const auto turn = co_await changes_.lock();
    PRELOOP_CO_CHECK(check_config(config));
    const auto found = servers_.find(id);
    if (found == servers_.end()) {
      co_return fail(Code::not_found, "there is no such server");
    }
    const Server* const same_name = find_name(config.name);
    if (same_name != nullptr && same_name->id != id) {
      co_return fail(Code::already_exists,
                     fmt::format("there is a server named '{}' already", config.name));
    }
    if (found->second->revision != revision) {
      co_return fail(Code::aborted, "the server was changed meanwhile; read it again");
    }
    Server server = *found->second;
    server.config = std::move(config);
    server.lists = nullptr;  // of what it was
    ++server.revision;
    server.status = ServerStatus::connecting;
    server.last_error.clear();
    store::Unit unit =
        change(actor, audit::Kind::config_server_updated, server, config_json(server));
    unit.guard = store::Unit::Guard{repo_.update_server(server)};
    PRELOOP_CO_CHECK(co_await database_.commit(std::move(unit), store::Durability::strict));
    co_return co_await adopt(std::move(server));
  }

  Task<Status> do_remove(audit::Actor actor, core::ServerId id) {
    const auto turn = co_await changes_.lock();
    const auto found = servers_.find(id);
    if (found == servers_.end()) {
      co_return fail(Code::not_found, "there is no such server");
    }
    store::Unit unit = change(actor, audit::Kind::config_server_removed, *found->second, {});
    unit.add(repo_.delete_server(id));
    PRELOOP_CO_CHECK(co_await database_.commit(std::move(unit), store::Durability::strict));
    servers_.erase(id);
    std::erase_if(tools_, [&](const auto& entry) { return entry.second.row.server == id; });
    if (observer_ != nullptr) {
      observer_->server_removed(id);
    }
    co_await publish();
    co_return Status();
  }

  Task<Status> do_accept(audit::Actor actor, core::ServerId id, std::optional<core::ToolId> only) {
    const auto turn = co_await changes_.lock();
    const auto server = servers_.find(id);
    if (server == servers_.end()) {
      co_return fail(Code::not_found, "there is no such server");
    }
    std::vector<ToolRow> accepted;
    for (const auto& [tool_id, entry] : tools_) {
      const bool wanted = entry.row.server == id && (!only || *only == tool_id);
      if (wanted && entry.row.pin != PinState::accepted) {
        ToolRow row = entry.row;
        row.pin = PinState::accepted;
        row.accepted_definition = row.definition;
        accepted.push_back(std::move(row));
      }
    }
    if (only && !tools_.contains(*only)) {
      co_return fail(Code::not_found, "there is no such tool");
    }
    if (accepted.empty()) {
      co_return Status();
    }
    std::vector<std::string> notes;
    notes.reserve(accepted.size());
    for (const ToolRow& row : accepted) {
      notes.push_back(row.name);
    }
    store::Unit unit =
        change(actor, audit::Kind::config_tool_accepted, *server->second, notes_json(notes));
    for (const ToolRow& row : accepted) {
      unit.add(repo_.put_tool(row));
    }
    PRELOOP_CO_CHECK(co_await database_.commit(std::move(unit), store::Durability::strict));
    for (ToolRow& row : accepted) {
      put(std::move(row));
    }
    co_await publish();
    co_return Status();
  }

  Task<Status> do_set_enabled(audit::Actor actor, core::ToolId id, bool enabled) {
    const auto turn = co_await changes_.lock();
    const auto found = tools_.find(id);
    if (found == tools_.end()) {
      co_return fail(Code::not_found, "there is no such tool");
    }
    ToolRow row = found->second.row;
    if (row.enabled == enabled) {
      co_return Status();
    }
    row.enabled = enabled;
    store::Unit unit = change(actor,
                              audit::Kind::config_tool_updated,
                              *servers_.at(row.server),
                              notes_json({row.name + (enabled ? ": enabled" : ": disabled")}));
    unit.add(repo_.put_tool(row));
    PRELOOP_CO_CHECK(co_await database_.commit(std::move(unit), store::Durability::strict));
    put(std::move(row));
    co_await publish();
    co_return Status();
  }

  Task<Status> do_listed(core::ServerId id, std::vector<Tool> tools) {
    const auto turn = co_await changes_.lock();
    const auto found = servers_.find(id);
    if (found == servers_.end()) {
      co_return fail(Code::not_found, "the server was removed meanwhile");
    }
    if (tools.size() > k_max_tools_per_server) {
      co_return fail(Code::resource_exhausted,
                     fmt::format("lists more than {} tools", k_max_tools_per_server));
    }
    std::vector<ToolRow> stored;
    for (const auto& [tool_id, entry] : tools_) {
      if (entry.row.server == id) {
        stored.push_back(entry.row);
      }
    }
    ListingChange change_of = apply_listing(*found->second, stored, tools, clock_.wall());
    Server server = *found->second;
    const bool was_ready = server.status == ServerStatus::ready && server.last_error.empty();
    server.accepted = true;
    server.status = ServerStatus::ready;
    server.last_error.clear();
    server.last_scan_at = clock_.wall();
    const bool changes = !change_of.changed.empty() || change_of.accepts_server;
    if (changes) {
      const audit::Actor actor{.type = audit::ActorClass::system, .id = {}, .name = "listing"};
      store::Unit unit =
          change(actor, audit::Kind::config_tool_updated, server, notes_json(change_of.notes));
      if (change_of.accepts_server) {
        unit.add(repo_.mark_accepted(id));
      }
      for (const ToolRow& row : change_of.changed) {
        unit.add(repo_.put_tool(row));
      }
      PRELOOP_CO_CHECK(co_await database_.commit(std::move(unit), store::Durability::strict));
    }
    for (ToolRow& row : change_of.changed) {
      put(std::move(row));
    }
    servers_[id] = std::make_shared<const Server>(std::move(server));
    co_await publish();
    if (!changes && !was_ready) {
      co_await announce_status(id);
    }
    co_return Status();
  }

  Task<void> do_report_lists(core::ServerId id, std::shared_ptr<const ServerLists> lists) {
    const auto turn = co_await changes_.lock();
    const auto found = servers_.find(id);
    if (found == servers_.end() ||
        (found->second->lists && found->second->lists->digest == lists->digest)) {
      co_return;
    }
    Server server = *found->second;
    server.lists = std::move(lists);
    servers_[id] = std::make_shared<const Server>(std::move(server));
    co_await publish();
  }

  Task<void> do_report_status(core::ServerId id, ServerStatus status, std::string error) {
    const auto turn = co_await changes_.lock();
    const auto found = servers_.find(id);
    if (found == servers_.end() ||
        (found->second->status == status && found->second->last_error == error)) {
      co_return;
    }
    Server server = *found->second;
    server.status = status;
    server.last_error = std::move(error);
    servers_[id] = std::make_shared<const Server>(std::move(server));
    co_await publish();
    co_await announce_status(id);
  }

  /// Only a hint for the live view: the status itself is not stored.
  Task<void> announce_status(core::ServerId id) {
    store::Unit unit;
    events::announce(unit, account_, events::Kind::server_updated, id.to_string(), clock_.wall());
    if (const auto told = co_await database_.commit(std::move(unit), store::Durability::standard);
        !told) {
      core::log::warn("a server's new status is not in the live view",
                      {{"error", told.error().message}});
    }
  }

  /// A unit with the record and the event of a change to `server`.
  store::Unit change(const audit::Actor& actor,
                     audit::Kind kind,
                     const Server& server,
                     std::string details) const {
    store::Unit unit;
    audit::Record record;
    record.kind = kind;
    record.actor = actor;
    record.subject = {"server", server.id.to_string()};
    record.server = server.config.name;
    record.details = std::move(details);
    unit.drafts.push_back(audit::make_draft(account_, record));
    events::announce(
        unit, account_, events::Kind::server_updated, server.id.to_string(), clock_.wall());
    return unit;
  }

  static std::string config_json(const Server& server) {
    std::string out;
    core::JsonWriter writer(out);
    writer.begin_object().key("config");
    write_config(writer, server.config);
    writer.end_object();
    return out;
  }
  static std::string notes_json(const std::vector<std::string>& notes) {
    std::string out;
    core::JsonWriter writer(out);
    writer.begin_object().key("tools").begin_array();
    for (const std::string& note : notes) {
      writer.string(note);
    }
    writer.end_array().end_object();
    return out;
  }

  Task<Server> adopt(Server server) {
    auto shared = std::make_shared<const Server>(std::move(server));
    servers_[shared->id] = shared;
    for (auto& [id, entry] : tools_) {
      if (entry.row.server == shared->id) {
        entry.tool = nullptr;  // its exposed name may have changed
      }
    }
    if (observer_ != nullptr) {
      observer_->server_started(*shared);
    }
    co_await publish();
    co_return *shared;
  }

  void put(ToolRow row) {
    const core::ToolId id = row.id;
    tools_.insert_or_assign(id, Entry{std::move(row), nullptr});
  }

  const Server* find_name(std::string_view name) const {
    for (const auto& [id, server] : servers_) {
      if (server->config.name == name) {
        return server.get();
      }
    }
    return nullptr;
  }

  /// Reads the definition and compiles its schema once, until the row changes.
  ToolPtr tool_of(Entry& entry, const Server& server) const {
    if (entry.tool) {
      return entry.tool;
    }
    const auto parsed = core::JsonDocument::parse(entry.row.definition);
    auto read = parsed ? read_definition(parsed->root(), entry.row.definition)
                       : core::Result<Tool>(std::unexpected(parsed.error()));
    if (!read) {
      core::log::error("a stored tool definition cannot be read; the tool is left out",
                       {{"server", server.config.name}, {"error", read.error().message}});
      return nullptr;
    }
    Tool& tool = *read;
    tool.id = entry.row.id;
    tool.server = server.id;
    tool.server_name = server.config.name;
    tool.exposed_name = exposed_name(server.config.name, tool.name);
    tool.pin = entry.row.pin;
    tool.accepted_definition = entry.row.accepted_definition;
    tool.enabled = entry.row.enabled;
    entry.tool = std::make_shared<const Tool>(std::move(tool));
    return entry.tool;
  }

  Task<void> publish() {
    std::vector<std::shared_ptr<const Server>> servers;
    std::vector<ToolPtr> tools;
    for (const auto& [id, server] : servers_) {
      servers.push_back(server);
      std::vector<Entry*> of_server;
      for (auto& [tool_id, entry] : tools_) {
        if (entry.row.server == id && entry.row.present) {
          of_server.push_back(&entry);
        }
      }
      std::ranges::sort(of_server, {}, [](const Entry* entry) { return entry->row.position; });
      for (Entry* const entry : of_server) {
        if (ToolPtr tool = tool_of(*entry, *server)) {
          tools.push_back(std::move(tool));
        }
      }
    }
    co_await snapshot_.publish(
        std::make_shared<const Catalogue>(std::move(servers), std::move(tools)));
  }

  core::Loop& owner_;
  store::Database& database_;
  const core::Clock& clock_;
  core::AccountId account_;
  CatalogueRepo repo_;
  CatalogueSnapshot snapshot_;
  core::AsyncMutex changes_;
  ServerObserver* observer_ = nullptr;
  std::map<core::ServerId, std::shared_ptr<const Server>> servers_;  ///< in order of creation
  std::map<core::ToolId, Entry> tools_;
};

}  // namespace

std::unique_ptr<CatalogueService> CatalogueService::create(Dependencies dependencies) {
  return std::make_unique<Service>(dependencies);
}

}  // namespace preloop::catalogue
